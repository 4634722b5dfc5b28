/**
 * The Debian packages that the two roots are made of. A root has nothing that is not named here or
 * needed by what is.
 */

/**
 * For every container image: what kube-proxy, the network agent, HAProxy and Redis need, and Node's
 * C++ library; what the toolbox serves with (keepalived, nginx, docker-registry) and looks with
 * (arping, ping). For HTTP requests there is busybox's wget: curl would bring 12 MB of libraries.
 */
export const CONTAINER_PACKAGES = [
  'busybox',
  'ca-certificates',
  'conntrack',
  'docker-registry',
  'haproxy',
  'iproute2',
  'iptables',
  'iputils-arping',
  'iputils-ping',
  'keepalived',
  'kmod',
  'libstdc++6',
  'nftables',
  'nginx',
  'procps',
  'redis-server',
]

/** For the node: systemd, containerd and what kubelet calls; keepalived and arping for floating addresses. */
export const NODE_PACKAGES = [
  'ca-certificates',
  'conntrack',
  'containerd',
  'containernetworking-plugins',
  'curl',
  'dbus',
  'ethtool',
  'iproute2',
  'iptables',
  'iputils-arping',
  'iputils-ping',
  'keepalived',
  'kmod',
  'mount',
  'nftables',
  'procps',
  'runc',
  'socat',
  'systemd',
  'systemd-sysv',
  'util-linux',
]
