package directory

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/otelaudit/otelaudit/internal/follow"
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
	file    *follow.File
	table   atomic.Pointer[table]

	taken   bool                  // a first content
	changes chan iter.Seq[Change] // to be told of, one at a time: the file is not read again before
	ended   context.Context       // when nobody is told any more
	cancel  context.CancelFunc
	telling sync.WaitGroup
}

// NewFile makes a File. Nothing is read before Start.
func NewFile(options FileOptions) *File {
	f := &File{options: options, changes: make(chan iter.Seq[Change], 1)}
	f.ended, f.cancel = context.WithCancel(context.Background())
	f.table.Store(newTable())
	f.file = follow.New(follow.Options{
		Path: options.Path, Interval: options.ReloadInterval, MaxBytes: options.MaxBytes, Take: f.take, Failed: f.tell,
	})
	return f
}

// Name implements [Directory].
func (f *File) Name() string { return cmp.Or(f.options.Name, "file") }

// Lookup implements [Directory].
func (f *File) Lookup(q Query) Answer {
	return Answer{User: f.table.Load().find(&q), Fresh: f.file.Fresh()}
}

// Stats implements [Directory].
func (f *File) Stats() Stats {
	return Stats{Users: f.table.Load().users(), Followed: true, Confirmed: f.file.Confirmed()}
}

// Start implements [Directory].
func (f *File) Start(ctx context.Context) error {
	if err := f.file.Start(ctx); err != nil {
		return fmt.Errorf("directory %s: %w", f.options.Path, err)
	}
	if f.options.OnChange != nil {
		f.telling.Go(f.deliver)
	}
	return nil
}

// Shutdown implements [Directory].
func (f *File) Shutdown(ctx context.Context) error {
	f.cancel()
	f.telling.Wait()
	return f.file.Shutdown(ctx)
}

// take takes the users of new content. They are not looked up before they know what they were.
func (f *File) take(data []byte) error {
	t, err := parse(f.options.Path, data)
	if err != nil {
		return err
	}
	now := time.Now()
	changes := t.snapshot(now.UnixNano())
	if f.taken {
		changes = slices.Values(t.succeed(f.table.Load(), now.UnixNano(), now.Add(-f.options.Keep).UnixNano()))
	}
	f.taken = true
	f.table.Store(t)
	f.tell(nil)
	if f.options.OnChange != nil {
		select {
		case f.changes <- changes:
		case <-f.ended.Done():
		}
	}
	return nil
}

// deliver tells of changes until Shutdown.
func (f *File) deliver() {
	for {
		select {
		case changes := <-f.changes:
			f.options.OnChange(f.ended, changes)
		case <-f.ended.Done():
			return
		}
	}
}

func (f *File) tell(err error) {
	if f.options.OnLoad != nil {
		f.options.OnLoad(f.table.Load().users(), err)
	}
}
