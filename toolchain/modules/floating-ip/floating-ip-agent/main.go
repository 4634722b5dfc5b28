// Command floating-ip-agent gives one IPv4 address to one node of a cluster at a time, as kube-vip
// does: the nodes elect a holder by a Lease, with the same library and the same timers, and the
// holder announces the address by gratuitous ARP. It runs in the host's network of every node. It
// keeps no address that it does not hold: not from a crash, not after a lost Lease, not at its end.
package main

import (
	"context"
	"fmt"
	"log"
	"net/netip"
	"os"
	"os/signal"
	"syscall"
	"time"

	"clusterdrill.invalid/toolchain/floating-ip/flags"
)

const purpose = "floating-ip-agent elects a holder of an address by a Lease and gives it the address."

type options struct {
	address       netip.Addr
	device        string
	namespace     string
	lease         string
	identity      string
	leaseDuration time.Duration
	renewDeadline time.Duration
	retryPeriod   time.Duration
	announceEvery time.Duration
}

func main() {
	log.SetFlags(log.LUTC | log.Ltime | log.Lmicroseconds)
	var options options
	flags.ReadOrExit(purpose, options.flags(), options.problems)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err := run(ctx, options); err != nil {
		log.Fatal(err)
	}
}

// flags has kube-vip's own timers as defaults: lease 5 s, deadline 3 s, retry 1 s, ARP every 3 s.
func (o *options) flags() []flags.Flag {
	return []flags.Flag{
		{Name: "address", Help: "the IPv4 address", Set: flags.Address(&o.address)},
		{Name: "interface", Default: "eth0", Help: "the interface that gets it", Set: flags.Text(&o.device)},
		{Name: "lease-namespace", Default: "kube-system", Help: "the namespace of the Lease", Set: flags.Text(&o.namespace)},
		{Name: "lease-name", Default: "clusterdrill-floating-ip", Help: "the name of the Lease", Set: flags.Text(&o.lease)},
		{Name: "identity", Default: os.Getenv("NODE_NAME"), Help: "the holder's name in the Lease; else NODE_NAME", Set: flags.Text(&o.identity)},
		{Name: "lease-duration", Default: "5s", Help: "how long others wait for a silent holder, in whole seconds", Set: flags.Duration(&o.leaseDuration)},
		{Name: "renew-deadline", Default: "3s", Help: "how long the holder tries to renew", Set: flags.Duration(&o.renewDeadline)},
		{Name: "retry-period", Default: "1s", Help: "the time between tries", Set: flags.Duration(&o.retryPeriod)},
		{Name: "announce-every", Default: "3s", Help: "the time between announcements", Set: flags.Duration(&o.announceEvery)},
	}
}

// problems are those that the election would refuse, and a duration that a Lease cannot hold.
func (o *options) problems() (problems []string) {
	if o.leaseDuration%time.Second != 0 {
		problems = append(problems, fmt.Sprintf("--lease-duration %s: a Lease holds whole seconds", o.leaseDuration))
	}
	if o.leaseDuration <= o.renewDeadline {
		problems = append(problems, fmt.Sprintf("--lease-duration %s must be above --renew-deadline %s", o.leaseDuration, o.renewDeadline))
	}
	if longest := o.retryPeriod * 6 / 5; o.renewDeadline <= longest {
		problems = append(problems, fmt.Sprintf("--renew-deadline %s must be above 1.2 times --retry-period, %s", o.renewDeadline, longest))
	}
	return problems
}
