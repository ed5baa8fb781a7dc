//go:build unix

package offheap

import "golang.org/x/sys/unix"

func pages(n int) []byte {
	b, err := unix.Mmap(-1, 0, n, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		panic("offheap: the system has no memory left: " + err.Error()) // as Go's heap does then
	}
	return b
}

func unpages(b []byte) {
	if err := unix.Munmap(b); err != nil {
		panic("offheap: freed what was not taken, or twice: " + err.Error())
	}
}
