package main

import (
	"runtime"
	"syscall"
	"time"
)

// result is what one measurement found, a row.
type result struct {
	CPU        float64 // nanoseconds, garbage collection included
	Allocs     float64
	Raw        float64 // bytes before compression
	Compressed float64
}

// rows is how many rows a block has.
const rows = 1000

// measure makes blocks for as long as told. block makes one and gives its size before and after compression.
func measure(d time.Duration, block func() (raw, compressed int)) result {
	raw, compressed := block() // buffers have their size after that
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	start, used, n := time.Now(), cpu(), 0
	for time.Since(start) < d {
		block()
		n++
	}
	used = cpu() - used
	runtime.ReadMemStats(&after)
	per := float64(n * rows)
	return result{
		CPU: float64(used) / per, Allocs: float64(after.Mallocs-before.Mallocs) / per,
		Raw: float64(raw) / rows, Compressed: float64(compressed) / rows,
	}
}

// cpu is how much CPU time this process has used: what else runs on the machine does not count.
func cpu() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
