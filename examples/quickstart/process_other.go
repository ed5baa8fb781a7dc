//go:build !linux

package main

import "os/exec"

// dieWithParent does nothing where the system has no such thing: there the process stays when this one is killed without a
// chance to stop it.
func dieWithParent(*exec.Cmd) {}
