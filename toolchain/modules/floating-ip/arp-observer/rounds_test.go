package main

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
	"time"
)

const period = 100 * time.Millisecond

func TestPaceStaysOnItsGrid(t *testing.T) {
	pace := newPace(period)
	for _, step := range []struct{ asked, next time.Duration }{
		{0, 100},
		{103, 200},
		{240, 300}, // late by less than half a period: the next one is on time
		{370, 500}, // late by more: the one at 400 is left out
		{930, 1000},
	} {
		pace.asked(step.asked * time.Millisecond)
		if pace.next != step.next*time.Millisecond {
			t.Errorf("asked at %d: next at %v, want %d ms", step.asked, pace.next, step.next)
		}
	}
	if left := pace.left(990 * time.Millisecond); left != 10*time.Millisecond {
		t.Errorf("left %v", left)
	}
}

func TestRoundsAreReportedWhenTheyDifferAndOnceASecond(t *testing.T) {
	rounds := newRounds()
	var got []string
	for number := range 25 {
		if number > 3 && number <= 20 {
			rounds.answered("02:42:00:00:00:09")
		}
		if number == 20 {
			rounds.answered("02:42:00:00:00:05")
		}
		asked, macs, worth := rounds.turn(time.Duration(number)*period, period)
		if worth {
			got = append(got, fmt.Sprint(asked.Milliseconds(), macs))
		}
	}
	want := []string{
		"0 []",
		"300 [02:42:00:00:00:09]",
		"1300 [02:42:00:00:00:09]",
		"1900 [02:42:00:00:00:05 02:42:00:00:00:09]",
		"2000 []",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestNobodyIsAnEmptyList(t *testing.T) {
	rounds := newRounds()
	rounds.answered("02:42:00:00:00:09")
	rounds.turn(0, period)
	_, macs, worth := rounds.turn(period, period)
	text, err := json.Marshal(answerLine{1763683200000.125, macs})
	if err != nil || !worth || string(text) != `{"at":1763683200000.125,"macs":[]}` {
		t.Errorf("got %s, worth %v, %v", text, worth, err)
	}
}
