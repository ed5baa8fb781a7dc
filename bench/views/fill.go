package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/otelaudit/otelaudit/internal/clickhouselocal"
)

const chunk = 500_000

// fill makes tables and views as a database administrator would, and the events where there are none.
func fill(ctx context.Context, server *clickhouselocal.Server, events int) error {
	sql, err := exec.CommandContext(ctx, "go", "run", "github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/schema/cmd/auditschema").Output()
	if err != nil {
		return fmt.Errorf("print our schema: %w", err)
	}
	for statement := range strings.SplitSeq(string(sql), ";\n") {
		// Views are made anew: those of a directory that is kept may be of another version.
		statement = strings.Replace(statement, "CREATE VIEW IF NOT EXISTS", "CREATE OR REPLACE VIEW", 1)
		if strings.TrimSpace(statement) == "" || strings.Contains(statement, "INSERT INTO audit.schema_migrations") {
			continue
		}
		if _, err := server.Query(ctx, statement); err != nil {
			return err
		}
	}
	there, err := server.Query(ctx, "SELECT count() FROM audit.events")
	if err != nil {
		return err
	}
	if strings.TrimSpace(there) == strconv.Itoa(events) {
		return nil
	}
	insert, err := os.ReadFile(testdata + "month.sql")
	if err != nil {
		return err
	}
	if strings.TrimSpace(there) != "0" {
		return fmt.Errorf("the directory has %s events, not %d: name another, or remove it", strings.TrimSpace(there), events)
	}
	start := time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, -30)
	for first := 0; first < events; first += chunk {
		_, _, err := ask(ctx, server, strings.Replace(string(insert), "{database:Identifier}", "audit", 1), map[string]string{
			"first": strconv.Itoa(first), "count": strconv.Itoa(min(chunk, events-first)), "total": strconv.Itoa(events), "start": literal(start),
		})
		if err != nil {
			return err
		}
		fmt.Fprintf(os.Stderr, "\r%d of %d events", min(first+chunk, events), events)
	}
	fmt.Fprintln(os.Stderr)
	return nil
}

// month is the range of the events that are there.
func month(ctx context.Context, server *clickhouselocal.Server) (from, to time.Time, err error) {
	text, err := server.Query(ctx, "SELECT toUnixTimestamp(min(toStartOfDay(timestamp))) FROM audit.events")
	if err != nil {
		return from, to, err
	}
	seconds, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	if err != nil {
		return from, to, err
	}
	from = time.Unix(seconds, 0).UTC()
	return from, from.AddDate(0, 0, 30), nil
}

func literal(at time.Time) string { return at.UTC().Format(time.DateTime) }
