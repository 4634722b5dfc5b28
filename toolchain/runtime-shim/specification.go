// This file finds, in runc's command line, the file that carries a process's capabilities.
package main

import (
	"path/filepath"
	"strings"
)

// runc's options before the command that take a value of their own; the others are switches.
var globalValues = map[string]bool{
	"--root": true, "--log": true, "--log-format": true, "--criu": true, "--rootless": true,
}

// specification names the JSON file to look into and the path of keys that leads to its process,
// or an empty name where the command starts no process.
func specification(arguments []string) (string, []string) {
	command := 0
	for command < len(arguments) && strings.HasPrefix(arguments[command], "-") {
		if globalValues[arguments[command]] {
			command++
		}
		command++
	}
	if command >= len(arguments) {
		return "", nil
	}
	rest := arguments[command+1:]
	switch arguments[command] {
	case "create", "run":
		bundle, given := option(rest, "bundle", "b")
		if !given {
			bundle = "."
		}
		return filepath.Join(bundle, "config.json"), []string{"process"}
	case "exec":
		file, _ := option(rest, "process", "p")
		return file, nil
	}
	return "", nil
}

// option reads `--long value`, `--long=value`, `-short value` and `-short=value`.
func option(arguments []string, long, short string) (string, bool) {
	for index, argument := range arguments {
		for _, name := range []string{"--" + long, "-" + short} {
			if argument == name && index+1 < len(arguments) {
				return arguments[index+1], true
			}
			if value, found := strings.CutPrefix(argument, name+"="); found {
				return value, true
			}
		}
	}
	return "", false
}
