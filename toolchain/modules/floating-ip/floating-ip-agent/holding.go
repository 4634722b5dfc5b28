// This file is what a holder does during one term: it has the address and announces it. A term that
// is over cannot begin to hold any more, in whatever order its callbacks come.
package main

import (
	"context"
	"log"
	"sync"
	"time"
)

// addressPlace is where an address is put: the kernel's interface, or a test's.
type addressPlace interface {
	add() error
	announce() error
	remove(because string) error
}

type holding struct {
	place addressPlace
	every time.Duration
	mutex sync.Mutex
	begun bool
	over  bool
	// failed is why the address is perhaps still there.
	failed error
}

func newHolding(place addressPlace, every time.Duration) *holding {
	return &holding{place: place, every: every}
}

// keep holds the address until the term ends. An announcement that cannot be sent is logged, and
// the next one is tried; an address that cannot be added is an error.
func (h *holding) keep(term context.Context) error {
	if err := h.begin(); err != nil {
		return err
	}
	ticker := time.NewTicker(h.every)
	defer ticker.Stop()
	for {
		if !h.announce() {
			return nil
		}
		select {
		case <-term.Done():
			return h.end("term over")
		case <-ticker.C:
		}
	}
}

func (h *holding) begin() error {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	if h.over {
		return nil
	}
	h.begun = true
	return h.place.add()
}

func (h *holding) announce() bool {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	if h.over {
		return false
	}
	if err := h.place.announce(); err != nil {
		log.Printf("announcement: %v", err)
	}
	return true
}

// end takes the address away, once, and says to each caller whether that failed; whoever learns
// first that the term is over calls it.
func (h *holding) end(because string) error {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	if h.over || !h.begun {
		h.over = true
		return h.failed
	}
	h.over = true
	h.failed = h.place.remove(because)
	return h.failed
}
