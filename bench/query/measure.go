package main

import (
	"slices"
	"syscall"
	"testing"
	"time"
)

// cost is what one query costs.
type cost struct {
	nanoseconds float64 // of CPU time
	allocations float64
}

// compared is one sample read by two contenders.
type compared struct {
	ours, theirs cost    // medians over the rounds
	ratio        float64 // theirs / ours: the median of the ratios of the rounds
}

// slice is how long one contender runs before the other one gets its turn: long enough to be measured, short enough for
// whatever else the machine does to hit both.
const slice = 2 * time.Millisecond

// compare lets two contenders read a sample by turns. The CPU time of the process counts, garbage collection with it, and
// not the time on the clock: on a busy machine that belongs to others.
func compare(a, b contender, s sample, rounds int) compared {
	iterationsA, iterationsB := iterationsOf(a, s), iterationsOf(b, s)
	var timesA, timesB, ratios []float64
	for range rounds {
		timeA, timeB := timeOf(a, s, iterationsA), timeOf(b, s, iterationsB)
		timesA, timesB, ratios = append(timesA, timeA), append(timesB, timeB), append(ratios, timeB/timeA)
	}
	return compared{
		ours:   cost{median(timesA), testing.AllocsPerRun(100, func() { a.run(s) })},
		theirs: cost{median(timesB), testing.AllocsPerRun(100, func() { b.run(s) })},
		ratio:  median(ratios),
	}
}

// iterationsOf is how often a contender reads a sample in a slice.
func iterationsOf(c contender, s sample) int {
	n := 1
	for timeOf(c, s, n)*float64(n) < float64(slice) {
		n *= 2
	}
	return n
}

// timeOf is the CPU time of one query, in nanoseconds.
func timeOf(c contender, s sample, n int) float64 {
	start := cpuTime()
	for range n {
		if c.run(s) == 0 {
			panic(c.name + " tells nothing of " + s.name)
		}
	}
	return float64(cpuTime()-start) / float64(n)
}

func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}
