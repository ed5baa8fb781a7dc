package insert

import (
	"errors"
	"time"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/clickhouse"
)

// Telemetry counts what is done. Tables, reasons, fields and classes are words of this bundle or of ClickHouse, never content.
type Telemetry interface {
	// Inserted counts an insert that was acknowledged: its rows, its bytes as sent, its blocks.
	Inserted(table string, rows, bytes, blocks int, took time.Duration)
	// Failed counts a try that was not; code is ClickHouse's or 0.
	Failed(table string, code int, class string, took time.Duration)
	// Quarantined counts rows that the database refused.
	Quarantined(reason, field string, rows int)
	// Damaged counts blocks of the log that could not be read, and whose rows are lost.
	Damaged(table string, blocks int)
	// Verified counts how the outcome of an insert was found: all, none, partly or unknown.
	Verified(table, verdict string)
	// Repaired counts rows that were missing and are there now.
	Repaired(table string, rows int)
	// Planned counts inserts that were planned.
	Planned(table string)
	// Paused says how long inserts wait because the server asked for it.
	Paused(delay time.Duration)
}

// noTelemetry counts nothing.
type noTelemetry struct{}

func (noTelemetry) Inserted(string, int, int, int, time.Duration) {}
func (noTelemetry) Failed(string, int, string, time.Duration)     {}
func (noTelemetry) Quarantined(string, string, int)               {}
func (noTelemetry) Damaged(string, int)                           {}
func (noTelemetry) Verified(string, string)                       {}
func (noTelemetry) Repaired(string, int)                          {}
func (noTelemetry) Planned(string)                                {}
func (noTelemetry) Paused(time.Duration)                          {}

// failed counts a failed try.
func (c *Carrier) failed(table string, err error, took time.Duration) {
	code, class := 0, clickhouse.Retryable
	var e *clickhouse.Error
	if errors.As(err, &e) {
		code, class = e.Code, e.Class
	}
	c.telemetry.Failed(table, code, class.String(), took)
}
