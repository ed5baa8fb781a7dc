package main

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// usage is what a process has used so far.
type usage struct {
	cpu     float64 // seconds, user and system
	peak    uint64  // bytes of resident memory
	written uint64  // bytes handed to the storage layer
}

// ticks is USER_HZ, which Linux fixes at 100 for what it shows in /proc.
const ticks = 100

// usageOf reads /proc. What cannot be read is zero.
func usageOf(pid int) (u usage) {
	if stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)); err == nil {
		// The name in parentheses may hold spaces; utime and stime are the 14th and 15th field.
		fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
		if len(fields) > 12 {
			user, _ := strconv.ParseFloat(fields[11], 64)
			system, _ := strconv.ParseFloat(fields[12], 64)
			u.cpu = (user + system) / ticks
		}
	}
	u.peak = field(fmt.Sprintf("/proc/%d/status", pid), "VmHWM:") << 10
	u.written = field(fmt.Sprintf("/proc/%d/io", pid), "write_bytes:")
	return u
}

// field reads the number behind a name.
func field(path, name string) uint64 {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == name {
			n, _ := strconv.ParseUint(fields[1], 10, 64)
			return n
		}
	}
	return 0
}
