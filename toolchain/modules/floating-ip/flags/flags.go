// Package flags reads a command line of `--name value` and `--name=value`. Unlike the standard
// library's it goes on after a mistake, so that all of them are said at once.
package flags

import (
	"fmt"
	"io"
	"net/netip"
	"os"
	"strings"
	"time"
)

// Flag is one of a program's flags. Set takes the value or says what is wrong with it.
type Flag struct {
	Name    string
	Default string
	Help    string
	Set     func(value string) error
}

// Usage is the exit code for a wrong command line.
const Usage = 64

// Read sets all flags, those that are not given to their default, and returns every mistake.
func Read(arguments []string, flags []Flag) (problems []string) {
	values := map[string]string{}
	known := map[string]bool{}
	for _, each := range flags {
		values[each.Name] = each.Default
		known[each.Name] = true
	}
	for index := 0; index < len(arguments); index++ {
		name, value, joined := strings.Cut(strings.TrimPrefix(arguments[index], "--"), "=")
		if !strings.HasPrefix(arguments[index], "--") || !known[name] {
			problems = append(problems, fmt.Sprintf("%s is not a flag", arguments[index]))
			if !joined && strings.HasPrefix(arguments[index], "--") && isValue(arguments, index+1) {
				index++
			}
			continue
		}
		if !joined {
			if !isValue(arguments, index+1) {
				problems = append(problems, fmt.Sprintf("--%s needs a value", name))
				known[name] = false
				continue
			}
			index++
			value = arguments[index]
		}
		values[name] = value
	}
	for _, each := range flags {
		if !known[each.Name] {
			continue
		}
		if err := each.Set(values[each.Name]); err != nil {
			problems = append(problems, fmt.Sprintf("--%s %q: %s", each.Name, values[each.Name], err))
		}
	}
	return problems
}

func isValue(arguments []string, index int) bool {
	return index < len(arguments) && !strings.HasPrefix(arguments[index], "--")
}

// ReadOrExit is for a program's start: it prints the help, or every mistake, and ends.
func ReadOrExit(purpose string, flags []Flag, check func() []string) {
	for _, argument := range os.Args[1:] {
		if argument == "--help" || argument == "-h" {
			describe(os.Stdout, purpose, flags)
			os.Exit(0)
		}
	}
	problems := Read(os.Args[1:], flags)
	if len(problems) == 0 {
		problems = check()
	}
	if len(problems) == 0 {
		return
	}
	for _, problem := range problems {
		_, _ = fmt.Fprintln(os.Stderr, problem)
	}
	os.Exit(Usage)
}

func describe(to io.Writer, purpose string, flags []Flag) {
	_, _ = fmt.Fprintln(to, purpose)
	for _, each := range flags {
		_, _ = fmt.Fprintf(to, "  --%-18s %s", each.Name, each.Help)
		if each.Default != "" {
			_, _ = fmt.Fprintf(to, " (%s)", each.Default)
		}
		_, _ = fmt.Fprintln(to)
	}
}

// Address takes one IPv4 address.
func Address(into *netip.Addr) func(string) error {
	return func(value string) error {
		address, err := netip.ParseAddr(value)
		if err != nil || !address.Is4() || address.IsUnspecified() {
			return fmt.Errorf("one IPv4 address is needed")
		}
		*into = address
		return nil
	}
}

// Duration takes a time above zero, as in `100ms`.
func Duration(into *time.Duration) func(string) error {
	return func(value string) error {
		duration, err := time.ParseDuration(value)
		if err != nil || duration <= 0 {
			return fmt.Errorf("a time above zero with its unit is needed, as in 100ms")
		}
		*into = duration
		return nil
	}
}

// Text takes anything but nothing.
func Text(into *string) func(string) error {
	return func(value string) error {
		if value == "" {
			return fmt.Errorf("it must not be empty")
		}
		*into = value
		return nil
	}
}
