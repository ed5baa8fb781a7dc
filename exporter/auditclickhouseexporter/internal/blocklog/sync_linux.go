package blocklog

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// syncData makes bytes and length of a file durable. fdatasync(2) writes the length whenever it is needed to read the bytes;
// what it leaves out are times, which nobody reads.
func syncData(f *os.File) error {
	c, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = c.Control(func(fd uintptr) {
		for {
			if failed = unix.Fdatasync(int(fd)); !errors.Is(failed, unix.EINTR) {
				return
			}
		}
	})
	return errors.Join(err, failed)
}
