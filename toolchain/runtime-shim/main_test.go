package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

func TestSpecification(t *testing.T) {
	for _, example := range []struct {
		name      string
		arguments []string
		file      string
		inside    []string
	}{
		{"create", []string{"--root", "/r", "--log", "create", "create", "--bundle", "/b", "id"}, "/b/config.json", []string{"process"}},
		{"run, joined", []string{"--systemd-cgroup", "run", "-b=/b", "id"}, "/b/config.json", []string{"process"}},
		{"create, here", []string{"create", "id"}, "config.json", []string{"process"}},
		{"exec", []string{"exec", "--process", "/p.json", "--detach", "id"}, "/p.json", nil},
		{"exec without a file", []string{"exec", "id", "sh"}, "", nil},
		{"delete", []string{"--root", "/r", "delete", "--force", "id"}, "", nil},
		{"nothing", []string{"--version"}, "", nil},
	} {
		t.Run(example.name, func(t *testing.T) {
			file, inside := specification(example.arguments)
			if file != example.file || !reflect.DeepEqual(inside, example.inside) {
				t.Errorf("got %q in %v, want %q in %v", file, inside, example.file, example.inside)
			}
		})
	}
}

func TestBoundingSet(t *testing.T) {
	got, err := boundingSet("CapEff:\t0000000000000000\nCapBnd:\t000001fffeffffff\n")
	if err != nil || got != 0x1fffeffffff {
		t.Errorf("got %x, %v", got, err)
	}
	if _, err := boundingSet("Name:\tx\n"); err == nil {
		t.Error("a status without CapBnd was accepted")
	}
}

func TestRewriteTakesOutOnlyWhatTheHostLacks(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config.json")
	text := `{"process":{"args":["x"],"capabilities":{"bounding":["CAP_CHOWN","CAP_SYS_RESOURCE","CAP_FUTURE"],"ambient":["CAP_SYS_RESOURCE"]}}}`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := rewrite(file, []string{"process"}, 0x1fffeffffff); err != nil {
		t.Fatal(err)
	}
	written, _ := os.ReadFile(file)
	var got, want any
	_ = json.Unmarshal(written, &got)
	_ = json.Unmarshal([]byte(`{"process":{"args":["x"],"capabilities":{"bounding":["CAP_CHOWN","CAP_FUTURE"],"ambient":[]}}}`), &want)
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %s", written)
	}
}

func TestRewriteLeavesACompleteHostAlone(t *testing.T) {
	file := filepath.Join(t.TempDir(), "process.json")
	text := `{ "capabilities": { "bounding": ["CAP_SYS_RESOURCE"] } }`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := rewrite(file, nil, 0x1ffffffffff); err != nil {
		t.Fatal(err)
	}
	if written, _ := os.ReadFile(file); string(written) != text {
		t.Errorf("got %s", written)
	}
}

func TestRewriteKeepsLargeNumbers(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config.json")
	text := `{"limit":9223372036854775807,"process":{"capabilities":{"bounding":["CAP_SYS_RESOURCE"]}}}`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := rewrite(file, []string{"process"}, 0); err != nil {
		t.Fatal(err)
	}
	want := `{"limit":9223372036854775807,"process":{"capabilities":{"bounding":[]}}}`
	if written, _ := os.ReadFile(file); string(written) != want {
		t.Errorf("got %s", written)
	}
}
