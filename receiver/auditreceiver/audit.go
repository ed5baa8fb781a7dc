package auditreceiver

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"
	"time"

	"go.opentelemetry.io/collector/pdata/plog"
	"google.golang.org/grpc/codes"

	"github.com/otelaudit/otelaudit/internal/audit"
	"github.com/otelaudit/otelaudit/internal/integrity"
)

// recordReceipt is what the sender of a record to /v1/audit learns (OTEP 0267, audit collector, "Single-Record Response
// Fields").
type recordReceipt struct {
	id      string
	status  string
	hashed  bool              // it has a hash: it was not refused
	hash    [sha256.Size]byte // of the record as received: integrity_hash
	verify  string            // verify_status; empty where the signature was not looked at
	warning integrity.Warning
	time    time.Time
	reason  string
	omitted bool // it is not kept, so no sink is told of
}

// Domain status values of the draft that this receiver gives.
const (
	statusQueued       = "verified_queued"
	statusDelivered    = "delivered_all_sinks"
	statusInvalid      = "rejected_schema_invalid"
	statusVerifyFailed = "rejected_verify_failed"
	statusAuthz        = "rejected_authz"
	statusInternal     = "failed_internal"
)

// Status values that the draft does not have: the collector's policy leaves the record out. It is counted and not kept, and to
// say anything else of it would be a lie.
const (
	statusSkipped    = "skipped_by_policy"
	statusSampledOut = "sampled_out"
)

// leftOut is why a record is not kept although nothing is wrong with it.
const leftOut = "the policy of this collector leaves this record out: it is counted, and not kept"

// maxNamedRecords bounds how many refused records an answer names; their number is always given.
const maxNamedRecords = 100

// audited is what became of a request to /v1/audit: a receipt of each record, or a failure of all of them with those that
// caused it.
type audited struct {
	receipts []recordReceipt
	fail     *failure
	status   string
	queued   bool              // a record is on its way
	warning  integrity.Warning // of one of the records that have one
}

// deliverAudit takes a request as a whole or not at all: the draft knows no partial success.
func (in *intake) deliverAudit(ctx context.Context, enc *encoding, admitted *admission, logs plog.Logs) audited {
	records := logs.LogRecordCount()
	if records == 0 {
		fail := malformed("request carries no records")
		in.countRequest(ctx, fail.reason)
		return audited{status: statusInvalid, fail: fail}
	}
	ctx = in.obsreport.StartLogsOp(ctx)
	out, err := in.processAudit(ctx, admitted, logs)
	if err != nil {
		fail := failureOf(err)
		out = audited{status: domainStatus(fail), fail: fail}
		err = &withheldError{message: fail.message, cause: err}
	}
	taken := records
	if out.fail != nil {
		taken = 0
	}
	in.obsreport.EndLogsOp(ctx, enc.format, taken, err)
	return out
}

func (in *intake) processAudit(ctx context.Context, admitted *admission, logs plog.Logs) (out audited, err error) {
	defer func() {
		if r := recover(); r != nil {
			in.logPanic("handing records to the pipeline", r)
			out, err = audited{}, errPanic
		}
	}()
	s := in.newSifting(admitted, true)
	s.sift(logs)
	if s.refused.total > 0 {
		in.backlog.put(s.counts.refusedWhole())
		in.countRecords(ctx, s.refused)
		fail, status := s.refused.whole(len(s.receipts) + s.refused.total)
		return audited{status: status, receipts: s.bad, fail: fail}, nil
	}
	receipts := &audit.Receipts{All: true, Whole: true}
	if err := in.hand(ctx, logs, s, receipts); err != nil {
		return audited{}, err
	}
	if conflict, ok := in.conflicts(ctx, len(s.receipts), receipts.List()); ok {
		return conflict, nil
	}
	in.kept(ctx, s)
	return in.receipts(s.receipts, receipts.List()), nil
}

// conflicts is the answer where the end of the pipeline knows other records by the ids of these.
func (in *intake) conflicts(ctx context.Context, records int, given []audit.Receipt) (audited, bool) {
	refused := refusals{}
	var conflicts []recordReceipt
	for _, r := range given {
		if !r.Conflict {
			continue
		}
		refused.add(0, reasonConflict, errConflict)
		if len(conflicts) < maxNamedRecords {
			conflicts = append(conflicts, recordReceipt{id: r.RecordID, status: statusInvalid, reason: errConflict.Error()})
		}
	}
	if refused.total == 0 {
		return audited{}, false
	}
	in.countRecords(ctx, refused)
	return audited{status: statusInvalid, receipts: conflicts, fail: &failure{
		code: codes.AlreadyExists, httpStatus: http.StatusConflict, field: audit.AttrRecordID,
		message: fmt.Sprintf("%d of %d records refused, and with them the request: %s", refused.total, records, errConflict),
	}}, true
}

// receipts completes the receipts with what the end of the pipeline says of each record. Where nobody there gives receipts,
// the pipeline has taken everything and no more is known.
func (in *intake) receipts(records []recordReceipt, given []audit.Receipt) audited {
	known := givenReceipts{list: given}
	out := audited{status: statusDelivered, receipts: records}
	now := in.now()
	omitted := ""
	for i := range records {
		record := &records[i]
		r, ok := known.of(record.id)
		if !ok {
			r = audit.Receipt{State: audit.StateQueued, Time: now}
		}
		record.time = r.Time
		switch r.State {
		case audit.StateStored:
			record.status = statusDelivered
		case audit.StateSkipped, audit.StateSampledOut:
			record.status, record.reason, record.omitted = statusSkipped, leftOut, true
			if r.State == audit.StateSampledOut {
				record.status = statusSampledOut
			}
			if omitted != statusSkipped {
				omitted = record.status
			}
		default:
			record.status, out.status = statusQueued, statusQueued
		}
		if record.warning != integrity.WarningNone {
			out.warning = record.warning
		}
	}
	out.queued = out.status == statusQueued
	if omitted != "" {
		out.status = omitted // that of the record which came least far
	}
	return out
}

// givenReceipts finds the receipts that the end of the pipeline gave. They usually come in the order of the records; a table by
// id is made only from where they do not.
type givenReceipts struct {
	list []audit.Receipt
	next int
	byID map[string]audit.Receipt
}

// of gives the receipt of a record. The records are to be asked for in their order.
func (g *givenReceipts) of(id string) (audit.Receipt, bool) {
	if g.byID == nil && g.next < len(g.list) && g.list[g.next].RecordID == id {
		g.next++
		return g.list[g.next-1], true
	}
	if g.byID == nil {
		g.byID = make(map[string]audit.Receipt, len(g.list))
		for _, r := range g.list {
			g.byID[r.RecordID] = r
		}
	}
	r, ok := g.byID[id]
	return r, ok
}
