// This file puts the address on a kernel interface, takes it away and announces it.
package main

import (
	"fmt"
	"log"
	"net"
	"net/netip"

	"clusterdrill.invalid/toolchain/floating-ip/arp"
	"github.com/vishvananda/netlink"
)

type place struct {
	address netip.Addr
	device  netlink.Link
	socket  *arp.Socket
}

func openPlace(device string, address netip.Addr) (*place, error) {
	link, err := netlink.LinkByName(device)
	if err != nil {
		return nil, fmt.Errorf("interface %s: %w", device, err)
	}
	socket, err := arp.Open(device)
	if err != nil {
		return nil, err
	}
	return &place{address: address, device: link, socket: socket}, nil
}

// add gives the address a prefix of all bits, as kube-vip does: it brings no route along.
func (p *place) add() error {
	whole := &net.IPNet{IP: p.address.AsSlice(), Mask: net.CIDRMask(32, 32)}
	if err := netlink.AddrReplace(p.device, &netlink.Addr{IPNet: whole}); err != nil {
		return fmt.Errorf("adding %s: %w", p.address, err)
	}
	log.Printf("added %s to %s", p.address, p.device.Attrs().Name)
	return nil
}

func (p *place) announce() error {
	return p.socket.Send(arp.Announcement(p.socket.MAC, p.address))
}

// remove takes the address away whatever its prefix is, and says nothing when it is not there.
func (p *place) remove(because string) error {
	present, err := netlink.AddrList(p.device, netlink.FAMILY_V4)
	if err != nil {
		return fmt.Errorf("addresses of %s: %w", p.device.Attrs().Name, err)
	}
	for _, each := range present {
		if !each.IP.Equal(p.address.AsSlice()) {
			continue
		}
		if err := netlink.AddrDel(p.device, &each); err != nil {
			return fmt.Errorf("removing %s: %w", p.address, err)
		}
		log.Printf("removed %s from %s: %s", p.address, p.device.Attrs().Name, because)
	}
	return nil
}
