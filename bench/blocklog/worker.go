package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
)

// result is what a worker tells: one line of JSON on standard output.
type result struct {
	Commits         int
	Payload         int64 // bytes of blocks and records
	Written         int64 // write_bytes of the process
	Counted         int64 // what the candidate counted itself, 0 where it does not
	CPU             float64
	Seconds         float64
	P50, P99, Worst float64 // of a commit, in milliseconds
	RSS             int64   // peak, bytes
	Left            int64   // bytes of the files at the end
	Blocks          int     // readable ones
	Error           string
	Drained         bool
	Complaints      []string
}

// What candidates say beside their results.
var (
	complaints []string
	countedOwn int64
)

func complain(text string) { complaints = append(complaints, text) }

// worker runs one task on one candidate, in a process of its own so that memory and input/output are its own.
func worker(args []string) error {
	f := flag.NewFlagSet("worker", flag.ExitOnError)
	name := f.String("store", "", "candidate")
	dir := f.String("dir", "", "directory")
	task := f.String("task", "", "run, fill, write or check")
	var w workload
	f.IntVar(&w.size, "size", 0, "bytes of a block")
	f.IntVar(&w.records, "records", 0, "replay records of a block")
	f.IntVar(&w.blocks, "blocks", 0, "how many blocks")
	f.BoolVar(&w.backlog, "backlog", false, "insert only after all is committed")
	if err := f.Parse(args); err != nil {
		return err
	}
	for _, c := range candidates() {
		if c.name != *name {
			continue
		}
		var r result
		s, err := c.open(*dir)
		if err == nil {
			switch *task {
			case "run":
				err = run(s, *dir, w, &r)
			case "fill":
				err = fill(s, w, &r)
			case "write":
				err = write(s, w)
			case "check":
				err = check(s, w, &r)
			default:
				err = errors.New("unknown task")
			}
		}
		if err != nil {
			r.Error, _, _ = strings.Cut(err.Error(), "\n")
		}
		r.Complaints = complaints
		return json.NewEncoder(os.Stdout).Encode(r)
	}
	return fmt.Errorf("no candidate %q here", *name)
}
