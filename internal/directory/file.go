package directory

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// FileOptions configure a [File].
type FileOptions struct {
	Name           string        // of the source; file where empty
	Path           string        // .yaml, .yml, .json or .csv
	ReloadInterval time.Duration // how often to look whether the file has changed
	MaxBytes       int64         // size of the largest file that is read
	// OnLoad is told of every attempt to load new content, whether it succeeded or not, from the goroutine that made it. An error
	// holds nothing of the file. May be nil.
	OnLoad func(users int, err error)
	// Keep is how long it is known what users were like before a change.
	Keep time.Duration
	// OnChange is told what has changed. May be nil.
	OnChange OnChange
}

// File is a [Directory] in a file. A change is noticed by time of modification and size, or by the content while the former is too
// young to tell; it is loaded once the file has kept still for a moment, and takes effect at once for all users. Where the new
// file is missing, broken or too large, the users from before stay, and answers are no longer fresh until a good one is there.
type File struct {
	options FileOptions
	pause   func(context.Context) bool // waits for a changed file to keep still; false where ctx ends

	table     atomic.Pointer[table]
	stale     atomic.Bool
	confirmed atomic.Int64 // unix ns

	seen    version           // the version that was last loaded, for the goroutine that follows the file
	sum     [sha256.Size]byte // of its content
	readAt  time.Time
	broken  version          // the version that could not be loaded
	problem string           // the last error that was told
	changes iter.Seq[Change] // that nobody was told of yet

	cancel context.CancelFunc
	done   sync.WaitGroup
}

// NewFile makes a File. Nothing is read before Start.
func NewFile(options FileOptions) *File {
	f := &File{options: options, pause: pauseFor(min(time.Second, options.ReloadInterval/2))}
	f.table.Store(newTable())
	return f
}

// version is what tells one state of a file from another without reading it.
type version struct {
	modified time.Time
	size     int64
}

// Name implements [Directory].
func (f *File) Name() string { return cmp.Or(f.options.Name, "file") }

// Lookup implements [Directory].
func (f *File) Lookup(q Query) Answer {
	return Answer{User: f.table.Load().find(&q), Fresh: !f.stale.Load()}
}

// Stats implements [Directory].
func (f *File) Stats() Stats {
	return Stats{Users: f.table.Load().users(), Followed: true, Confirmed: time.Unix(0, f.confirmed.Load())}
}

// Start implements [Directory].
func (f *File) Start(ctx context.Context) error {
	if err := f.load(); err != nil {
		if errors.Is(err, errChanging) && f.pause(ctx) {
			err = f.load()
		}
		if err != nil {
			return fmt.Errorf("directory %s: %w", f.options.Path, err)
		}
	}
	followed, cancel := context.WithCancel(context.WithoutCancel(ctx))
	f.cancel = cancel
	f.done.Go(func() { f.follow(followed) })
	return nil
}

// Shutdown implements [Directory].
func (f *File) Shutdown(context.Context) error {
	if f.cancel != nil {
		f.cancel()
		f.done.Wait()
	}
	return nil
}

// load reads and parses the file and takes its users, or leaves everything as it is.
func (f *File) load() error {
	v, data, err := f.read()
	if err != nil {
		return err
	}
	sum := sha256.Sum256(data)
	changed := sum != f.sum
	if changed {
		t, err := parse(f.options.Path, data)
		if err != nil {
			f.broken = v
			return err
		}
		f.take(t)
	}
	f.seen, f.sum = v, sum
	f.confirm()
	if changed {
		f.tell(nil)
	}
	return nil
}

// take puts new users in the place of the old ones. They are not looked up before they know what they were.
func (f *File) take(t *table) {
	now := time.Now()
	if f.sum == [sha256.Size]byte{} {
		f.changes = t.snapshot(now.UnixNano())
	} else {
		f.changes = slices.Values(t.succeed(f.table.Load(), now.UnixNano(), now.Add(-f.options.Keep).UnixNano()))
	}
	f.table.Store(t)
}

// deliver tells of the changes that were last taken.
func (f *File) deliver(ctx context.Context) {
	if f.options.OnChange != nil && f.changes != nil {
		f.options.OnChange(ctx, f.changes)
	}
	f.changes = nil
}

// confirm notes that the users are those of the file.
func (f *File) confirm() {
	f.broken, f.problem = version{}, ""
	f.confirmed.Store(time.Now().UnixNano())
	f.stale.Store(false)
}

func (f *File) tell(err error) {
	if f.options.OnLoad != nil {
		f.options.OnLoad(f.table.Load().users(), err)
	}
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
