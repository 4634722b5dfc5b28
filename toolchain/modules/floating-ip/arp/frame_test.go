package arp

import (
	"encoding/hex"
	"net"
	"net/netip"
	"reflect"
	"testing"
)

var (
	own     = net.HardwareAddr{0x02, 0x42, 0xac, 0x12, 0x00, 0x05}
	address = netip.MustParseAddr("172.18.0.100")
)

func TestAnnouncementIsARequestForItself(t *testing.T) {
	got := hex.EncodeToString(Announcement(own, address).Marshal())
	want := "ffffffffffff" + "0242ac120005" + "0806" + "000108000604" + "0001" +
		"0242ac120005" + "ac120064" + "000000000000" + "ac120064"
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestProbeNamesNoSender(t *testing.T) {
	got := hex.EncodeToString(Probe(own, address).Marshal())
	want := "ffffffffffff" + "0242ac120005" + "0806" + "000108000604" + "0001" +
		"0242ac120005" + "00000000" + "000000000000" + "ac120064"
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func frameOf(t *testing.T, text string) Frame {
	t.Helper()
	bytes, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	frame, ok := Parse(bytes)
	if !ok {
		t.Fatalf("%s was not read", text)
	}
	return frame
}

const answer = "0242ac120005" + "0242ac120009" + "0806" + "000108000604" + "0002" +
	"0242ac120009" + "ac120064" + "0242ac120005" + "00000000"

func TestParseReadsAnAnswerAndIgnoresPadding(t *testing.T) {
	got := frameOf(t, answer+"000000000000000000000000000000000000")
	want := Frame{
		Destination: own,
		Operation:   Reply,
		SenderMAC:   net.HardwareAddr{0x02, 0x42, 0xac, 0x12, 0x00, 0x09},
		SenderIP:    address,
		TargetMAC:   own,
		TargetIP:    netip.MustParseAddr("0.0.0.0"),
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
}

func TestParseRefusesWhatIsNotARPForIPv4(t *testing.T) {
	for name, text := range map[string]string{
		"short":    answer[:len(answer)-2],
		"IPv4":     answer[:24] + "0800" + answer[28:],
		"hardware": answer[:28] + "000608000604" + answer[40:],
	} {
		bytes, err := hex.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := Parse(bytes); ok {
			t.Errorf("%s was read", name)
		}
	}
}

func TestAnswersAndAnnouncementsAreToldApart(t *testing.T) {
	toUs := frameOf(t, answer)
	toAnother := toUs
	toAnother.Destination = net.HardwareAddr{2, 2, 2, 2, 2, 2}
	gratuitousReply := Announcement(own, address)
	gratuitousReply.Operation = Reply
	for name, check := range map[string]struct {
		frame              Frame
		answers, announces bool
	}{
		"answer":             {toUs, true, false},
		"answer to another":  {toAnother, false, false},
		"announcement":       {Announcement(own, address), false, true},
		"gratuitous reply":   {gratuitousReply, false, true},
		"probe":              {Probe(own, address), false, false},
		"other announcement": {Announcement(own, netip.MustParseAddr("172.18.0.101")), false, false},
	} {
		if got := check.frame.Answers(own, address); got != check.answers {
			t.Errorf("%s answers: %v", name, got)
		}
		if got := check.frame.Announces(address); got != check.announces {
			t.Errorf("%s announces: %v", name, got)
		}
	}
}
