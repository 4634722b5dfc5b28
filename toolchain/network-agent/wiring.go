// This file works out, from the nodes alone, what this node's pod network should look like.
package main

import (
	"net/netip"
	"slices"
)

type wiring struct {
	// known is false until the nodes have been read once: before that no route may be removed.
	known bool
	own   netip.Prefix
	// peers maps a peer's pod range to the address it is reached by.
	peers map[netip.Prefix]netip.Addr
}

// wiringFor leaves out a peer that has no pod range or no IPv4 address yet.
func wiringFor(self string, nodes map[string]node) wiring {
	result := wiring{known: true, peers: map[netip.Prefix]netip.Addr{}}
	for name, peer := range nodes {
		pods, err := netip.ParsePrefix(peer.Spec.PodCIDR)
		if err != nil || !pods.Addr().Is4() {
			continue
		}
		if name == self {
			result.own = pods.Masked()
		} else if address := internalAddress(peer); address.IsValid() {
			result.peers[pods.Masked()] = address
		}
	}
	return result
}

func internalAddress(peer node) netip.Addr {
	for _, entry := range peer.Status.Addresses {
		if address, err := netip.ParseAddr(entry.Address); err == nil && entry.Type == "InternalIP" && address.Is4() {
			return address
		}
	}
	return netip.Addr{}
}

func sameWiring(one, other node) bool {
	return one.Spec.PodCIDR == other.Spec.PodCIDR && slices.Equal(one.Status.Addresses, other.Status.Addresses)
}
