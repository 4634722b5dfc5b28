// This file asks the API for nodes, first through the control plane's own endpoint and, when that
// does not answer, through the cluster's service address, in turn. Every request has a short limit
// and a silent connection is found by HTTP/2 pings, so that a dead apiserver costs seconds.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"
)

const account = "/var/run/secrets/kubernetes.io/serviceaccount/"

type node struct {
	Metadata struct {
		Name            string `json:"name"`
		ResourceVersion string `json:"resourceVersion"`
	} `json:"metadata"`
	Spec struct {
		PodCIDR string `json:"podCIDR"`
	} `json:"spec"`
	Status struct {
		Addresses []struct {
			Type    string `json:"type"`
			Address string `json:"address"`
		} `json:"addresses"`
	} `json:"status"`
}

type client struct {
	endpoints []string
	current   int
	http      *http.Client
}

func newClient() (*client, error) {
	authority, err := os.ReadFile(account + "ca.crt")
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(authority) {
		return nil, errors.New("the service account's ca.crt holds no certificate")
	}
	var endpoints []string
	if endpoint := os.Getenv("CONTROL_PLANE_ENDPOINT"); endpoint != "" {
		endpoints = append(endpoints, endpoint)
	}
	if host := os.Getenv("KUBERNETES_SERVICE_HOST"); host != "" {
		endpoints = append(endpoints, net.JoinHostPort(host, os.Getenv("KUBERNETES_SERVICE_PORT")))
	}
	if len(endpoints) == 0 {
		return nil, errors.New("neither CONTROL_PLANE_ENDPOINT nor KUBERNETES_SERVICE_HOST is set")
	}
	return &client{endpoints: endpoints, http: &http.Client{Transport: &http.Transport{
		TLSClientConfig:       &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		DialContext:           (&net.Dialer{Timeout: 2 * time.Second}).DialContext,
		TLSHandshakeTimeout:   2 * time.Second,
		ResponseHeaderTimeout: 5 * time.Second,
		ForceAttemptHTTP2:     true,
		HTTP2:                 &http.HTTP2Config{SendPingTimeout: 5 * time.Second, PingTimeout: 3 * time.Second},
	}}}, nil
}

// next turns to the other endpoint, with a fresh connection.
func (c *client) next() {
	c.current = (c.current + 1) % len(c.endpoints)
	c.http.CloseIdleConnections()
}

// watchNodes lists the nodes and follows their changes until the server ends the watch (nil) or
// something fails. A node's heartbeats are not changes: tell is called when the wiring may differ.
func (c *client) watchNodes(ctx context.Context, tell func(map[string]node)) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var list struct {
		Metadata struct {
			ResourceVersion string `json:"resourceVersion"`
		} `json:"metadata"`
		Items []node `json:"items"`
	}
	body, err := c.get(ctx, "")
	if err != nil {
		return err
	}
	err = json.NewDecoder(body).Decode(&list)
	_ = body.Close()
	if err != nil {
		return err
	}
	nodes := map[string]node{}
	for _, item := range list.Items {
		nodes[item.Metadata.Name] = item
	}
	tell(copyOf(nodes))

	body, err = c.get(ctx, "?watch=1&timeoutSeconds=300&resourceVersion="+list.Metadata.ResourceVersion)
	if err != nil {
		return err
	}
	defer func() { _ = body.Close() }()
	for decoder := json.NewDecoder(body); ; {
		var event struct {
			Type   string `json:"type"`
			Object node   `json:"object"`
		}
		if err := decoder.Decode(&event); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if event.Type == "ERROR" {
			return nil
		}
		name := event.Object.Metadata.Name
		before, known := nodes[name]
		if event.Type == "DELETED" {
			delete(nodes, name)
		} else if known && sameWiring(before, event.Object) {
			continue
		} else {
			nodes[name] = event.Object
		}
		tell(copyOf(nodes))
	}
}

func (c *client) get(ctx context.Context, query string) (io.ReadCloser, error) {
	url := "https://" + c.endpoints[c.current] + "/api/v1/nodes" + query
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	token, err := os.ReadFile(account + "token")
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+string(token))
	response, err := c.http.Do(request)
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		_ = response.Body.Close()
		return nil, fmt.Errorf("GET %s: %s", url, response.Status)
	}
	return response.Body, nil
}

func copyOf(nodes map[string]node) map[string]node {
	copied := make(map[string]node, len(nodes))
	for name, value := range nodes {
		copied[name] = value
	}
	return copied
}
