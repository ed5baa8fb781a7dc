package insert

import (
	"context"
	"iter"
	"time"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/blocklog"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/clickhouse"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/reconcile"
)

// Log is the part of the block log that blocks are taken from.
type Log interface {
	Name() string
	Blocks(table uint8) iter.Seq2[blocklog.Live, error]
	Changed() <-chan struct{}
	Read(number uint64, buf []byte) ([]byte, error)
	Plan(plan *blocklog.Plan) error
	Plans() []blocklog.Plan
	Done(id uint64, then blocklog.Build) error
	TakeNotes(take func(first uint64, notes [][]byte) (blocklog.Commit, error)) error
}

// Writer inserts batches. Errors are of type [*clickhouse.Error] where they come from the server or the network.
type Writer interface {
	Write(ctx context.Context, batch *clickhouse.Batch) error
}

// Facts are what is known of an insert, in the words of package reconcile.
type Facts = reconcile.Facts

// Verdict is what was found of an insert, in the words of package reconcile.
type Verdict = reconcile.Verdict

// Verdicts.
const (
	All    = reconcile.All
	None   = reconcile.None
	Partly = reconcile.Partly
)

// Verifier counts in the database what became of an insert.
type Verifier interface {
	// Verify counts the rows. It waits for tries that the server is still at.
	Verify(ctx context.Context, facts Facts) (Verdict, error)
	// Missing gives the places in ids, the record ids of the insert's rows, of those that are not there, and how many of
	// those that are there are too many.
	Missing(ctx context.Context, facts Facts, ids []string) (missing []int, extra int, err error)
}

// Options say how blocks are inserted.
type Options struct {
	MaxRows       int           // how many rows an insert has at most, unless one block has more
	MaxDelay      time.Duration // how long a block waits for others at most
	InFlight      int           // how many inserts into `events` run at once; of each other table one does
	MaxPartitions int           // how many partitions an insert touches at most, unless one block has more
	Timeout       time.Duration // of one try of an insert
	Compression   string        // of blocks made here

	// Ready returns when inserts into a table may be sent: the schema is there, and nobody holds them. It is asked
	// before each try. nil asks nobody.
	Ready func(ctx context.Context, table string) error
	// Verifier is asked when the outcome of an insert is open; with nil the tokens are trusted.
	Verifier Verifier
	// Suspect hears of inserts whose outcome was open and that are done: their rollups may miss something, or rows be there
	// twice. nil tells nobody.
	Suspect func(facts Facts)
	// Report hears how each try ended, nil for success. nil tells nobody.
	Report func(table string, err error)
	// Telemetry counts; nil counts nothing.
	Telemetry Telemetry
}
