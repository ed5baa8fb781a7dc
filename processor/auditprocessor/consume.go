package auditprocessor

import (
	"context"
	"time"

	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/processor"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// request is what is known of a request beside its records: those that the policy leaves out of it. They are counted where the
// others are kept, in the same write, and their sender is told.
type request struct {
	counts audit.Tally
	left   int
	ids    []audit.Receipt // of records that were left out, where there is a sender who wants to know
	asked  bool
}

// leave notes a record that is not stored.
func (r *request) leave(key audit.CountKey, recordID string, state audit.State) {
	r.left++
	r.counts.Add(key, 1)
	if r.asked {
		r.ids = append(r.ids, audit.Receipt{RecordID: recordID, State: state})
	}
}

type requestKey struct{}

func requestFrom(ctx context.Context) *request {
	r, _ := ctx.Value(requestKey{}).(*request)
	if r == nil {
		return &request{} // nobody asked
	}
	return r
}

// head begins a request, before the records are looked at.
type head struct{ processor.Logs }

// ConsumeLogs implements [consumer.Logs].
func (h head) ConsumeLogs(ctx context.Context, logs plog.Logs) error {
	r := &request{}
	if receipts := audit.ReceiptsFrom(ctx); receipts != nil {
		r.asked = receipts.All
	}
	return h.Logs.ConsumeLogs(context.WithValue(ctx, requestKey{}, r), logs)
}

// tail ends it, with the records that are left. A request of which none is left goes on as well, so that its counts are kept
// before it is answered.
type tail struct{ consumer.Logs }

// ConsumeLogs implements [consumer.Logs].
func (t tail) ConsumeLogs(ctx context.Context, logs plog.Logs) error {
	r := requestFrom(ctx)
	if r.left == 0 {
		return t.Logs.ConsumeLogs(ctx, logs)
	}
	counts := &audit.Tally{} // the one in the context may be used for another attempt
	if before := audit.TallyFrom(ctx); before != nil {
		before.Each(counts.Add)
	}
	r.counts.Each(counts.Add)
	if err := t.Logs.ConsumeLogs(audit.ContextWithTally(ctx, counts), logs); err != nil {
		return err
	}
	if receipts := audit.ReceiptsFrom(ctx); receipts != nil {
		now := time.Now()
		for _, receipt := range r.ids {
			receipt.Time = now
			receipts.Add(receipt)
		}
	}
	return nil
}
