package directory

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/otelaudit/otelaudit/internal/follow"
)

// FileOptions configure a [File].
type FileOptions struct {
	Path           string        // .yaml, .yml, .json or .csv
	ReloadInterval time.Duration // how often to look whether the file has changed
	MaxBytes       int64         // size of the largest file that is read
	// OnLoad is told of every attempt to load new content, whether it succeeded or not, from the goroutine that made it. An error
	// holds nothing of the file. May be nil.
	OnLoad func(users int, err error)
}

// File is a [Directory] in a file. A change is noticed by time of modification and size, or by the content while the former is too
// young to tell; it is loaded once the file has kept still for a moment, and takes effect at once for all users. Where the new
// file is missing, broken or too large, the users from before stay, and answers are no longer fresh until a good one is there.
type File struct {
	options FileOptions
	file    *follow.File
	index   atomic.Pointer[index]
}

// NewFile makes a File. Nothing is read before Start.
func NewFile(options FileOptions) *File {
	f := &File{options: options}
	f.index.Store(newBuilder().build())
	f.file = follow.New(follow.Options{
		Path: options.Path, Interval: options.ReloadInterval, MaxBytes: options.MaxBytes, Take: f.take, Failed: f.tell,
	})
	return f
}

// Name implements [Directory].
func (f *File) Name() string { return "file" }

// Lookup implements [Directory].
func (f *File) Lookup(id, email string) (*User, bool) {
	return f.index.Load().find(id, email), f.file.Fresh()
}

// Stats implements [Directory].
func (f *File) Stats() Stats {
	return Stats{Users: len(f.index.Load().users), Confirmed: f.file.Confirmed()}
}

// Start implements [Directory].
func (f *File) Start(ctx context.Context) error {
	if err := f.file.Start(ctx); err != nil {
		return fmt.Errorf("directory %s: %w", f.options.Path, err)
	}
	return nil
}

// Shutdown implements [Directory].
func (f *File) Shutdown(ctx context.Context) error { return f.file.Shutdown(ctx) }

// take takes the users of new content.
func (f *File) take(data []byte) error {
	x, err := parse(f.options.Path, data)
	if err != nil {
		return err
	}
	f.index.Store(x)
	f.tell(nil)
	return nil
}

func (f *File) tell(err error) {
	if f.options.OnLoad != nil {
		f.options.OnLoad(len(f.index.Load().users), err)
	}
}
