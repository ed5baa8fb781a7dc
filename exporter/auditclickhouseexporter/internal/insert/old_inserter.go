package insert

import (
	"context"
	"errors"
	"slices"
	"sync"

	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/clickhouse"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/columns"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/metadata"
	"github.com/otelaudit/otelaudit/internal/audit"
)

// Tables that are written to.
const (
	TableEvents     = "events"
	TableQuarantine = "quarantine"
)

// Conn inserts blocks.
type Conn interface {
	// Insert writes a block to a table. Repeating it with an equal block has no further effect. Errors are of type
	// [*clickhouse.Error].
	Insert(ctx context.Context, table string, block *columns.Block) error
}

// Inserter writes requests. It is safe for concurrent use.
type Inserter struct {
	conn      Conn
	telemetry *metadata.TelemetryBuilder
	encoders  sync.Pool // of *encoders
}

// encoders are what one request needs to be written.
type encoders struct {
	events     *columns.Encoder
	quarantine *columns.Quarantine
	all        []audit.Event
	refused    []columns.Refusal
}

// New makes an inserter whose inserts touch at most maxPartitions partitions of any table.
func New(conn Conn, maxPartitions int, telemetry *metadata.TelemetryBuilder) *Inserter {
	return &Inserter{conn: conn, telemetry: telemetry, encoders: sync.Pool{New: func() any {
		return &encoders{events: columns.NewEncoder(maxPartitions), quarantine: columns.NewQuarantine()}
	}}}
}

// Write stores every record of a request, in `events` or in `quarantine`. When it fails it can be repeated with the same
// request: the blocks and tokens are the same, so what was stored already is not stored again.
func (i *Inserter) Write(ctx context.Context, logs plog.Logs) error {
	e := i.encoders.Get().(*encoders)
	defer i.release(e)
	audit.Events(logs, func(event audit.Event) bool {
		e.all = append(e.all, event)
		return true
	})
	if err := i.writeEvents(ctx, e, e.all); err != nil {
		return err
	}
	return i.writeQuarantine(ctx, e)
}

// release keeps the buffers for the next request and lets go of this one's records.
func (i *Inserter) release(e *encoders) {
	clear(e.all)
	clear(e.refused)
	e.all, e.refused = e.all[:0], e.refused[:0]
	e.events.Release()
	i.encoders.Put(e)
}

// writeEvents stores events and gathers the refused ones.
func (i *Inserter) writeEvents(ctx context.Context, e *encoders, events []audit.Event) error {
	for len(events) > 0 {
		out := e.events.Encode(events)
		e.refused = append(e.refused, out.Refused...)
		events = out.Rest
		if out.Block == nil {
			continue
		}
		err := i.insert(ctx, TableEvents, out.Block)
		if rejected := asRejected(err); rejected != nil {
			err = i.writeParts(ctx, e, slices.Clone(out.Taken), rejected)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// writeParts stores what can be stored of events that the database rejected together: half by half, down to the ones that
// it rejects alone. A rejected insert has written nothing, so no row is stored twice.
func (i *Inserter) writeParts(ctx context.Context, e *encoders, events []audit.Event, rejected *clickhouse.Error) error {
	if len(events) == 1 {
		e.refused = append(e.refused, columns.Refusal{
			Event: events[0], Reason: columns.ReasonRejected, Field: rejected.Name(),
		})
		return nil
	}
	half := len(events) / 2
	if err := i.writeEvents(ctx, e, events[:half]); err != nil {
		return err
	}
	return i.writeEvents(ctx, e, events[half:])
}

// writeQuarantine stores the refused events. Whatever goes wrong is worth another try: there is nowhere else to put them.
func (i *Inserter) writeQuarantine(ctx context.Context, e *encoders) error {
	if len(e.refused) == 0 {
		return nil
	}
	if err := i.insert(ctx, TableQuarantine, e.quarantine.Encode(e.refused)); err != nil {
		return err
	}
	i.countQuarantined(ctx, e.refused)
	return nil
}

// asRejected gives the error when the database will never take one of the rows, nil otherwise.
func asRejected(err error) *clickhouse.Error {
	var e *clickhouse.Error
	if errors.As(err, &e) && e.Class == clickhouse.Rejected {
		return e
	}
	return nil
}
