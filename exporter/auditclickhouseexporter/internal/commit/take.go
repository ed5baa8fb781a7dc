package commit

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/columns"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/replay"
	"github.com/otelaudit/otelaudit/internal/audit"
)

// ErrStopped is the answer to requests that come when the exporter has stopped.
var ErrStopped = errors.New("the exporter has stopped")

// ReasonConflict is the reason in quarantine for a record whose id another one has. It is used where nobody stands in front
// of the exporter who could refuse it to its sender.
const ReasonConflict columns.Reason = "conflict"

// reasonAside is the reason in the ledger for records refused because another one of their request is in conflict.
const reasonAside = "conflict_in_request"

// request is one request on its way.
type request struct {
	events    []incoming
	own       *replay.Draft   // holds what is new in it, and its counts
	others    []*replay.Draft // hold what it repeats
	replays   int64
	conflicts int64
}

// incoming is a record of a request.
type incoming struct {
	audit.Event
	id          replay.ID
	content     uint64
	recordID    string
	tenant      string
	source      string
	change      bool // is no event, but something that a directory says anew
	verdict     replay.Verdict
	held        *replay.Draft
	quarantined bool
}

var requests = sync.Pool{New: func() any { return new(request) }}

// release lets go of the request's records.
func (r *request) release() {
	clear(r.events)
	clear(r.others)
	r.events, r.others, r.own, r.replays, r.conflicts = r.events[:0], r.others[:0], nil, 0, 0
	requests.Put(r)
}

// Take returns nil when every record of the request is durable, or is one that was taken before, or is refused and
// said to be so in the receipts. It returns an error when that is not known or not so; then the request can be sent again.
func (c *Committer) Take(ctx context.Context, logs plog.Logs) error {
	if err := c.log.Full(); err != nil {
		return err
	}
	r := requests.Get().(*request)
	defer r.release()
	r.read(logs)
	receipts := audit.ReceiptsFrom(ctx)
	c.put(ctx, r, receipts, audit.TallyFrom(ctx))
	r.keep(receipts)
	audit.EndTurn(ctx)
	if err := c.wait(ctx, r); err != nil {
		return err
	}
	c.count(ctx, r)
	if receipts != nil {
		c.receipts(r, receipts)
	}
	return nil
}

// read lists the records, with what the replay window knows them by.
func (r *request) read(logs plog.Logs) {
	for _, rl := range logs.ResourceLogs().All() {
		resource := rl.Resource().Attributes()
		source := audit.Event{Resource: resource}.Str(audit.AttrServiceName)
		for _, sl := range rl.ScopeLogs().All() {
			for _, lr := range sl.LogRecords().All() {
				in := incoming{Event: audit.Event{Resource: resource, Record: lr}, source: source}
				in.identify()
				r.events = append(r.events, in)
			}
		}
	}
}

// identify reads what the window knows a record by, in one pass. Of attributes that stand there twice the first counts.
func (in *incoming) identify() {
	var id, tenant, hash firstText
	for name, v := range in.Record.Attributes().All() {
		switch name {
		case audit.AttrRecordID:
			id.first(v)
		case audit.AttrTenantID:
			tenant.first(v)
		case audit.AttrRecordHash:
			hash.first(v)
		case audit.AttrDirectoryChange:
			in.change = in.change || columns.IsChange(v)
		}
	}
	in.recordID, in.tenant = id.text, tenant.text
	in.content = replay.ContentOf(hash.text)
	in.id = replay.IDOf(in.tenant, in.recordID)
}

// firstText is the text of an attribute's first value, empty where that is none.
type firstText struct {
	text string
	met  bool
}

func (t *firstText) first(v pcommon.Value) {
	if !t.met && v.Type() == pcommon.ValueTypeStr {
		t.text = v.Str()
	}
	t.met = true
}

// keep lets go of the records that no receipt is for: what follows may take a while.
func (r *request) keep(receipts *audit.Receipts) {
	if receipts != nil && receipts.All {
		for i := range r.events {
			r.events[i].Event = audit.Event{}
		}
		return
	}
	kept := r.events[:0]
	for _, in := range r.events {
		if in.verdict == replay.Conflict {
			kept = append(kept, in)
		}
	}
	clear(r.events[len(kept):])
	r.events = kept
}

