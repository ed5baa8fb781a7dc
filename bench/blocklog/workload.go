package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"syscall"
	"time"
)

// workload is what is done to every candidate alike.
type workload struct {
	size, records, blocks int
	backlog               bool
}

// window is how many blocks' records are kept.
func (w workload) window() uint64 { return uint64(w.blocks / 4) }

// run has how many blocks an insert takes: about a megabyte.
func (w workload) insert() uint64 { return uint64(max(1, 1_000_000/w.size)) }

// block gives the bytes of a block, which cannot be compressed: the real ones are.
func (w workload) block(n uint64) (block, records []byte) {
	b := pool[n*8191%uint64(len(pool)-w.size):][:w.size]
	records = make([]byte, w.records*recordSize)
	for i := range w.records {
		binary.LittleEndian.PutUint64(records[i*recordSize:], n)
		binary.LittleEndian.PutUint64(records[i*recordSize+8:], rand.Uint64())
	}
	return b, records
}

var pool = func() []byte {
	b := make([]byte, 0, 4<<20)
	for r := rand.New(rand.NewPCG(1, 1)); len(b) < cap(b); {
		b = binary.LittleEndian.AppendUint64(b, r.Uint64())
	}
	return b
}()

// run commits all blocks one after the other, each synced, while an inserter drains them or after.
func run(s store, dir string, w workload, r *result) error {
	before, start := usage(), time.Now()
	took := make([]time.Duration, 0, w.blocks)
	var committed atomic.Uint64
	inserted := make(chan error, 1)
	inserter := func() { inserted <- insertAll(s, w, &committed) }
	if !w.backlog {
		go inserter()
	}
	for n := range uint64(w.blocks) {
		block, records := w.block(n + 1)
		at := time.Now()
		if err := s.commit(block, records); err != nil {
			return err
		}
		took = append(took, time.Since(at))
		committed.Store(n + 1)
	}
	if w.backlog {
		go inserter()
	}
	if err := <-inserted; err != nil {
		return err
	}
	if err := s.close(); err != nil {
		return err
	}
	after := usage()
	slices.Sort(took)
	milliseconds := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	*r = result{
		Commits: w.blocks, Payload: int64(w.blocks) * int64(w.size+w.records*recordSize),
		Written: after.written - before.written, Counted: countedOwn, CPU: after.cpu - before.cpu,
		Seconds: time.Since(start).Seconds(), P50: milliseconds(took[len(took)/2]), P99: milliseconds(took[len(took)*99/100]),
		Worst: milliseconds(took[len(took)-1]), RSS: after.peak, Left: sizeOf(dir),
	}
	return nil
}

// insertAll plans, reads and ends runs of blocks until all are gone.
func insertAll(s store, w workload, committed *atomic.Uint64) error {
	var buf []byte
	for first := uint64(1); first <= uint64(w.blocks); {
		last := min(committed.Load(), first+w.insert()-1)
		if last < first || last-first+1 < w.insert() && last < uint64(w.blocks) {
			time.Sleep(time.Millisecond)
			continue
		}
		if err := s.plan(first, last); err != nil {
			return err
		}
		for n := first; n <= last; n++ {
			var err error
			if buf, err = s.read(n, buf); err != nil {
				return fmt.Errorf("block %d: %w", n, err)
			}
		}
		if err := s.done(first, last); err != nil {
			return err
		}
		if last > w.window() {
			if err := s.forget(last - w.window()); err != nil {
				return err
			}
		}
		first = last + 1
	}
	return nil
}

// fill commits until the disk is full, and then drains and commits again.
func fill(s store, w workload, r *result) error {
	var full error
	n := uint64(0)
	for full == nil {
		block, records := w.block(n + 1)
		if full = s.commit(block, records); full == nil {
			n++
		}
	}
	complain(fmt.Sprintf("full after %d blocks: %v", n, full))
	w.blocks = int(n)
	var all atomic.Uint64
	all.Store(n)
	if err := insertAll(s, w, &all); err != nil {
		return fmt.Errorf("draining: %w", err)
	}
	if err := s.forget(n + 1); err != nil {
		return fmt.Errorf("draining: %w", err)
	}
	r.Drained = true
	var err error
	for range 30 { // seconds
		time.Sleep(100 * time.Millisecond)
		block, records := w.block(n + 1)
		if err = s.commit(block, records); err == nil {
			return s.close()
		}
	}
	return fmt.Errorf("committing again: %w", err)
}

func write(s store, w workload) error {
	for n := range uint64(w.blocks) {
		if err := s.commit(w.block(n + 1)); err != nil {
			return err
		}
	}
	return s.close()
}

// check counts the blocks that are there and right.
func check(s store, w workload, r *result) error {
	numbers, err := s.found()
	for n := range uint64(w.blocks) {
		want, _ := w.block(n + 1)
		b, readErr := s.read(n+1, nil)
		switch {
		case readErr == nil && bytes.Equal(want, b):
			r.Blocks++
		case readErr == nil:
			complain(fmt.Sprintf("block %d is wrong, and nothing says so", n+1))
		case slices.Contains(numbers, n+1):
			complain(readErr.Error())
		}
	}
	if err != nil {
		complain(err.Error())
	}
	return s.close()
}

type used struct {
	written, peak int64
	cpu           float64
}

// usage reads what the process has used so far.
func usage() used {
	var u used
	var r syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &r)
	u.cpu = float64(r.Utime.Nano()+r.Stime.Nano()) / 1e9
	u.written = field("/proc/self/io", "write_bytes:")
	u.peak = field("/proc/self/status", "VmHWM:") << 10
	return u
}

func field(file, name string) int64 {
	b, _ := os.ReadFile(file)
	_, rest, _ := bytes.Cut(b, []byte(name))
	var n int64
	_, _ = fmt.Sscan(string(rest), &n)
	return n
}

func sizeOf(dir string) int64 {
	var n int64
	_ = filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
		if info, e := e.Info(); err == nil && e == nil && !info.IsDir() {
			n += info.Size()
		}
		return nil
	})
	return n
}
