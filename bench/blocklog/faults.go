//go:build !ours

package main

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
)

// flipped changes one byte in the middle of a closed store's largest file and looks at what is left.
func (b *bench) flipped() {
	w := workload{size: 120_000, records: 1000, blocks: 300}
	fmt.Printf("\nOne byte changed in a closed store of %d blocks, then opened and read\n", w.blocks)
	for _, name := range b.names {
		for _, where := range []string{"in the middle of", "near the beginning of"} {
			dir := b.directory()
			if r, died := b.work(name, dir, "write", w); died != "" || r.Error != "" {
				fmt.Printf("  %s: %s%s\n", name, died, r.Error)
				continue
			}
			file, size := largest(dir)
			at := size / 2
			if where != "in the middle of" {
				at = size / 20
			}
			exitOn(flip(file, at))
			r, died := b.work(name, dir, "check", w)
			fmt.Printf("  %s, %s %s: %d blocks readable; %s%s %s\n", name, where, filepath.Base(file), r.Blocks, died, r.Error, first(r.Complaints))
			_ = os.RemoveAll(dir)
		}
	}
}

func first(all []string) string {
	slices.Sort(all)
	all = slices.Compact(all)
	switch len(all) {
	case 0:
		return "says nothing"
	case 1:
		return all[0]
	default:
		return fmt.Sprintf("%s (and %d more)", all[0], len(all)-1)
	}
}

func largest(dir string) (file string, size int64) {
	_ = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || e.Name() == "reserve" {
			return err
		}
		if info, err := e.Info(); err == nil && info.Size() > size {
			file, size = path, info.Size()
		}
		return nil
	})
	return file, size
}

func flip(file string, at int64) error {
	f, err := os.OpenFile(file, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	b := make([]byte, 1)
	for { // a byte that is not one of preallocated zeros
		if _, err = f.ReadAt(b, at); err != nil {
			return err
		}
		if b[0] != 0 {
			break
		}
		at = at * 9 / 10
	}
	b[0] ^= 0xff
	_, err = f.WriteAt(b, at)
	return err
}

// full fills a small file system.
func (b *bench) full() {
	const size = "200m"
	w := workload{size: 120_000, records: 1000}
	fmt.Printf("\nA file system of %s is filled, the store drained, and committed to again\n", size)
	for _, name := range b.names {
		dir := b.directory()
		if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size="+size, "tmpfs", dir).CombinedOutput(); err != nil {
			fmt.Printf("  not tried: a file system cannot be mounted here (%s)\n", out)
			return
		}
		r, died := b.work(name, dir, "fill", w)
		switch {
		case died != "":
			again, diedAgain := b.work(name, dir, "check", workload{size: w.size, records: w.records, blocks: 2000})
			fmt.Printf("  %s: %s\n    opened again on the full disk: %d blocks readable; %s%s\n", name, died, again.Blocks, diedAgain, again.Error)
		case r.Error != "":
			fmt.Printf("  %s: %s\n    %s\n", name, first(r.Complaints), r.Error)
		default:
			fmt.Printf("  %s: %s\n    drains, and takes again\n", name, first(r.Complaints))
		}
		exitOn(exec.Command("umount", dir).Run())
	}
}
