package blocklog

import (
	"errors"
	"fmt"
	"syscall"
)

// Errors that a caller tells apart with errors.Is.
var (
	// ErrLocked is what Open gives when another process, or another Log of this one, has the directory open.
	ErrLocked = errors.New("in use by another process: each collector needs a directory of its own")
	// ErrFull is in every error that says there is no room now, because of MaxBytes or of the disk. Nothing was written; the
	// same commit can succeed when blocks have been inserted or room was made.
	ErrFull = errors.New("block log is full")
	// ErrTooLarge is in the error for a commit that cannot fit, however long one waits.
	ErrTooLarge = errors.New("commit is too large for the block log")
	// ErrClosed is what every call gives after Close.
	ErrClosed = errors.New("block log is closed")
	// ErrUnknown is in errors that say a block or plan is not in the log, not of the given table, or not in the state that
	// the call needs.
	ErrUnknown = errors.New("not in the block log")
)

// VersionError is what Open gives when the directory was written by a newer version. Nothing was changed.
type VersionError struct {
	File         string
	Found, Known int
}

func (e *VersionError) Error() string {
	return fmt.Sprintf("block log: %s has format version %d, this collector knows versions up to %d: "+
		"start the newer collector again, let it drain its log, and then go back", e.File, e.Found, e.Known)
}

// DiskError is what the operating system answered. It is [ErrFull] where it says that there is no room.
type DiskError struct {
	Op   string // what was tried: write, sync, create …
	File string
	Err  error
}

func (e *DiskError) Error() string {
	advice := ""
	if outOfSpace(e.Err) {
		advice = ": make room on the disk; what is in the log is safe and goes on being inserted"
	}
	return fmt.Sprintf("block log: %s %s: %v%s", e.Op, e.File, bare(e.Err), advice)
}

func (e *DiskError) Unwrap() error { return e.Err }

// Is makes an error about missing room an [ErrFull].
func (e *DiskError) Is(target error) bool { return target == ErrFull && outOfSpace(e.Err) }

// bare leaves out the path that errors of package os repeat.
func bare(err error) error {
	var number syscall.Errno
	if errors.As(err, &number) {
		return number
	}
	return err
}

func diskError(op, file string, err error) error {
	if err == nil {
		return nil
	}
	return &DiskError{Op: op, File: file, Err: err}
}

// DamageError is what Read gives for a block whose bytes are not what was written. The file is kept aside when the log is
// done with it.
type DamageError struct {
	Number uint64
	Damage Damage
}

func (e *DamageError) Error() string {
	return fmt.Sprintf("block log: block %d: %s", e.Number, e.Damage)
}
