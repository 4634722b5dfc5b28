// This file brings the kernel's routes and packet filter to what they should be, and touches them
// only where they differ. Its routes carry a protocol number of their own, so that it removes none
// that somebody else has set.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

const (
	routeProtocol = "117"
	configuration = "/etc/cni/net.d/10-clusterdrill.conflist"
)

// command runs with a limit, for a lock that another program holds must not stop the agent.
func command(ctx context.Context, name string, arguments ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	output, err := exec.CommandContext(ctx, name, arguments...).CombinedOutput()
	if err != nil {
		return output, fmt.Errorf("%s %s: %w: %s", name, strings.Join(arguments, " "), err, bytes.TrimSpace(output))
	}
	return output, nil
}

func keepRoutes(ctx context.Context, wanted map[netip.Prefix]netip.Addr) error {
	table, err := os.ReadFile("/proc/net/route")
	if err != nil {
		return err
	}
	present := parseRoutes(string(table))
	for pods, through := range wanted {
		if present[pods] == through {
			continue
		}
		if _, err := command(ctx, "ip", "route", "replace", pods.String(), "via", through.String(), "proto", routeProtocol); err != nil {
			return err
		}
	}
	return dropRoutes(ctx, present, wanted)
}

// dropRoutes asks who set a route only when there is one through a gateway that is not wanted.
func dropRoutes(ctx context.Context, present, wanted map[netip.Prefix]netip.Addr) error {
	suspicious := false
	for pods, through := range present {
		_, expected := wanted[pods]
		suspicious = suspicious || !expected && !through.IsUnspecified() && pods.Bits() > 0
	}
	if !suspicious {
		return nil
	}
	output, err := command(ctx, "ip", "-o", "route", "show", "proto", routeProtocol)
	if err != nil {
		return err
	}
	for scanner := bufio.NewScanner(bytes.NewReader(output)); scanner.Scan(); {
		fields := strings.Fields(scanner.Text())
		if len(fields) == 0 {
			continue
		}
		if pods, err := netip.ParsePrefix(fields[0]); err == nil && !wanted[pods].IsValid() {
			if _, err := command(ctx, "ip", "route", "del", pods.String(), "proto", routeProtocol); err != nil {
				return err
			}
		}
	}
	return nil
}

// parseRoutes reads the kernel's table: destination, gateway and mask are little-endian hexadecimal.
func parseRoutes(table string) map[netip.Prefix]netip.Addr {
	routes := map[netip.Prefix]netip.Addr{}
	for scanner := bufio.NewScanner(strings.NewReader(table)); scanner.Scan(); {
		fields := strings.Fields(scanner.Text())
		if len(fields) < 8 {
			continue
		}
		destination, isDestination := parseAddress(fields[1])
		through, isGateway := parseAddress(fields[2])
		mask, isMask := parseAddress(fields[7])
		if !isDestination || !isGateway || !isMask {
			continue
		}
		bits := 0
		for _, part := range mask.As4() {
			for ; part != 0; part <<= 1 {
				bits++
			}
		}
		routes[netip.PrefixFrom(destination, bits)] = through
	}
	return routes
}

func parseAddress(text string) (netip.Addr, bool) {
	var number uint32
	if count, err := fmt.Sscanf(text, "%08X", &number); err != nil || count != 1 || len(text) != 8 {
		return netip.Addr{}, false
	}
	return netip.AddrFrom4([4]byte{byte(number), byte(number >> 8), byte(number >> 16), byte(number >> 24)}), true
}

// keepPodsInside makes a pod address that nobody has unreachable. Without it a packet for a pod that
// is gone, or whose node is, would take the default route and leave this cluster's network.
func keepPodsInside(ctx context.Context, pods netip.Prefix) error {
	_, err := command(ctx, "ip", "route", "replace", "unreachable", pods.String(), "metric", "4096", "proto", routeProtocol)
	return err
}

var masqueradeCheckedAt time.Time

// keepMasquerade looks at the packet filter every half minute: reading it costs a process.
func keepMasquerade(ctx context.Context, pods netip.Prefix) error {
	if time.Since(masqueradeCheckedAt) < 30*time.Second {
		return nil
	}
	rule := []string{
		"-s", pods.String(), "!", "-d", pods.String(),
		"-m", "comment", "--comment", "clusterdrill: pods that leave the pod network",
		"-j", "MASQUERADE",
	}
	if _, err := command(ctx, "iptables", append([]string{"-w", "3", "-t", "nat", "-C", "POSTROUTING"}, rule...)...); err != nil {
		if _, err := command(ctx, "iptables", append([]string{"-w", "3", "-t", "nat", "-A", "POSTROUTING"}, rule...)...); err != nil {
			return err
		}
	}
	masqueradeCheckedAt = time.Now()
	return keepPodsInside(ctx, pods)
}

// writeConfiguration gives the node its CNI configuration. The addresses in use are remembered
// under /run, which a restart empties, as it empties the node of pods.
func writeConfiguration(own netip.Prefix) error {
	text, err := json.MarshalIndent(map[string]any{
		"cniVersion": "0.4.0",
		"name":       "clusterdrill",
		"plugins": []any{
			map[string]any{
				"type": "ptp",
				"mtu":  linkMTU(),
				"ipam": map[string]any{
					"type":    "host-local",
					"dataDir": "/run/clusterdrill/addresses",
					"ranges":  [][]map[string]string{{{"subnet": own.String()}}},
					"routes":  []map[string]string{{"dst": "0.0.0.0/0"}},
				},
			},
			map[string]any{"type": "portmap", "capabilities": map[string]bool{"portMappings": true}},
		},
	}, "", "  ")
	if err != nil {
		return err
	}
	if before, err := os.ReadFile(configuration); err == nil && bytes.Equal(before, text) {
		return nil
	}
	temporary := filepath.Join(filepath.Dir(configuration), ".clusterdrill.temporary")
	if err := os.WriteFile(temporary, text, 0o644); err != nil {
		return err
	}
	return os.Rename(temporary, configuration)
}

// linkMTU is that of the link to the other nodes, or Ethernet's where there is no such link.
func linkMTU() int {
	mtu := 1500
	if text, err := os.ReadFile("/sys/class/net/eth0/mtu"); err == nil {
		_, _ = fmt.Sscanf(string(text), "%d", &mtu)
	}
	return mtu
}
