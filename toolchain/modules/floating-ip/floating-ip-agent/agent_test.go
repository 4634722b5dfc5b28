package main

import (
	"context"
	"errors"
	"reflect"
	"sync"
	"testing"
	"time"

	"clusterdrill.invalid/toolchain/floating-ip/flags"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
)

func read(arguments ...string) (options, []string) {
	var read options
	problems := flags.Read(arguments, read.flags())
	return read, append(problems, read.problems()...)
}

func TestDefaultsAreKubeVipsTimers(t *testing.T) {
	t.Setenv("NODE_NAME", "worker")
	got, problems := read("--address", "172.18.0.100")
	if len(problems) != 0 || got.identity != "worker" || got.lease != "clusterdrill-floating-ip" || got.namespace != "kube-system" {
		t.Errorf("got %+v, %q", got, problems)
	}
	timers := []time.Duration{got.leaseDuration, got.renewDeadline, got.retryPeriod, got.announceEvery}
	if want := []time.Duration{5e9, 3e9, 1e9, 3e9}; !reflect.DeepEqual(timers, want) {
		t.Errorf("got %v", timers)
	}
}

func TestTimersThatTheElectionCannotKeepAreRefused(t *testing.T) {
	t.Setenv("NODE_NAME", "worker")
	_, got := read("--address", "172.18.0.100", "--lease-duration", "1500ms", "--renew-deadline", "2s", "--retry-period", "1700ms")
	want := []string{
		"--lease-duration 1.5s: a Lease holds whole seconds",
		"--lease-duration 1.5s must be above --renew-deadline 2s",
		"--renew-deadline 2s must be above 1.2 times --retry-period, 2.04s",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q", got)
	}
}

type notes struct {
	mutex sync.Mutex
	lines []string
	fails error
}

func (n *notes) note(line string) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	n.lines = append(n.lines, line)
}

func (n *notes) add() error                  { n.note("add"); return n.fails }
func (n *notes) announce() error             { n.note("announce"); return nil }
func (n *notes) remove(because string) error { n.note("remove: " + because); return nil }

func TestHolderAnnouncesAtOnceAndRemovesOnce(t *testing.T) {
	place := &notes{}
	holding := newHolding(place, time.Hour)
	term, cancel := context.WithCancel(context.Background())
	cancel()
	if err := holding.keep(term); err != nil {
		t.Fatal(err)
	}
	if err := holding.end("again"); err != nil {
		t.Fatal(err)
	}
	if want := []string{"add", "announce", "remove: term over"}; !reflect.DeepEqual(place.lines, want) {
		t.Errorf("got %q", place.lines)
	}
}

func TestATermThatIsOverHoldsNothing(t *testing.T) {
	place := &notes{}
	holding := newHolding(place, time.Hour)
	_ = holding.end("released")
	if err := holding.keep(context.Background()); err != nil {
		t.Fatal(err)
	}
	if len(place.lines) != 0 {
		t.Errorf("got %q", place.lines)
	}
}

// memoryLock is a Lease of one process; while it is down it answers nobody, as an API that is cut off.
type memoryLock struct {
	mutex   sync.Mutex
	record  resourcelock.LeaderElectionRecord
	down    bool
	told    func(string)
	version byte
}

func (m *memoryLock) answer(ctx context.Context) error {
	m.mutex.Lock()
	down := m.down
	m.mutex.Unlock()
	if down {
		<-ctx.Done()
	}
	return ctx.Err()
}

func (m *memoryLock) Get(ctx context.Context) (*resourcelock.LeaderElectionRecord, []byte, error) {
	if err := m.answer(ctx); err != nil {
		return nil, nil, err
	}
	m.mutex.Lock()
	defer m.mutex.Unlock()
	copied := m.record
	return &copied, []byte{m.version}, nil
}

func (m *memoryLock) Create(ctx context.Context, record resourcelock.LeaderElectionRecord) error {
	return m.Update(ctx, record)
}

func (m *memoryLock) Update(ctx context.Context, record resourcelock.LeaderElectionRecord) error {
	if err := m.answer(ctx); err != nil {
		return err
	}
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.record = record
	m.version++
	if record.HolderIdentity == "" {
		m.told("given back")
	}
	return nil
}

func (m *memoryLock) RecordEvent(string) {}
func (m *memoryLock) Identity() string   { return "worker" }
func (m *memoryLock) Describe() string   { return "test" }

var quick = options{
	identity: "worker", leaseDuration: time.Second, renewDeadline: 300 * time.Millisecond,
	retryPeriod: 50 * time.Millisecond, announceEvery: time.Hour,
}

func waitFor(t *testing.T, place *notes, count int) {
	t.Helper()
	for range 400 {
		place.mutex.Lock()
		reached := len(place.lines) >= count
		place.mutex.Unlock()
		if reached {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatalf("got only %q", place.lines)
}

func TestTheAddressGoesBeforeTheLeaseIsGivenBack(t *testing.T) {
	place := &notes{}
	ctx, cancel := context.WithCancel(context.Background())
	lock := &memoryLock{told: place.note}
	ended := make(chan error, 1)
	go func() { ended <- oneTerm(ctx, quick, lock, newHolding(place, time.Hour)) }()
	waitFor(t, place, 2)
	cancel()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if len(place.lines) != 4 || place.lines[3] != "given back" {
		t.Errorf("got %q", place.lines)
	}
}

func TestAnAPIThatIsCutOffTakesTheAddressAtTheDeadline(t *testing.T) {
	place := &notes{}
	lock := &memoryLock{told: place.note}
	ended := make(chan error, 1)
	go func() { ended <- oneTerm(context.Background(), quick, lock, newHolding(place, time.Hour)) }()
	waitFor(t, place, 2)
	lock.mutex.Lock()
	lock.down = true
	lock.mutex.Unlock()
	waitFor(t, place, 3)
	select {
	case <-ended:
		t.Error("the address was kept until giving back had failed too")
	default:
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if want := []string{"add", "announce", "remove: released"}; !reflect.DeepEqual(place.lines, want) {
		t.Errorf("got %q", place.lines)
	}
}

func TestAnAddressThatCannotBeAddedEndsTheAgentAndGivesTheLeaseBack(t *testing.T) {
	place := &notes{fails: errors.New("no such device")}
	lock := &memoryLock{told: place.note}
	err := oneTerm(context.Background(), quick, lock, newHolding(place, time.Hour))
	if err == nil || err.Error() != "no such device" {
		t.Errorf("got %v", err)
	}
	if want := []string{"add", "remove: released", "given back"}; !reflect.DeepEqual(place.lines, want) {
		t.Errorf("got %q", place.lines)
	}
}
