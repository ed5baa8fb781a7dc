//go:build !linux && !darwin

package main

import "errors"

// runLibrary cannot run here: there is no libchdb for this system.
func runLibrary(string, []string) error {
	return errors.New("there is no libchdb for this operating system")
}
