//go:build !linux

package blocklog

import "os"

// syncData makes bytes and length of a file durable; on darwin Sync asks the drive too (F_FULLFSYNC).
func syncData(f *os.File) error { return f.Sync() }
