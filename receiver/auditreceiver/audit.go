package auditreceiver

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"time"

	"go.opentelemetry.io/collector/pdata/plog"
	"google.golang.org/grpc/codes"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// recordReceipt is what the sender of a record to /v1/audit learns (OTEP 0267, audit collector, "Single-Record Response
// Fields").
type recordReceipt struct {
	id            string
	status        string
	integrityHash string // SHA-256 of the record as received, in hex; empty where it was refused
	time          time.Time
	reason        string
}

// Domain status values of the draft that this receiver gives.
const (
	statusQueued    = "verified_queued"
	statusDelivered = "delivered_all_sinks"
	statusInvalid   = "rejected_schema_invalid"
	statusAuthz     = "rejected_authz"
	statusInternal  = "failed_internal"
)

// maxNamedRecords bounds how many refused records an answer names; their number is always given.
const maxNamedRecords = 100

// audited is what became of a request to /v1/audit: a receipt of each record, or a failure of all of them with those that
// caused it.
type audited struct {
	receipts []recordReceipt
	fail     *failure
	status   string
}

// deliverAudit takes a request as a whole or not at all: the draft knows no partial success.
func (in *intake) deliverAudit(ctx context.Context, enc *encoding, logs plog.Logs) audited {
	records := logs.LogRecordCount()
	if records == 0 {
		return audited{status: statusInvalid, fail: malformed("request carries no records")}
	}
	ctx = in.obsreport.StartLogsOp(ctx)
	out, err := in.processAudit(ctx, logs)
	if err != nil {
		fail := failureOf(err)
		out = audited{status: statusInternal, fail: fail}
		err = &withheldError{message: fail.message, cause: err}
	}
	taken := records
	if out.fail != nil {
		taken = 0
	}
	in.obsreport.EndLogsOp(ctx, enc.format, taken, err)
	return out
}

func (in *intake) processAudit(ctx context.Context, logs plog.Logs) (out audited, err error) {
	defer func() {
		if r := recover(); r != nil {
			in.logPanic("handing records to the pipeline", r)
			out, err = audited{}, errPanic
		}
	}()
	c, refused := &counts{}, &refusals{}
	hashes, bad := in.siftAudit(logs, refused, c)
	if refused.total > 0 {
		in.backlog.put(&c.tally)
		in.countRecords(ctx, *refused)
		return audited{status: statusInvalid, receipts: bad, fail: refused.failure(len(hashes) + refused.total)}, nil
	}
	receipts := &audit.Receipts{All: true, Whole: true}
	if err := in.hand(ctx, logs, c, receipts); err != nil {
		return audited{}, err
	}
	return in.receipts(ctx, hashes, receipts.List()), nil
}

// hashed is a record that passed the checks.
type hashed struct{ id, hash string }

// siftAudit checks every record, and takes the hash of each good one as it came.
func (in *intake) siftAudit(logs plog.Logs, refused *refusals, c *counts) (good []hashed, bad []recordReceipt) {
	in.siftWith(logs, refused, c, func(e audit.Event, err *audit.FieldError) *audit.FieldError {
		id := e.Str(audit.AttrRecordID)
		if err == nil && id == "" {
			err = &audit.FieldError{Field: audit.AttrRecordID, Problem: "is required on " + auditPath, Missing: true}
		}
		if err != nil {
			if len(bad) < maxNamedRecords {
				bad = append(bad, recordReceipt{id: id, status: statusInvalid, reason: err.Error()})
			}
			return err
		}
		buffer := canonicals.Get().(*[]byte)
		defer canonicals.Put(buffer)
		*buffer = e.AppendCanonical((*buffer)[:0])
		sum := sha256.Sum256(*buffer)
		good = append(good, hashed{id, hex.EncodeToString(sum[:])})
		return nil
	})
	return good, bad
}

// receipts joins the hashes with what the end of the pipeline says of each record. Where nobody there gives receipts, the
// pipeline has taken everything and no more is known.
func (in *intake) receipts(ctx context.Context, records []hashed, given []audit.Receipt) audited {
	known := make(map[string]audit.Receipt, len(given))
	refused := &refusals{}
	var conflicts []recordReceipt
	for _, r := range given {
		if !r.Conflict {
			known[r.RecordID] = r
			continue
		}
		refused.add(0, reasonConflict, errConflict)
		if len(conflicts) < maxNamedRecords {
			conflicts = append(conflicts, recordReceipt{id: r.RecordID, status: statusInvalid, reason: errConflict.Error()})
		}
	}
	if refused.total > 0 {
		in.countRecords(ctx, *refused)
		return audited{status: statusInvalid, receipts: conflicts, fail: &failure{
			code: codes.AlreadyExists, httpStatus: http.StatusConflict, field: audit.AttrRecordID,
			message: fmt.Sprintf("%d of %d records refused, and with them the request: %s", refused.total, len(records), errConflict),
		}}
	}
	out := audited{status: statusDelivered, receipts: make([]recordReceipt, len(records))}
	now := in.now()
	for i, record := range records {
		r, ok := known[record.id]
		if !ok {
			r = audit.Receipt{State: audit.StateQueued, Time: now}
		}
		receipt := recordReceipt{id: record.id, status: statusDelivered, integrityHash: record.hash, time: r.Time}
		if r.State != audit.StateStored {
			receipt.status, out.status = statusQueued, statusQueued
		}
		out.receipts[i] = receipt
	}
	return out
}
