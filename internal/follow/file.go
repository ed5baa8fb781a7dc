package follow

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// Options say what is followed, and who wants to know.
type Options struct {
	Path     string
	Interval time.Duration // how often to look whether the file has changed
	MaxBytes int64         // size of the largest file that is read
	// Take is given new content, and takes it or says what is wrong with it. Every error of it is told to Failed, so it should
	// quote nothing that is a secret.
	Take func(data []byte) error
	// Failed is told, once, of each problem that new content has after the start. May be nil.
	Failed func(error)
}

// File is a file that is followed. Take and Failed are called from one goroutine at a time; the other methods are safe for
// concurrent use.
type File struct {
	options Options
	pause   func(context.Context) bool // waits for a changed file to keep still; false where ctx ends

	stale     atomic.Bool
	confirmed atomic.Int64 // unix ns

	seen    version           // the version that was last taken, for the goroutine that follows the file
	sum     [sha256.Size]byte // of its content
	readAt  time.Time
	broken  version // the version that was not taken
	problem string  // the last error that was told

	cancel context.CancelFunc
	done   sync.WaitGroup
}

// New makes a File. Nothing is read before Start.
func New(options Options) *File {
	return &File{options: options, pause: pauseFor(min(time.Second, options.Interval/2))}
}

// version is what tells one state of a file from another without reading it.
type version struct {
	modified time.Time
	size     int64
}

// Fresh reports whether what was taken is what the file held when it was last looked at.
func (f *File) Fresh() bool { return !f.stale.Load() }

// Confirmed is when what was taken was last known to be what the file holds.
func (f *File) Confirmed() time.Time { return time.Unix(0, f.confirmed.Load()) }

// Start reads the file, and fails where its content is not taken. It is followed until Shutdown.
func (f *File) Start(ctx context.Context) error {
	if err := f.load(); err != nil {
		if errors.Is(err, errChanging) && f.pause(ctx) {
			err = f.load()
		}
		if err != nil {
			return err
		}
	}
	followed, cancel := context.WithCancel(context.WithoutCancel(ctx))
	f.cancel = cancel
	f.done.Go(func() { f.follow(followed) })
	return nil
}

// Shutdown ends what Start began, and waits for it.
func (f *File) Shutdown(context.Context) error {
	if f.cancel != nil {
		f.cancel()
		f.done.Wait()
	}
	return nil
}

// load reads the file and has its content taken, or leaves everything as it is.
func (f *File) load() error {
	v, data, err := f.read()
	if err != nil {
		return err
	}
	sum := sha256.Sum256(data)
	if sum != f.sum || f.confirmed.Load() == 0 {
		if err := f.options.Take(data); err != nil {
			f.broken = v
			return err
		}
	}
	f.seen, f.sum = v, sum
	f.confirm()
	return nil
}

// confirm notes that what was taken is what the file holds.
func (f *File) confirm() {
	f.broken, f.problem = version{}, ""
	f.confirmed.Store(time.Now().UnixNano())
	f.stale.Store(false)
}

var errChanging = errors.New("changes while it is read")

// read gives the content of the file as it was at one moment.
func (f *File) read() (version, []byte, error) {
	before, err := f.stat()
	if err != nil {
		return version{}, nil, err
	}
	if before.size > f.options.MaxBytes {
		f.broken = before
		return version{}, nil, fmt.Errorf("%d bytes are more than the %d of max_bytes", before.size, f.options.MaxBytes)
	}
	f.readAt = time.Now()
	file, err := os.Open(f.options.Path)
	if err != nil {
		return version{}, nil, err
	}
	defer func() { _ = file.Close() }() // only read
	data := make([]byte, 0, before.size+1)
	data, err = readAll(data, io.LimitReader(file, f.options.MaxBytes+1))
	if err != nil {
		return version{}, nil, err
	}
	if after, err := f.stat(); err != nil || after != before || int64(len(data)) != before.size {
		return version{}, nil, errChanging
	}
	return before, data, nil
}

// readAll is io.ReadAll into a buffer that has the right size already.
func readAll(data []byte, r io.Reader) ([]byte, error) {
	for {
		n, err := r.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		if errors.Is(err, io.EOF) {
			return data, nil
		} else if err != nil {
			return nil, err
		}
		if len(data) == cap(data) {
			data = append(data, 0)[:len(data)]
		}
	}
}

func (f *File) stat() (version, error) {
	info, err := os.Stat(f.options.Path)
	if err != nil {
		return version{}, err
	}
	if !info.Mode().IsRegular() {
		return version{}, errors.New("is not a regular file")
	}
	return version{info.ModTime(), info.Size()}, nil
}
