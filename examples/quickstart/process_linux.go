package main

import (
	"os/exec"
	"syscall"
)

// dieWithParent has Linux kill the process when this one is gone, however that came, and keeps a terminal's Ctrl-C from
// reaching it: it is stopped in its turn.
func dieWithParent(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}
