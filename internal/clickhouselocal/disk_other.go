//go:build !linux && !darwin

package clickhouselocal

import "errors"

// freeBytes is only needed where there is a library to fetch.
func freeBytes(string) (uint64, error) {
	return 0, errors.New("free space is not known on this operating system")
}
