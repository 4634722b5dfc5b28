// This file keeps the time and the answers of the rounds. It reads no clock: the caller says how
// long it has been since the start.
package main

import (
	"maps"
	"slices"
	"time"
)

// pace says when to ask. Questions stay on the grid that the start laid down: one that comes late
// does not move the later ones, and one that would come less than half a period after the last is
// left out, for its answers would have no time to arrive.
type pace struct {
	every time.Duration
	next  time.Duration
}

func newPace(every time.Duration) *pace { return &pace{every: every} }

func (p *pace) left(now time.Duration) time.Duration { return p.next - now }

func (p *pace) asked(now time.Duration) {
	for p.next < now+p.every/2 {
		p.next += p.every
	}
}

// reportEvery is how long the output is silent at most while nothing changes.
const reportEvery = time.Second

// rounds collects who answered between one question and the next.
type rounds struct {
	begun      bool
	asked      time.Duration
	current    map[string]bool
	before     []string
	reported   bool
	reportedAt time.Duration
}

func newRounds() *rounds { return &rounds{current: map[string]bool{}} }

func (r *rounds) answered(mac string) {
	if r.begun {
		r.current[mac] = true
	}
}

// turn ends a round and begins the next. A finished round is worth a line when it differs from the
// one before, or when the next would come too late for the promised silence.
func (r *rounds) turn(now, every time.Duration) (asked time.Duration, macs []string, worth bool) {
	asked, macs = r.asked, slices.Sorted(maps.Keys(r.current))
	if macs == nil {
		macs = []string{}
	}
	finished := r.begun
	r.begun, r.asked, r.current = true, now, map[string]bool{}
	if !finished {
		return asked, macs, false
	}
	worth = !r.reported || !slices.Equal(macs, r.before) || asked+every > r.reportedAt+reportEvery
	r.before = macs
	if worth {
		r.reported, r.reportedAt = true, asked
	}
	return asked, macs, worth
}
