package blocklog

import (
	"io"
	"os"
	"path/filepath"
)

// disk is the part of a file system that the log needs. Tests put one below it that loses power.
type disk interface {
	lock(path string) (io.Closer, error)
	mkdir(path string) error
	list(dir string) ([]string, error)
	create(path string) (file, error) // emptied where it exists
	open(path string) (file, error)
	remove(path string) error
	rename(from, to string) error
	// syncDir makes names durable: those of new, renamed and removed files.
	syncDir(dir string) error
}

// file is an open file. sync makes bytes and length durable.
type file interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	truncate(size int64) error
	sync() error
	size() (int64, error)
}

type osDisk struct{}

func (osDisk) mkdir(path string) error { return os.MkdirAll(path, 0o700) }

func (osDisk) list(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names, err
}

func (osDisk) create(path string) (file, error) {
	return openFile(path, os.O_RDWR|os.O_CREATE|os.O_TRUNC)
}

func (osDisk) open(path string) (file, error) { return openFile(path, os.O_RDWR) }

func (osDisk) remove(path string) error { return os.Remove(path) }

func (osDisk) rename(from, to string) error { return os.Rename(from, to) } //nolint:gosec // names of the log's own files

func (osDisk) syncDir(dir string) error { return syncDir(filepath.Clean(dir)) }

type osFile struct{ *os.File }

func openFile(path string, flag int) (file, error) {
	f, err := os.OpenFile(path, flag, 0o600)
	if err != nil {
		return nil, err
	}
	return osFile{f}, nil
}

func (f osFile) truncate(size int64) error { return f.Truncate(size) }

func (f osFile) sync() error { return syncData(f.File) }

func (f osFile) size() (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}
