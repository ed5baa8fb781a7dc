//go:build !linux && !darwin

package main

import "errors"

// serve cannot work here: there is no libchdb for this system.
func serve(string, []string) error {
	return errors.New("there is no libchdb for this operating system")
}
