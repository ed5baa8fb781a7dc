//go:build ours

// The worker that measures the exporter's own columns. It is built inside the exporter's module, because they are internal
// to it: see build.go.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/columns"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/eventtest"
	"github.com/otelaudit/otelaudit/internal/audit"
)

func main() {
	kind := flag.String("events", "query", "query or enriched")
	compression := flag.String("compression", columns.CompressionLZ4, "lz4, zstd or none")
	dir := flag.String("write", "", "write the records and their block to files in this directory, and do nothing else")
	d := flag.Duration("for", time.Second, "how long to measure")
	flag.Parse()
	events := make([]audit.Event, rows)
	for i := range events {
		id := fmt.Sprintf("0190f5a0-7c3e-7d4e-8f00-%012x", i*7919)
		if *kind == "query" {
			events[i] = eventtest.Query(id, eventtest.Time.Add(time.Duration(i)*time.Millisecond), i)
		} else {
			events[i] = eventtest.Enriched(id, eventtest.Time.Add(time.Duration(i)*time.Millisecond), i)
		}
	}
	wire, err := (&plog.ProtoMarshaler{}).MarshalLogs(eventtest.Request(events...))
	exitOn(err)
	logs, err := (&plog.ProtoUnmarshaler{}).UnmarshalLogs(wire) // in memory as a receiver leaves them there
	exitOn(err)
	builder := columns.NewBuilder(20, *compression)
	block := func() columns.Sealed {
		audit.Events(logs, func(e audit.Event) bool {
			admission, _ := builder.Add(e)
			return admission == columns.Added
		})
		sealed := builder.Seal()
		sealed.Number(1)
		return sealed
	}
	if *dir != "" {
		sealed := block()
		if sealed.Rows != rows {
			exitOn(errors.New("an event is not a row"))
		}
		exitOn(os.WriteFile(filepath.Join(*dir, "records"), wire, 0o600))
		exitOn(os.WriteFile(filepath.Join(*dir, "block"), sealed.Data, 0o600))
		return
	}
	exitOn(json.NewEncoder(os.Stdout).Encode(measure(*d, func() (int, int) {
		sealed := block()
		defer sealed.Release()
		return sealed.RawBytes, len(sealed.Data)
	})))
}

func exitOn(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
