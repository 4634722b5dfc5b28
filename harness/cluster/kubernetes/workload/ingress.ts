/**
 * nginx as the way in: a reverse proxy before the page. It looks the page's Service up once, as it
 * starts, for the address of a Service does not change. Pure; the text is mounted from a ConfigMap.
 */
import type { Workload } from '../../../model/topology.ts'
import { hostOf, portOf } from './namespaces.ts'

/** nginx answers here by itself, whatever becomes of the page. */
export const ingressReadyPath = '/nginx-ready'

/**
 * A connection that the page does not take within a second is tried once more, which leads to
 * another of its pods half the time; the clients of a drill give up after two. The Service stands
 * there twice because nginx tries no server a second time, and is never put aside (`max_fails=0`).
 */
export function nginxConfig(workload: Workload): string {
  const page = `server ${hostOf(workload, 'page')}:${portOf('page')} max_fails=0;`
  return `worker_processes 1;
pid /tmp/nginx.pid;
error_log stderr warn;

events {
    worker_connections 1024;
}

http {
    access_log off;
    client_body_temp_path /tmp/client-body;
    proxy_temp_path /tmp/proxy;
    fastcgi_temp_path /tmp/fastcgi;
    uwsgi_temp_path /tmp/uwsgi;
    scgi_temp_path /tmp/scgi;

    upstream page {
        ${page}
        ${page}
    }

    server {
        listen ${portOf('ingress')};

        location = ${ingressReadyPath} {
            default_type text/plain;
            return 200 "ready\\n";
        }

        location / {
            proxy_pass http://page;
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_connect_timeout 1s;
            proxy_send_timeout 5s;
            proxy_read_timeout 5s;
            proxy_next_upstream error timeout;
            proxy_next_upstream_tries 2;
        }
    }
}
`
}
