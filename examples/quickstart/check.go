package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/otelaudit/otelaudit/examples/quickstart/internal/month"
	"github.com/otelaudit/otelaudit/examples/quickstart/internal/report"
	"github.com/otelaudit/otelaudit/examples/quickstart/internal/sender"
)

// stored is what the database holds of a run.
type stored struct {
	rows, distinct int
	digest         uint64 // as sender.Totals has it
	quarantined    int
}

func countStored(ctx context.Context, db report.Database, run string) (stored, error) {
	var s stored
	answer, err := db.Query(ctx, fmt.Sprintf(`SELECT count(), uniqExact(record_id), groupBitXor(xxHash64(record_id)),
    (SELECT uniqExact(record_id) FROM audit.quarantine WHERE startsWith(record_id, '%s'))
FROM audit.events WHERE startsWith(record_id, '%s') FORMAT TabSeparated`, run, run))
	if err != nil {
		return s, err
	}
	_, err = fmt.Sscan(answer, &s.rows, &s.distinct, &s.digest, &s.quarantined)
	return s, err
}

// arriveLimit is how long nothing may change before the wait for acknowledged events is given up.
const arriveLimit = time.Minute

// waitStored waits until every acknowledged event of a run is in the database, or nothing arrives any more.
func waitStored(ctx context.Context, db report.Database, run string, acknowledged int) (stored, error) {
	var last stored
	changed := time.Now()
	for {
		now, err := countStored(ctx, db, run)
		switch {
		case ctx.Err() != nil:
			return now, ctx.Err()
		case err == nil && now.distinct+now.quarantined >= acknowledged:
			return now, nil
		case err == nil && now != last:
			last, changed = now, time.Now()
		case time.Since(changed) > arriveLimit:
			return now, err
		}
		select {
		case <-ctx.Done():
			return now, ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// exactlyOnce compares what was acknowledged with what is stored.
func exactlyOnce(sent sender.Totals, s stored) error {
	var errs []error
	if n := sent.Emitted - sent.Acknowledged; n != 0 {
		errs = append(errs, fmt.Errorf("%d of %d events were not acknowledged (%d rejected, %d failed): %s",
			n, sent.Emitted, sent.Rejected, sent.Failed, sent.Reason))
	}
	if n := sent.Acknowledged - s.distinct; n != 0 {
		errs = append(errs, fmt.Errorf("%d acknowledged events are missing from audit.events; %d are in audit.quarantine", n, s.quarantined))
	}
	if n := s.rows - s.distinct; n != 0 {
		errs = append(errs, fmt.Errorf("%d rows of audit.events are doubles", n))
	}
	if sent.Rejected == 0 && len(errs) == 0 && s.digest != sent.Digest {
		errs = append(errs, errors.New("audit.events holds as many events as were acknowledged, but not the same ones"))
	}
	return errors.Join(errs...)
}

// settleLimit is how long a rollup may stay behind the events: an insert shows its rows a moment before those of the rollups.
const settleLimit = 20 * time.Second

// waitRollups waits until a rollup that counts every event agrees with the events themselves.
func waitRollups(ctx context.Context, db report.Database) error {
	for began := time.Now(); ; {
		answer, err := db.Query(ctx, `SELECT (SELECT sum(events) FROM audit.activity_daily), (SELECT count() FROM audit.events) FORMAT TabSeparated`)
		if err != nil {
			return err
		}
		var rollup, events int
		if _, err := fmt.Sscan(answer, &rollup, &events); err != nil {
			return err
		}
		if rollup == events {
			return nil
		}
		if time.Since(began) > settleLimit {
			return fmt.Errorf("audit.activity_daily counts %d events and audit.events %d", rollup, events)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// planted is what the month has in query texts, prompts and everywhere else that must not be stored.
var planted = []string{month.CanaryEmail, month.CanarySecret, "@customer.example.net", "sk_live_"}

// leaks looks for planted texts in every column of every table that can hold text, and returns where they are.
func leaks(ctx context.Context, db report.Database) ([]string, error) {
	columns, err := db.Query(ctx, `SELECT table, name FROM system.columns
WHERE database = 'audit' AND type LIKE '%String%' AND type NOT LIKE 'AggregateFunction%'
    AND table IN (SELECT name FROM system.tables WHERE database = 'audit' AND engine LIKE '%MergeTree')
FORMAT TabSeparated`)
	if err != nil {
		return nil, err
	}
	quoted := make([]string, len(planted))
	for i, p := range planted {
		quoted[i] = "'" + p + "'"
	}
	needles := "[" + strings.Join(quoted, ",") + "]"
	tables := map[string][]string{}
	for _, line := range strings.Split(strings.TrimSpace(columns), "\n") {
		table, column, _ := strings.Cut(line, "\t")
		tables[table] = append(tables[table], fmt.Sprintf("countIf(multiSearchAny(toString(`%s`), %s)) AS `%s`", column, needles, column))
	}
	var found []string
	for table, counts := range tables {
		answer, err := db.Query(ctx, fmt.Sprintf("SELECT %s FROM audit.`%s` FORMAT Vertical", strings.Join(counts, ", "), table))
		if err != nil {
			return nil, fmt.Errorf("look for planted texts in %s: %w", table, err)
		}
		for _, line := range strings.Split(answer, "\n") {
			column, n, ok := strings.Cut(line, ":")
			if n = strings.TrimSpace(n); ok && n != "0" && n != "" {
				found = append(found, fmt.Sprintf("%s.%s (%s rows)", table, column, n))
			}
		}
	}
	return found, nil
}
