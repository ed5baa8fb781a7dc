//go:build linux || darwin

package clickhouselocal

import "syscall"

// freeBytes is the space that this user can still fill on the file system of dir.
func freeBytes(dir string) (uint64, error) {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(dir, &fs); err != nil {
		return 0, err
	}
	return fs.Bavail * uint64(fs.Bsize), nil
}
