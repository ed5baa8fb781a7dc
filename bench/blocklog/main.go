//go:build !ours

// Command blocklog compares the exporter's block log with stores that could take its place, on the same work in the same run:
// see the README beside this module. Run it from the directory of the module, as root where it is to fill a disk.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

func candidates() []opener {
	return []opener{{"pebble", openPebble}, {"raft-wal", openRaftWAL}, {"bbolt", openBolt}}
}

var packages = map[string]string{
	"pebble": "github.com/cockroachdb/pebble/v2", "raft-wal": "github.com/hashicorp/raft-wal", "bbolt": "go.etcd.io/bbolt",
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "worker" {
		exitOn(worker(os.Args[2:]))
		return
	}
	scale := flag.Int("scale", 1, "multiplies the number of blocks")
	dir := flag.String("dir", os.TempDir(), "where the stores are written: the disk that is measured")
	flag.Parse()
	temp, err := os.MkdirTemp(*dir, "blocklog-bench-")
	exitOn(err)
	defer func() { _ = os.RemoveAll(temp) }()
	b := bench{temp: temp, ours: filepath.Join(temp, "ours")}
	exitOn(buildOurs(b.ours))
	b.names = []string{"blocklog"}
	for _, c := range candidates() {
		b.names = append(b.names, c.name)
	}
	b.speed(*scale)
	b.gained()
	b.flipped()
	b.full()
}

func exitOn(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

type bench struct {
	temp, ours string
	names      []string
	made       int
}

func (b *bench) directory() string {
	b.made++
	dir := filepath.Join(b.temp, strconv.Itoa(b.made))
	exitOn(os.Mkdir(dir, 0o700))
	return dir
}

// patience is how long a task may take.
const patience = 2 * time.Minute

// work runs a task in a process of its own. died is what that said where it ended without a result.
func (b *bench) work(name, dir, task string, w workload) (r result, died string) {
	args := []string{
		"-store", name, "-dir", dir, "-task", task, "-size", strconv.Itoa(w.size), "-records", strconv.Itoa(w.records),
		"-blocks", strconv.Itoa(w.blocks), fmt.Sprintf("-backlog=%t", w.backlog),
	}
	program := b.ours
	if name != "blocklog" {
		program, args = os.Args[0], append([]string{"worker"}, args...)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	process := exec.CommandContext(ctx, program, args...)
	var complaint bytes.Buffer
	process.Stderr = &complaint
	out, err := process.Output()
	if ctx.Err() != nil {
		return r, fmt.Sprintf("no answer within %s", patience)
	}
	if e := json.Unmarshal(out, &r); e != nil {
		text, _, _ := strings.Cut(strings.TrimSpace(complaint.String()), "\n")
		return r, fmt.Sprintf("the process ends (%v): %s", err, text)
	}
	return r, ""
}

func (b *bench) speed(scale int) {
	for _, w := range []workload{
		{size: 120_000, records: 1000, blocks: 2000 * scale},
		{size: 120_000, records: 1000, blocks: 2000 * scale, backlog: true},
		{size: 2000, records: 10, blocks: 10_000 * scale},
		{size: 2000, records: 10, blocks: 10_000 * scale, backlog: true},
	} {
		how := "drained behind"
		if w.backlog {
			how = "drained after all of it was committed"
		}
		fmt.Printf("\n%d blocks of %d bytes with %d replay records each, one synced commit each, %s\n\n", w.blocks, w.size, w.records, how)
		fmt.Println("| store | bytes written a byte | CPU a commit | commit p50 | p99 | most | whole run | peak RSS | files at the end |")
		fmt.Println("|---|---|---|---|---|---|---|---|---|")
		for _, name := range b.names {
			dir := b.directory()
			r, died := b.work(name, dir, "run", w)
			_ = os.RemoveAll(dir)
			if died != "" || r.Error != "" {
				fmt.Printf("| %s | %s%s |\n", name, died, r.Error)
				continue
			}
			written := fmt.Sprintf("%.2f", float64(r.Written)/float64(r.Payload))
			if r.Counted > 0 {
				written += fmt.Sprintf(" (%.2f counted by itself)", float64(r.Counted)/float64(r.Payload))
			}
			fmt.Printf("| %s | %s | %.0f µs | %.2f ms | %.2f ms | %.1f ms | %.1f s | %d MB | %d MB |\n", name, written,
				r.CPU/float64(r.Commits)*1e6, r.P50, r.P99, r.Worst, r.Seconds, r.RSS>>20, r.Left>>20)
		}
	}
}

func (b *bench) gained() {
	fmt.Println("\nModules that a build of the exporter would gain")
	fmt.Println("  blocklog: 0")
	for _, name := range b.names[1:] {
		n, err := modules(packages[name])
		exitOn(err)
		fmt.Printf("  %s: %d\n", name, n)
	}
}
