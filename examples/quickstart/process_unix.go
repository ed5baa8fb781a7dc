//go:build unix && !linux

package main

import (
	"os/exec"
	"syscall"
)

// dieWithParent keeps a terminal's Ctrl-C from reaching the process: it is stopped in its turn. When this process is killed
// without a chance to do so, it stays.
func dieWithParent(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}
