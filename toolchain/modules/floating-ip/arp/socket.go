// This file is the way to the segment: a raw socket that sees and sends ARP alone.
package arp

import (
	"errors"
	"fmt"
	"net"
	"time"

	"golang.org/x/sys/unix"
)

// Socket sends and receives ARP frames on one interface. It is for one goroutine.
type Socket struct {
	MAC   net.HardwareAddr
	file  int
	index int
}

// Open needs the capability NET_RAW, and an interface with an Ethernet address.
func Open(name string) (*Socket, error) {
	device, err := net.InterfaceByName(name)
	if err != nil {
		return nil, fmt.Errorf("interface %s: %w", name, err)
	}
	if len(device.HardwareAddr) != 6 {
		return nil, fmt.Errorf("interface %s has no Ethernet address", name)
	}
	protocol := int(networkOrder(etherTypeARP))
	file, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, protocol)
	if err != nil {
		return nil, fmt.Errorf("raw socket: %w", err)
	}
	address := &unix.SockaddrLinklayer{Protocol: networkOrder(etherTypeARP), Ifindex: device.Index}
	if err := unix.Bind(file, address); err != nil {
		_ = unix.Close(file)
		return nil, fmt.Errorf("raw socket on %s: %w", name, err)
	}
	return &Socket{MAC: device.HardwareAddr, file: file, index: device.Index}, nil
}

func networkOrder(value uint16) uint16 { return value<<8 | value>>8 }

func (s *Socket) Close() error { return unix.Close(s.file) }

func (s *Socket) Send(frame Frame) error {
	return unix.Sendto(s.file, frame.Marshal(), 0, &unix.SockaddrLinklayer{Ifindex: s.index})
}

// Receive gives the next frame that has come in already; ok is false when there is none.
func (s *Socket) Receive() (frame Frame, ok bool, err error) {
	for buffer := make([]byte, 128); ; {
		length, _, err := unix.Recvfrom(s.file, buffer, 0)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.EAGAIN):
			return Frame{}, false, nil
		case err != nil:
			return Frame{}, false, err
		}
		if frame, ok := Parse(buffer[:length]); ok {
			return frame, true, nil
		}
	}
}

// Wait returns when a frame has come in, or the time is over.
func (s *Socket) Wait(limit time.Duration) error {
	left := unix.NsecToTimespec(max(0, limit).Nanoseconds())
	_, err := unix.Ppoll([]unix.PollFd{{Fd: int32(s.file), Events: unix.POLLIN}}, &left, nil)
	if errors.Is(err, unix.EINTR) {
		return nil
	}
	return err
}
