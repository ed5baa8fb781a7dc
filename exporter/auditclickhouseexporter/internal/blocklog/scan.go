package blocklog

import (
	"bytes"
	"errors"
	"io"
	"slices"
)

const (
	// readAhead is read at once where only a header is asked for: small frames come several a read, and of large ones
	// little is read that is then skipped.
	readAhead = 16 << 10
	// resyncChunk is read at once where the next frame is looked for byte by byte.
	resyncChunk = 256 << 10
	// pageSize is skipped where the disk cannot read.
	pageSize = 4 << 10
)

// scanner finds the frames of a file.
type scanner struct {
	f      io.ReaderAt
	marker [8]byte
	end    int64 // bytes of the file that count
	buf    []byte
	at     int64 // where in the file buf lies
}

// found is a frame and the place of its header.
type found struct {
	frame
	at      int64
	skipped int64 // bytes before it that are none
}

func (f *found) end() int64 { return f.at + f.length() }

// bytes gives n bytes at off, which are the scanner's until the next call. They are nil where the file ends before, or where
// the disk cannot read them.
func (s *scanner) bytes(off, n int64) ([]byte, error) {
	if off < 0 || n > s.end-off {
		return nil, nil
	}
	if off >= s.at && off+n <= s.at+int64(len(s.buf)) {
		return s.buf[off-s.at:][:n], nil
	}
	b, err := s.read(off, min(max(n, readAhead), s.end-off))
	if err != nil && unreadable(err) { // perhaps only of what was read ahead
		b, err = s.read(off, n)
	}
	switch {
	case int64(len(b)) >= n:
		return b[:n], nil
	case err == nil || errors.Is(err, io.EOF) || unreadable(err):
		return nil, nil
	default:
		return nil, err
	}
}

func (s *scanner) read(off, n int64) ([]byte, error) {
	s.buf, s.at = slices.Grow(s.buf[:0], int(n))[:n], off
	got, err := s.f.ReadAt(s.buf, off)
	s.buf = s.buf[:got]
	return s.buf, err
}

// frameAt reads the frame that begins at off, if one does. The file may end within it.
func (s *scanner) frameAt(off int64) (f found, ok bool, err error) {
	b, err := s.bytes(off, frameSize)
	if b == nil {
		return f, false, err
	}
	f.at = off
	f.frame, ok = readFrame(b, s.marker)
	return f, ok, nil
}

// next gives the first frame at off or behind, and how many bytes before it are none. Without another frame, bad is what
// remains of the file.
func (s *scanner) next(off int64) (f found, bad int64, ok bool, err error) {
	for at := off; s.end-at >= frameSize; at++ {
		if f, ok, err = s.frameAt(at); ok || err != nil {
			f.skipped = at - off
			return f, f.skipped, ok, err
		}
		if at, err = s.resync(at + 1); err != nil {
			return f, 0, false, err
		}
		at-- // the loop adds it
	}
	return found{}, max(s.end-off, 0), false, nil
}

// resync gives the place of the next marker at off or behind, or the end.
func (s *scanner) resync(off int64) (int64, error) {
	for s.end-off >= frameSize {
		n := min(resyncChunk, s.end-off)
		b, err := s.read(off, n)
		if i := bytes.Index(b, s.marker[:]); i >= 0 {
			return off + int64(i), nil
		}
		switch {
		case err == nil || errors.Is(err, io.EOF):
			off += n - int64(len(s.marker)) + 1
		case unreadable(err):
			off += int64(len(b)) + pageSize - (off+int64(len(b)))%pageSize
		default:
			return 0, err
		}
	}
	return s.end, nil
}

// section gives the bytes of a section, the scanner's until the next call: false where they are not what was written.
func (s *scanner) section(at int64, want section) ([]byte, bool, error) {
	b, err := s.bytes(at, int64(want.size))
	if err != nil {
		return nil, false, err
	}
	return b, b != nil && want.holds(b) || want.size == 0, nil
}

// whole reports whether everything of a frame is what was written.
func (s *scanner) whole(f *found) (bool, error) {
	at := f.at + frameSize
	for _, want := range [...]section{f.control, f.table, f.records, f.notes} {
		if _, ok, err := s.section(at, want); !ok || err != nil {
			return false, err
		}
		at += int64(want.size)
	}
	if f.kind != frameCommit {
		return true, nil
	}
	table, _, err := s.section(f.at+f.tableAt(), f.table)
	if err != nil {
		return false, err
	}
	entries, ok := readTable(nil, bytes.Clone(table), &f.frame, f.at+f.meta())
	if !ok {
		return false, nil
	}
	for _, e := range entries {
		b, err := s.bytes(e.offset, int64(e.size))
		if err != nil || b == nil && e.size > 0 || checksum(b) != e.sum {
			return false, err
		}
	}
	return true, nil
}
