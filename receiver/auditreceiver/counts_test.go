package auditreceiver

import (
	"context"
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"
	"google.golang.org/grpc/codes"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// ledger is the end of a pipeline that keeps counts and refuses records of some ids.
type ledger struct {
	counts    map[audit.CountKey]uint64
	conflicts []string
	fail      error
}

func (l *ledger) consume(ctx context.Context, _ plog.Logs) error {
	if l.fail != nil {
		return l.fail
	}
	audit.TallyFrom(ctx).Each(func(key audit.CountKey, n uint64) { l.counts[key] += n })
	for _, id := range l.conflicts {
		audit.ReceiptsFrom(ctx).Add(audit.Receipt{RecordID: id, Conflict: true})
	}
	return nil
}

// startLedger starts a server whose pipeline ends in a ledger.
func startLedger(t *testing.T) (*server, *ledger) {
	t.Helper()
	s := startServer(t, nil)
	l := &ledger{counts: map[audit.CountKey]uint64{}}
	s.pipeline.consume = l.consume
	return s, l
}

func TestReceivedAndRejectedRecordsAreCounted(t *testing.T) {
	s, l := startLedger(t)
	sender := s.httpSender(t, protobufEncoding)
	bad := events(2)
	for i := range 2 {
		record(bad, i).Attributes().Remove(audit.AttrAction)
	}
	require.Equal(t, codes.InvalidArgument, sendLogs(t, sender, bad).code)
	assert.Empty(t, l.counts, "nothing went down the pipeline")

	mixed := events(4)
	record(mixed, 0).Attributes().Remove(audit.AttrAction)
	record(mixed, 3).Attributes().PutStr(audit.AttrTenantID, "acme")
	l.fail = errPanic
	require.Equal(t, codes.Unavailable, sendLogs(t, sender, mixed).code)
	l.fail = nil
	require.Equal(t, codes.OK, sendLogs(t, sender, mixed).code)
	assert.Equal(t, map[audit.CountKey]uint64{
		{Source: "shop", Kind: audit.KindReceived}:                     5,
		{Source: "shop", Kind: audit.KindReceived, Tenant: "acme"}:     1,
		{Source: "shop", Kind: audit.KindRejected, Reason: "required"}: 3,
	}, l.counts, "the request that failed counts once, when it was taken")

	require.Equal(t, codes.OK, sendLogs(t, sender, events(1)).code)
	assert.EqualValues(t, 6, l.counts[audit.CountKey{Source: "shop", Kind: audit.KindReceived}], "what waited is counted once")
}

func TestConflictsAreRefusedAndTheOthersAreNot(t *testing.T) {
	s, l := startLedger(t)
	for name, sender := range s.senders(t) {
		t.Run(name, func(t *testing.T) {
			l.conflicts = []string{"id-2"}
			some := sendLogs(t, sender, events(3))
			assert.Equal(t, codes.OK, some.code)
			assert.EqualValues(t, 1, some.rejected)
			assert.Equal(t, "1 of 3 records refused; first: a record: audit.record.id: another record with this id and other content was taken before", some.message)

			l.conflicts = []string{"id-1", "id-2"}
			all := sendLogs(t, sender, events(2))
			assert.Equal(t, codes.AlreadyExists, all.code)
			if all.httpStatus != 0 {
				assert.Equal(t, http.StatusConflict, all.httpStatus)
			}
		})
	}
}

func TestBacklogIsBounded(t *testing.T) {
	var b backlog
	for i := range maxBacklog + 50 {
		var tally audit.Tally
		tally.Add(audit.CountKey{Source: fmt.Sprint(i), Kind: audit.KindReceived}, 1)
		b.put(&tally)
	}
	var all audit.Tally
	b.take(&all)
	keys, n := 0, uint64(0)
	all.Each(func(_ audit.CountKey, count uint64) { keys++; n += count })
	assert.Equal(t, maxBacklog+1, keys)
	assert.EqualValues(t, maxBacklog+50, n)
}
