// Command runtime-shim stands between the container engine and runc on a host that itself lacks a
// capability. A privileged container asks for all of them and runc refuses to grant one that the
// host cannot give; the shim takes those out of the bundle (create, run) or of the process file
// (exec) and then becomes runc. It changes nothing else, and leaves every other command alone.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "runtime-shim: %v\n", err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	file, inside := specification(arguments)
	if file != "" {
		status, err := os.ReadFile("/proc/self/status")
		if err != nil {
			return err
		}
		allowed, err := boundingSet(string(status))
		if err != nil {
			return err
		}
		if err := rewrite(file, inside, allowed); err != nil {
			return fmt.Errorf("take the host's missing capabilities out of %s: %w", file, err)
		}
	}
	runtime, err := exec.LookPath("runc")
	if err != nil {
		return err
	}
	return syscall.Exec(runtime, append([]string{runtime}, arguments...), os.Environ())
}

// rewrite replaces the file as a whole, so that runc never reads half of it.
func rewrite(file string, inside []string, allowed uint64) error {
	before, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var document map[string]any
	decoder := json.NewDecoder(bytes.NewReader(before))
	// A limit of 2^63-1 would not survive as a floating-point number.
	decoder.UseNumber()
	if err := decoder.Decode(&document); err != nil {
		return err
	}
	if !restrict(document, inside, allowed) {
		return nil
	}
	after, err := json.Marshal(document)
	if err != nil {
		return err
	}
	temporary := filepath.Join(filepath.Dir(file), ".runtime-shim-"+filepath.Base(file))
	if err := os.WriteFile(temporary, after, 0o600); err != nil {
		return err
	}
	return os.Rename(temporary, file)
}