// put adds to a lane what is new in the request, and all its counts. Conflicts that nobody would tell the sender about,
// because another receiver stands in front, go to quarantine.
func (c *Committer) put(ctx context.Context, r *request, receipts *audit.Receipts, tally *audit.Tally) {
	l := c.lane()
	defer l.mu.Unlock()
	d := c.begin(l)
	c.reserve(d, r, receipts != nil && receipts.Whole)
	for i := range r.events {
		in := &r.events[i]
		kind, reason := audit.KindAccepted, ""
		switch in.verdict {
		case replay.New:
			if in.change {
				kind, reason = audit.KindGenerated, audit.ReasonDirectoryChange
			}
			if refusal := d.add(in, record{id: in.id, content: in.content}); refusal != nil {
				in.quarantined = true
				kind, reason = audit.KindQuarantined, string(refusal.Reason)
				c.quarantined(ctx, refusal)
			}
		case replay.Replay:
			if in.change {
				continue // it was generated once, and received never
			}
			kind = audit.KindDuplicate
			r.replays++
		case aside:
			kind, reason = audit.KindRejected, reasonAside
		case replay.Conflict:
			kind = audit.KindConflict
			r.conflicts++
			if receipts == nil {
				refusal := columns.Refusal{Event: in.Event, Reason: ReasonConflict, Field: audit.AttrRecordID}
				d.quarantine.Add(refusal)
				c.quarantined(ctx, &refusal)
			}
		}
		d.count(audit.CountKey{Tenant: in.tenant, Source: in.source, Kind: kind, Reason: reason}, 1)
	}
	if tally != nil {
		tally.Each(d.count)
	}
	if !d.empty() {
		r.own = d.Draft
	}
	c.signal()
}

// reserve asks the window about every record. A record without an id is always new: it goes to quarantine. Of a request
// that is to be taken as a whole, one conflict refuses everything.
func (c *Committer) reserve(d *draft, r *request, whole bool) {
	session := c.window.Begin(d.Draft)
	defer session.End()
	conflict := false
	for i := range r.events {
		in := &r.events[i]
		if in.recordID == "" {
			in.verdict, in.held = replay.New, d.Draft
			continue
		}
		in.verdict, in.held = session.Reserve(in.id, in.content)
		if in.verdict == replay.Replay && in.held != d.Draft && (len(r.others) == 0 || r.others[len(r.others)-1] != in.held) {
			r.others = append(r.others, in.held)
		}
		conflict = conflict || in.verdict == replay.Conflict
	}
	if !conflict || !whole {
		return
	}
	r.others = r.others[:0]
	for i := range r.events {
		if in := &r.events[i]; in.verdict != replay.Conflict {
			if in.verdict == replay.New {
				session.Undo(in.id)
			}
			in.verdict = aside
		}
	}
}

// aside is the verdict on a record of a request that is refused because of another one's conflict.
const aside = replay.Conflict + 1

// wait waits until it is known what became of everything that the request holds or repeats.
func (c *Committer) wait(ctx context.Context, r *request) error {
	if r.own != nil {
		r.others = append(r.others, r.own)
	}
	for _, d := range r.others {
		select {
		case <-d.Done:
		case <-ctx.Done():
			return ctx.Err()
		case <-c.closed:
			select {
			case <-d.Done:
			default:
				return ErrStopped
			}
		}
		if d.Err != nil {
			return d.Err
		}
		if !c.options.Stored {
			continue
		}
		for _, block := range d.Blocks {
			if err := c.log.WaitStored(ctx, block); err != nil {
				return fmt.Errorf("waiting until the database has the records: %w", err)
			}
		}
	}
	return nil
}

// receipts says what became of the records.
func (c *Committer) receipts(r *request, receipts *audit.Receipts) {
	for i := range r.events {
		in := &r.events[i]
		if in.verdict == replay.Conflict {
			receipts.Add(audit.Receipt{RecordID: in.recordID, State: audit.StateRefused, Conflict: true})
			continue
		}
		if !receipts.All || in.verdict == aside {
			continue
		}
		state := audit.StateStored
		for _, block := range in.held.Blocks {
			if !c.log.IsStored(block) {
				state = audit.StateQueued
			}
		}
		receipts.Add(audit.Receipt{
			RecordID: in.recordID, State: state, Replay: in.verdict == replay.Replay, Quarantined: in.quarantined, Time: in.held.At,
		})
	}
}

// count counts replays and conflicts.
func (c *Committer) count(ctx context.Context, r *request) {
	if r.replays > 0 {
		c.telemetry.ExporterAuditClickhouseReplays.Add(ctx, r.replays)
	}
	if r.conflicts > 0 {
		c.telemetry.ExporterAuditClickhouseConflicts.Add(ctx, r.conflicts)
	}
}

// quarantined counts by reason and field: both are words of the conventions or of this bundle, never content.
func (c *Committer) quarantined(ctx context.Context, r *columns.Refusal) {
	c.telemetry.ExporterAuditClickhouseQuarantinedEvents.Add(ctx, 1, metric.WithAttributes(
		attribute.String("reason", string(r.Reason)), attribute.String("field", r.Field)))
}
