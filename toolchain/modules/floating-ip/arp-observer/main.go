// Command arp-observer watches who answers for one IPv4 address on a segment. It asks with probes
// that leave every cache as it was, and prints JSON lines: who answered, and every announcement of
// the address that it sees. It ends with an error when it can no longer send or receive, for a
// question that was not asked says nothing about who would have answered.
package main

import (
	"encoding/json"
	"log"
	"net/netip"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"clusterdrill.invalid/toolchain/floating-ip/arp"
	"clusterdrill.invalid/toolchain/floating-ip/flags"
)

const purpose = "arp-observer prints as JSON lines who answers for one address on a segment."

type answerLine struct {
	At   float64  `json:"at"`
	MACs []string `json:"macs"`
}

type announcementLine struct {
	At        float64 `json:"at"`
	Announced string  `json:"announced"`
}

func main() {
	log.SetFlags(0)
	var address netip.Addr
	var device string
	var every time.Duration
	flags.ReadOrExit(purpose, []flags.Flag{
		{Name: "address", Help: "the IPv4 address to ask for", Set: flags.Address(&address)},
		{Name: "interface", Default: "eth0", Help: "the interface on the segment", Set: flags.Text(&device)},
		{Name: "every", Default: "100ms", Help: "the time from one question to the next", Set: flags.Duration(&every)},
	}, func() []string { return nil })
	var ended atomic.Bool
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	go func() {
		<-signals
		ended.Store(true)
	}()
	if err := observe(device, address, every, &ended); err != nil {
		log.Fatal(err)
	}
}

// observe uses one goroutine, so that what came in before a round ends is always counted in it.
func observe(device string, address netip.Addr, every time.Duration, ended *atomic.Bool) error {
	socket, err := arp.Open(device)
	if err != nil {
		return err
	}
	defer func() { _ = socket.Close() }()
	output := json.NewEncoder(os.Stdout)
	began := time.Now()
	at := func(elapsed time.Duration) float64 {
		return float64(began.Add(elapsed).UnixMicro()) / 1000
	}
	rounds := newRounds()
	for pace := newPace(every); !ended.Load(); {
		for {
			frame, ok, err := socket.Receive()
			if err != nil {
				return err
			}
			if !ok {
				break
			}
			if frame.Announces(address) {
				line := announcementLine{at(time.Since(began)), frame.SenderMAC.String()}
				if err := output.Encode(line); err != nil {
					return err
				}
			}
			if frame.Answers(socket.MAC, address) {
				rounds.answered(frame.SenderMAC.String())
			}
		}
		now := time.Since(began)
		if wait := pace.left(now); wait > 0 {
			if err := socket.Wait(wait); err != nil {
				return err
			}
			continue
		}
		if asked, macs, worth := rounds.turn(now, every); worth {
			if err := output.Encode(answerLine{at(asked), macs}); err != nil {
				return err
			}
		}
		pace.asked(now)
		if err := socket.Send(arp.Probe(socket.MAC, address)); err != nil {
			return err
		}
	}
	return nil
}
