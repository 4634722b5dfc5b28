package flags

import (
	"net/netip"
	"reflect"
	"testing"
	"time"
)

func TestReadTakesBothFormsAndDefaults(t *testing.T) {
	var address netip.Addr
	var every time.Duration
	var name string
	problems := Read([]string{"--address", "10.0.0.9", "--every=250ms"}, []Flag{
		{Name: "address", Set: Address(&address)},
		{Name: "every", Default: "1s", Set: Duration(&every)},
		{Name: "interface", Default: "eth0", Set: Text(&name)},
	})
	if len(problems) != 0 || address != netip.MustParseAddr("10.0.0.9") || every != 250*time.Millisecond || name != "eth0" {
		t.Errorf("got %v %v %v %v", problems, address, every, name)
	}
}

func TestReadSaysAllMistakesAtOnce(t *testing.T) {
	var address netip.Addr
	var every time.Duration
	var name string
	got := Read([]string{"--wrong", "1", "loose", "--address", "fe80::1", "--every", "--interface="}, []Flag{
		{Name: "address", Set: Address(&address)},
		{Name: "every", Default: "1s", Set: Duration(&every)},
		{Name: "interface", Default: "eth0", Set: Text(&name)},
	})
	want := []string{
		"--wrong is not a flag",
		"loose is not a flag",
		"--every needs a value",
		`--address "fe80::1": one IPv4 address is needed`,
		`--interface "": it must not be empty`,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q", got)
	}
}
