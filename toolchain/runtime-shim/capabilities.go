// This file knows the kernel's capabilities by number and takes the missing ones out of a process.
package main

import (
	"errors"
	"strconv"
	"strings"
)

// In the kernel's own order, linux/capability.h: the index is the bit.
var names = []string{
	"CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_FSETID",
	"CAP_KILL", "CAP_SETGID", "CAP_SETUID", "CAP_SETPCAP", "CAP_LINUX_IMMUTABLE",
	"CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST", "CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_IPC_LOCK",
	"CAP_IPC_OWNER", "CAP_SYS_MODULE", "CAP_SYS_RAWIO", "CAP_SYS_CHROOT", "CAP_SYS_PTRACE",
	"CAP_SYS_PACCT", "CAP_SYS_ADMIN", "CAP_SYS_BOOT", "CAP_SYS_NICE", "CAP_SYS_RESOURCE",
	"CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG", "CAP_MKNOD", "CAP_LEASE", "CAP_AUDIT_WRITE",
	"CAP_AUDIT_CONTROL", "CAP_SETFCAP", "CAP_MAC_OVERRIDE", "CAP_MAC_ADMIN", "CAP_SYSLOG",
	"CAP_WAKE_ALARM", "CAP_BLOCK_SUSPEND", "CAP_AUDIT_READ", "CAP_PERFMON", "CAP_BPF",
	"CAP_CHECKPOINT_RESTORE",
}

// boundingSet reads the CapBnd line of a /proc/…/status text.
func boundingSet(status string) (uint64, error) {
	for _, line := range strings.Split(status, "\n") {
		if value, found := strings.CutPrefix(line, "CapBnd:"); found {
			return strconv.ParseUint(strings.TrimSpace(value), 16, 64)
		}
	}
	return 0, errors.New("no CapBnd line in the process status")
}

// restrict takes out of every capability list of the process at path what is not in allowed, and
// says whether it took out anything.
func restrict(document map[string]any, path []string, allowed uint64) bool {
	process := document
	for _, key := range path {
		next, isObject := process[key].(map[string]any)
		if !isObject {
			return false
		}
		process = next
	}
	sets, isObject := process["capabilities"].(map[string]any)
	if !isObject {
		return false
	}
	missing := map[string]bool{}
	for bit, name := range names {
		missing[name] = allowed&(1<<bit) == 0
	}
	changed := false
	for set, value := range sets {
		list, isList := value.([]any)
		if !isList {
			continue
		}
		kept := make([]any, 0, len(list))
		for _, entry := range list {
			if name, isText := entry.(string); isText && missing[name] {
				changed = true
				continue
			}
			kept = append(kept, entry)
		}
		sets[set] = kept
	}
	return changed
}
