package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/otelaudit/otelaudit/internal/clickhouselocal"
)

func number(ctx context.Context, server *clickhouselocal.Server, sql string) (float64, error) {
	text, err := server.Query(ctx, sql)
	if err != nil {
		return 0, err
	}
	return strconv.ParseFloat(strings.TrimSpace(text), 64)
}

// waitStored waits until the database has n records, and fails where it gets more.
func waitStored(ctx context.Context, server *clickhouselocal.Server, s system, n int) error {
	if s.count == "" {
		return nil
	}
	var have float64
	for end := time.Now().Add(10 * time.Minute); time.Now().Before(end) && ctx.Err() == nil; time.Sleep(200 * time.Millisecond) {
		have, _ = number(ctx, server, s.count) // the table may not be there yet
		if int(have) == n {
			return nil
		}
		if int(have) > n {
			return fmt.Errorf("the database has %.0f records, more than the %d that were sent", have, n)
		}
	}
	return fmt.Errorf("the database has %.0f records of %d", have, n)
}

// waitMerged waits until nothing has been merged for a while.
func waitMerged(ctx context.Context, server *clickhouselocal.Server) error {
	quiet := 0
	for end := time.Now().Add(3 * time.Minute); time.Now().Before(end) && ctx.Err() == nil; time.Sleep(time.Second) {
		merges, err := number(ctx, server, "SELECT count() FROM system.merges")
		if err != nil {
			return err
		}
		if quiet++; merges > 0 {
			quiet = 0
		}
		if quiet == 5 {
			return nil
		}
	}
	return ctx.Err()
}

// weigh gives the bytes on disk a record, once every table is one part a partition.
func weigh(ctx context.Context, server *clickhouselocal.Server, database string, records int) (float64, error) {
	names, err := server.Query(ctx, "SELECT name FROM system.tables WHERE database = '"+database+"' AND engine LIKE '%MergeTree'")
	if err != nil {
		return 0, err
	}
	for name := range strings.FieldsSeq(names) {
		if _, err := server.Query(ctx, "OPTIMIZE TABLE "+database+"."+name+" FINAL"); err != nil {
			return 0, err
		}
	}
	bytes, err := number(ctx, server, "SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND database = '"+database+"'")
	return bytes / float64(records), err
}
