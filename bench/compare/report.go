package main

import (
	"fmt"
	"slices"
)

// figures are what one run measured.
type figures struct {
	seconds      float64 // until the last answer
	collectorCPU float64 // µs a record
	databaseCPU  float64 // µs a record, merges included
	memory       float64 // MiB, the highest
	disk         float64 // bytes a record in the database
	written      float64 // bytes a record that the collector wrote
	p50, p99     float64 // ms until the answer
}

// names are what the figures are called, in the order of values.
var names = []string{
	"collector CPU a record (µs)", "ClickHouse CPU a record, merges included (µs)", "collector peak memory (MiB)",
	"bytes a record on ClickHouse's disk", "bytes a record written by the collector", "acknowledgement p50 (ms)",
	"acknowledgement p99 (ms)", "seconds until the last answer",
}

func (f *figures) values() []*float64 {
	return []*float64{&f.collectorCPU, &f.databaseCPU, &f.memory, &f.disk, &f.written, &f.p50, &f.p99, &f.seconds}
}

func (f *figures) print(system string) {
	fmt.Printf("%s:", system)
	for i, v := range f.values() {
		fmt.Printf(" %s %.2f;", names[i], *v)
	}
	fmt.Println()
}

// median takes each figure's median.
func median(rounds []figures) (out figures) {
	for i, v := range out.values() {
		var all []float64
		for r := range rounds {
			all = append(all, *rounds[r].values()[i])
		}
		slices.Sort(all)
		*v = all[len(all)/2]
	}
	return out
}

func report(o options, m measured) {
	fmt.Printf("\n%s, %d clients, GOGC=%s\n", o.sent(), o.clients, o.gogc)
	fmt.Printf("decoding OTLP alone: %.2f µs a record; ours is %.2f times that\n", m.floor.collectorCPU, m.ours.collectorCPU/m.floor.collectorCPU)
	for _, theirs := range []struct {
		how string
		*figures
	}{{"", &m.theirs}, {", their queue batching", &m.batching}} {
		a, b := m.ours.values(), theirs.values()
		for i, name := range names {
			fmt.Printf("%s, %d clients%s: %.2f / %.2f = %.2f\n", name, o.clients, theirs.how, *a[i], *b[i], *a[i]/(*b[i]))
		}
	}
}

// sent says what every system got.
func (o options) sent() string {
	if o.requests != "" {
		return fmt.Sprintf("%d records of %s, %d records a request", o.recorded.count(), o.requests, o.recorded.count()/len(o.recorded.bodies))
	}
	return fmt.Sprintf("%d records of about 640 bytes, %d records a request", o.records, o.batch)
}
