//go:build unix && !linux

package clickhouselocal

import (
	"os/exec"
	"syscall"
)

// dieWithParent keeps a terminal's Ctrl-C from reaching the process: the parent stops it cleanly. With the parent gone, the
// end of standard input stops the program that loads the library; a clickhouse binary from the PATH would stay.
func dieWithParent(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}
