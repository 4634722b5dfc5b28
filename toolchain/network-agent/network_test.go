package main

import (
	"encoding/json"
	"net/netip"
	"reflect"
	"testing"
)

func nodes(t *testing.T, text string) map[string]node {
	t.Helper()
	var list []node
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		t.Fatal(err)
	}
	byName := map[string]node{}
	for _, item := range list {
		byName[item.Metadata.Name] = item
	}
	return byName
}

func TestWiringFor(t *testing.T) {
	got := wiringFor("a", nodes(t, `[
		{"metadata":{"name":"a"},"spec":{"podCIDR":"10.244.0.0/24"},"status":{"addresses":[{"type":"InternalIP","address":"172.18.0.2"}]}},
		{"metadata":{"name":"b"},"spec":{"podCIDR":"10.244.1.0/24"},"status":{"addresses":[{"type":"Hostname","address":"b"},{"type":"InternalIP","address":"172.18.0.3"}]}},
		{"metadata":{"name":"without-range"},"spec":{},"status":{"addresses":[{"type":"InternalIP","address":"172.18.0.4"}]}},
		{"metadata":{"name":"without-address"},"spec":{"podCIDR":"10.244.3.0/24"},"status":{"addresses":[{"type":"Hostname","address":"172.18.0.9"}]}}
	]`))
	want := wiring{
		known: true,
		own:   netip.MustParsePrefix("10.244.0.0/24"),
		peers: map[netip.Prefix]netip.Addr{netip.MustParsePrefix("10.244.1.0/24"): netip.MustParseAddr("172.18.0.3")},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
}

func TestParseRoutes(t *testing.T) {
	got := parseRoutes("Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n" +
		"eth0\t00000000\t010012AC\t0003\t0\t0\t0\t00000000\t0\t0\t0\n" +
		"eth0\t0001F40A\t030012AC\t0003\t0\t0\t0\t00FFFFFF\t0\t0\t0\n" +
		"eth0\t000012AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n")
	want := map[netip.Prefix]netip.Addr{
		netip.MustParsePrefix("0.0.0.0/0"):     netip.MustParseAddr("172.18.0.1"),
		netip.MustParsePrefix("10.244.1.0/24"): netip.MustParseAddr("172.18.0.3"),
		netip.MustParsePrefix("172.18.0.0/16"): netip.MustParseAddr("0.0.0.0"),
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v", got)
	}
}

func TestAHeartbeatIsNoChange(t *testing.T) {
	before := nodes(t, `[{"metadata":{"name":"a","resourceVersion":"1"},"spec":{"podCIDR":"10.244.0.0/24"}}]`)["a"]
	after := before
	after.Metadata.ResourceVersion = "2"
	if !sameWiring(before, after) {
		t.Error("a new resource version alone counted as a change")
	}
	after.Spec.PodCIDR = "10.244.9.0/24"
	if sameWiring(before, after) {
		t.Error("a new pod range did not count as a change")
	}
}
