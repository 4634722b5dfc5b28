// Package arp builds, reads, sends and receives ARP frames for IPv4 over Ethernet. This file knows
// the bytes alone (RFC 826; announcements and probes as RFC 5227 defines them) and refuses every
// other kind of address.
package arp

import (
	"encoding/binary"
	"net"
	"net/netip"
)

const (
	frameLength  = 42
	etherTypeARP = 0x0806
)

var everyone = net.HardwareAddr{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}

type Operation uint16

const (
	Request Operation = 1
	Reply   Operation = 2
)

// Frame is one ARP message with the Ethernet address it is sent to.
type Frame struct {
	Destination net.HardwareAddr
	Operation   Operation
	SenderMAC   net.HardwareAddr
	SenderIP    netip.Addr
	TargetMAC   net.HardwareAddr
	TargetIP    netip.Addr
}

// Announcement says to everyone that address is at own: a gratuitous ARP request.
func Announcement(own net.HardwareAddr, address netip.Addr) Frame {
	return Frame{
		Destination: everyone,
		Operation:   Request,
		SenderMAC:   own,
		SenderIP:    address,
		TargetMAC:   make(net.HardwareAddr, 6),
		TargetIP:    address,
	}
}

// Probe asks everyone who has address, and tells nothing that anybody would remember.
func Probe(own net.HardwareAddr, address netip.Addr) Frame {
	probe := Announcement(own, address)
	probe.SenderIP = netip.IPv4Unspecified()
	return probe
}

// Announces says whether the frame is a gratuitous one for the address, request or reply.
func (f Frame) Announces(address netip.Addr) bool {
	return f.SenderIP == address && f.TargetIP == address
}

// Answers says whether the frame tells own alone who has the address.
func (f Frame) Answers(own net.HardwareAddr, address netip.Addr) bool {
	return f.Operation == Reply && f.SenderIP == address && f.TargetIP != address && f.Destination.String() == own.String()
}

// Marshal gives the bytes from the Ethernet header on.
func (f Frame) Marshal() []byte {
	sender, target := f.SenderIP.As4(), f.TargetIP.As4()
	frame := make([]byte, 0, frameLength)
	frame = append(frame, f.Destination...)
	frame = append(frame, f.SenderMAC...)
	frame = binary.BigEndian.AppendUint16(frame, etherTypeARP)
	// Ethernet, IPv4, and the lengths of their addresses.
	frame = append(frame, 0, 1, 8, 0, 6, 4)
	frame = binary.BigEndian.AppendUint16(frame, uint16(f.Operation))
	frame = append(frame, f.SenderMAC...)
	frame = append(frame, sender[:]...)
	frame = append(frame, f.TargetMAC...)
	return append(frame, target[:]...)
}

// Parse reads such bytes; what follows them is padding. Anything but ARP for IPv4 over Ethernet is not ok.
func Parse(bytes []byte) (frame Frame, ok bool) {
	if len(bytes) < frameLength || binary.BigEndian.Uint16(bytes[12:]) != etherTypeARP {
		return Frame{}, false
	}
	if [6]byte(bytes[14:20]) != [6]byte{0, 1, 8, 0, 6, 4} {
		return Frame{}, false
	}
	part := func(from int) net.HardwareAddr { return append(net.HardwareAddr{}, bytes[from:from+6]...) }
	return Frame{
		Destination: part(0),
		Operation:   Operation(binary.BigEndian.Uint16(bytes[20:])),
		SenderMAC:   part(22),
		SenderIP:    netip.AddrFrom4([4]byte(bytes[28:32])),
		TargetMAC:   part(32),
		TargetIP:    netip.AddrFrom4([4]byte(bytes[38:42])),
	}, true
}
