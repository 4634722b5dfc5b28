// Command network-agent connects the pods of one node with those of its peers. It runs on every
// node in the host's network, learns all nodes from the API, and keeps three things as they should
// be: the node's CNI configuration (its own pod range), one route for each peer's pod range, and
// the masquerading of traffic that leaves the pod network. While the API is down it changes nothing
// and asks again within a second. It speaks IPv4 alone and refuses any other pod subnet.
package main

import (
	"context"
	"fmt"
	"log"
	"net/netip"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

const (
	// How often what the kernel holds is compared with what it should hold: a route disappears when
	// its link goes away, and nobody says so.
	compareEvery = 2 * time.Second
	retryAtFirst = 100 * time.Millisecond
	retryAtMost  = time.Second
)

func main() {
	log.SetFlags(log.LUTC | log.Ltime | log.Lmicroseconds)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err := run(ctx); err != nil && ctx.Err() == nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	self := os.Getenv("NODE_NAME")
	subnet, err := netip.ParsePrefix(os.Getenv("POD_SUBNET"))
	if err != nil || !subnet.Addr().Is4() || self == "" {
		return fmt.Errorf("NODE_NAME and POD_SUBNET (one IPv4 range) are needed: %q, %q", self, os.Getenv("POD_SUBNET"))
	}
	client, err := newClient()
	if err != nil {
		return err
	}
	changes := make(chan map[string]node)
	go follow(ctx, client, changes)

	var wanted wiring
	ticker := time.NewTicker(compareEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case nodes := <-changes:
			wanted = wiringFor(self, nodes)
		case <-ticker.C:
		}
		if wanted.own.IsValid() {
			report(writeConfiguration(wanted.own))
			report(keepMasquerade(ctx, subnet))
		}
		if wanted.known {
			report(keepRoutes(ctx, wanted.peers))
		}
	}
}

// follow sends the complete set of nodes at every change, for ever.
func follow(ctx context.Context, client *client, changes chan<- map[string]node) {
	retry := retryAtFirst
	for ctx.Err() == nil {
		began := time.Now()
		err := client.watchNodes(ctx, func(nodes map[string]node) {
			select {
			case changes <- nodes:
			case <-ctx.Done():
			}
		})
		if time.Since(began) > 5*time.Second {
			retry = retryAtFirst
		}
		if err == nil || ctx.Err() != nil {
			continue
		}
		report(err)
		client.next()
		select {
		case <-time.After(retry):
		case <-ctx.Done():
		}
		retry = min(2*retry, retryAtMost)
	}
}

var (
	reporting    sync.Mutex
	lastReported string
)

// report logs an error once, not at every comparison.
func report(err error) {
	if err == nil {
		return
	}
	reporting.Lock()
	defer reporting.Unlock()
	if text := err.Error(); text != lastReported {
		lastReported = text
		log.Print(text)
	}
}
