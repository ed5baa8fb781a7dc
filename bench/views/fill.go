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
	return keepBooks(ctx, server)
}

// books are what a collector would have written beside the events: counts of what it received, an insert a minute, and one event of a
// thousand in quarantine.
var books = []string{
	`INSERT INTO audit.ledger
		SELECT toStartOfHour(received_at), 'collector-1', tenant_id, service_name, kind, '', count()
		FROM audit.events ARRAY JOIN ['received', 'accepted'] AS kind GROUP BY ALL`,
	`INSERT INTO audit.ledger
		SELECT toStartOfHour(received_at), 'collector-1', tenant_id, service_name, kind, if(kind = 'quarantined', 'wrong_type', ''), count()
		FROM audit.events ARRAY JOIN ['duplicate', 'quarantined'] AS kind WHERE cityHash64(record_id) % 1000 = 0 GROUP BY ALL`,
	`INSERT INTO audit.quarantine (record_id, timestamp, received_at, tenant_id, service_name, reason, field, event, block_id)
		SELECT record_id, timestamp, received_at, tenant_id, service_name, 'wrong_type', 'audit.query.cost', '{}', block_id
		FROM audit.events WHERE cityHash64(record_id) % 1000 = 0`,
	`INSERT INTO audit.blocks (token, table, collector, rows, digest, first_block, last_block, first_received_at, last_received_at, inserted_at)
		SELECT lower(hex(sipHash64(minute))), 'events', 'collector-1', count(), sum(xxHash64(record_id)), toUInt64(minute), toUInt64(minute),
			min(received_at), max(received_at), max(received_at) + 1
		FROM audit.events GROUP BY toStartOfMinute(received_at) AS minute`,
}

func keepBooks(ctx context.Context, server *clickhouselocal.Server) error {
	for _, sql := range books {
		if _, err := server.Query(ctx, sql); err != nil {
			return err
		}
	}
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
