//go:build !unix

package main

import "os/exec"

// dieWithParent does nothing where no ClickHouse can be started anyway.
func dieWithParent(*exec.Cmd) {}
