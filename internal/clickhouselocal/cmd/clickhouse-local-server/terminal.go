//go:build linux || darwin

package main

import (
	"errors"
	"fmt"
	"os"
	"syscall"

	"github.com/ebitengine/purego"
)

// becomeTerminal puts a terminal of its own in the place of file, with text typed into it. The other end stays open until
// the process ends. libc does what differs between systems.
func becomeTerminal(file *os.File, text string) error {
	var (
		openpt   func(flags int32) int32
		grantpt  func(terminal int32) int32
		unlockpt func(terminal int32) int32
		ptsname  func(terminal int32) string
		dup2     func(from, to int32) int32
	)
	for name, function := range map[string]any{
		"posix_openpt": &openpt, "grantpt": &grantpt, "unlockpt": &unlockpt, "ptsname": &ptsname, "dup2": &dup2,
	} {
		symbol, err := purego.Dlsym(purego.RTLD_DEFAULT, name)
		if err != nil {
			return fmt.Errorf("libc has no %s: %w", name, err)
		}
		purego.RegisterFunc(function, symbol)
	}
	near := openpt(syscall.O_RDWR | syscall.O_NOCTTY)
	if near < 0 || grantpt(near) != 0 || unlockpt(near) != 0 {
		return errors.New("no pseudo-terminal can be had")
	}
	far, err := syscall.Open(ptsname(near), syscall.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		return fmt.Errorf("open a pseudo-terminal: %w", err)
	}
	if dup2(int32(far), int32(file.Fd())) < 0 {
		return errors.New("standard input cannot be replaced")
	}
	if _, err := syscall.Write(int(near), []byte(text)); err != nil {
		return fmt.Errorf("write to a pseudo-terminal: %w", err)
	}
	return syscall.Close(far)
}
