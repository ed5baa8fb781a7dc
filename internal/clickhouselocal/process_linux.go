package clickhouselocal

import (
	"os/exec"
	"syscall"
)

// dieWithParent has Linux kill the process as soon as its parent is gone, and keeps a terminal's Ctrl-C from reaching it:
// the parent stops it cleanly.
func dieWithParent(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}
