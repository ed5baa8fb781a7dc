//go:build !unix

package clickhouselocal

import "os/exec"

// dieWithParent does nothing where no ClickHouse can be started anyway.
func dieWithParent(*exec.Cmd) {}
