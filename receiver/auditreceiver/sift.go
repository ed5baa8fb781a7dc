package auditreceiver

import (
	"crypto/sha256"
	"fmt"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelaudit/otelaudit/internal/audit"
	"github.com/otelaudit/otelaudit/internal/integrity"
	"github.com/otelaudit/otelaudit/internal/profile"
)

// sifting is one request on its way through the checks: it removes what a sender may not set, and the records that may not
// pass, and stamps the others. It is for one goroutine.
type sifting struct {
	in       *intake
	turn     *turn
	whose    tenant
	strict   bool // /v1/audit: every record needs an id, and gets a receipt
	measure  bool // records may be over max_record_bytes
	received pcommon.Timestamp
	chain    *integrity.Request

	facts     audit.Facts      // of the record at hand
	product   *profile.Profile // that it was mapped with, nil where it came canonical
	canonical *[]byte          // its canonical form as it came; empty before that is needed

	products products
	refused  refusals
	counts   counts
	warnings warnings
	receipts []recordReceipt // where it is strict: of the good records, without state
	bad      []recordReceipt // and of the first bad ones
}

// group is what the records of a resource share.
type group struct {
	attrs  pcommon.Map
	size   int // as encoded
	err    *audit.FieldError
	stream integrity.Stream // without its tenant, and empty before the first record that has a number

	canonical []byte // its part of the canonical form of its records; empty before one is needed
}

func (in *intake) newSifting(admitted *admission, strict bool) *sifting {
	return &sifting{
		in: in, turn: admitted.turn, whose: admitted.tenant, strict: strict,
		measure:  admitted.held > int64(in.limits.recordBytes), // no encoding makes a record smaller than protobuf does
		received: pcommon.NewTimestampFromTime(in.now()),
		chain:    in.chains.Check(),
	}
}

func (s *sifting) sift(logs plog.Logs) {
	if s.strict {
		s.receipts = make([]recordReceipt, 0, logs.LogRecordCount())
	}
	s.canonical = canonicals.Get().(*[]byte)
	defer giveBackCanonical(s.canonical)
	at := 0
	logs.ResourceLogs().RemoveIf(func(rl plog.ResourceLogs) bool {
		of := s.resource(rl.Resource())
		rl.ScopeLogs().RemoveIf(func(sl plog.ScopeLogs) bool {
			sl.LogRecords().RemoveIf(func(lr plog.LogRecord) bool {
				at++
				reason, err := s.record(of, lr)
				if err != nil {
					s.refuse(at, lr, reason, err)
				}
				return err != nil
			})
			return sl.LogRecords().Len() == 0
		})
		return rl.ScopeLogs().Len() == 0
	})
	s.counts.flush()
	s.products.tell(logs)
}

// resource looks at a resource once for all of its records: with a large one and many of them, one request would otherwise
// cost minutes.
func (s *sifting) resource(resource pcommon.Resource) *group {
	of := &group{attrs: resource.Attributes()}
	dropDerived(of.attrs)
	if s.measure {
		of.size = resourceSize(resource)
	}
	of.err = audit.ValidateResource(of.attrs)
	s.counts.resource(of.attrs, of.err)
	return of
}

// record takes one record through every check, and stamps it if it passes.
func (s *sifting) record(of *group, lr plog.LogRecord) (recordReason, *audit.FieldError) {
	if s.measure {
		dropDerived(lr.Attributes())
		if of.size+sizer.LogRecordSize(lr) > s.in.limits.recordBytes {
			problem := fmt.Sprintf("is over max_record_bytes (%d bytes) together with its resource", s.in.limits.recordBytes)
			return reasonRecordTooLarge, &audit.FieldError{Field: "size", Problem: problem}
		}
	}
	if of.err != nil {
		return reasonOf(of.err), of.err
	}
	*s.canonical = (*s.canonical)[:0]
	unexplained := s.explain(of, lr)
	if unexplained != nil && (s.strict || !s.in.keep) {
		return reasonUnexplained, unexplained
	}
	if err := s.read(lr, unexplained != nil); err != nil {
		return reasonOf(err), err
	}
	if err := s.whose.allows(s.facts.TenantID); err != nil {
		return reasonTenant, err
	}
	proof, reason, err := s.prove(of, lr)
	if err != nil {
		return reason, err
	}
	s.stamp(lr, proof.warning)
	if unexplained != nil {
		mark(lr, unexplained)
	}
	s.products.add(s.product)
	if s.strict {
		s.receipts = append(s.receipts, proof.receipt(s.facts.RecordID))
	}
	return 0, nil
}

// read notes the facts of a record, which is checked as a whole where it is an event.
func (s *sifting) read(lr plog.LogRecord, unexplained bool) *audit.FieldError {
	read := s.facts.Read
	if unexplained {
		read = s.facts.ReadAttributes
	}
	err := read(lr)
	if s.facts.Derived { // seldom: so records are not searched for it in a pass of its own
		dropDerived(lr.Attributes())
		err = read(lr)
	}
	if err == nil && s.strict && s.facts.RecordID == "" {
		err = &audit.FieldError{Field: audit.AttrRecordID, Problem: "is required on " + auditPath, Missing: true}
	}
	return err
}

func reasonOf(err *audit.FieldError) recordReason {
	if err.Missing {
		return reasonRequired
	}
	return reasonInvalid
}

// refuse notes a record that may not pass.
func (s *sifting) refuse(at int, lr plog.LogRecord, reason recordReason, err *audit.FieldError) {
	s.refused.add(at, reason, err)
	s.counts.rejected(reason)
	if s.strict && len(s.bad) < maxNamedRecords {
		receipt := recordReceipt{status: recordReasons[reason].status, reason: err.Error()}
		if id, ok := lr.Attributes().Get(audit.AttrRecordID); ok && id.Type() == pcommon.ValueTypeStr {
			receipt.id = id.Str()
		}
		if reason == reasonSignature {
			receipt.verify = verifyFailed
		}
		s.bad = append(s.bad, receipt)
	}
}

// proof is what is known of the integrity of a record.
type proof struct {
	hashed  bool
	hash    [sha256.Size]byte // of the record as it came
	verdict integrity.Verdict
	warning integrity.Warning
}

// prove checks the signature of a record and its place in its stream, both of the record as it came: before it is stamped.
func (s *sifting) prove(of *group, lr plog.LogRecord) (proof, recordReason, *audit.FieldError) {
	out := proof{verdict: integrity.None}
	if !s.strict && !s.facts.Sequenced && s.facts.Signature == "" && !s.in.requires.signature {
		return out, 0, nil
	}
	tenant := s.whose.of(s.facts.TenantID)
	event := audit.Event{Resource: of.attrs, Record: lr}
	if len(*s.canonical) == 0 { // no profile has mapped it
		*s.canonical = audit.AppendCanonicalRecord(*s.canonical, lr, of.canonicalResource())
	}
	result := s.in.keys().Verify(tenant, event, *s.canonical)
	out.verdict = result.Verdict
	if reason, refused := s.in.requires.refuse(result.Verdict); refused {
		return out, reason, &audit.FieldError{Field: result.Field, Problem: result.Problem}
	}
	if s.strict || s.facts.Sequenced {
		out.hash, out.hashed = sha256.Sum256(*s.canonical), true
	}
	if s.facts.Sequenced {
		stream := of.streamOf(tenant)
		out.warning = s.chain.Add(stream, integrity.Link{Number: s.facts.Number, PrevHash: s.facts.PrevHash, Hash: out.hash})
		s.warnings.add(out.warning)
	}
	return out, 0, nil
}

// canonicalResource is made once for all records, which would otherwise take its attributes apart again and again.
func (g *group) canonicalResource() []byte {
	if len(g.canonical) == 0 {
		g.canonical = audit.AppendCanonicalResource(nil, g.attrs)
	}
	return g.canonical
}

// streamOf names the stream of a tenant that the instance of this resource numbers.
func (g *group) streamOf(tenant string) integrity.Stream {
	if g.stream.Service == "" {
		g.stream = integrity.Stream{
			Namespace: textOf(g.attrs, "service.namespace"),
			Service:   textOf(g.attrs, audit.AttrServiceName),
			Instance:  textOf(g.attrs, "service.instance.id"),
		}
	}
	g.stream.Tenant = tenant
	return g.stream
}

func textOf(attrs pcommon.Map, name string) string {
	if v, ok := attrs.Get(name); ok {
		return v.AsString()
	}
	return ""
}

// stamp gives a record the identity and the times that it still lacks.
func (s *sifting) stamp(lr plog.LogRecord, warning integrity.Warning) {
	attrs := lr.Attributes()
	lacks := 1
	if s.facts.RecordID == "" {
		lacks++
	}
	if s.whose.known && s.facts.TenantID == "" {
		lacks++
	}
	if s.product != nil {
		lacks++
	}
	attrs.EnsureCapacity(attrs.Len() + lacks)
	if s.facts.RecordID == "" {
		attrs.PutStr(audit.AttrRecordID, s.in.newID())
	}
	owner := s.facts.TenantID
	if s.whose.known && owner == "" {
		owner = s.whose.name
		attrs.PutStr(audit.AttrTenantID, owner)
	}
	s.counts.received(owner)
	if warning != integrity.WarningNone {
		attrs.PutStr(audit.AttrSequenceWarning, string(warning))
		s.counts.warned(owner, warning)
	}
	if lr.ObservedTimestamp() == 0 {
		lr.SetObservedTimestamp(s.received)
	}
	if s.product != nil { // for whoever makes a keyed hash of it: what the record is now, its profile has made of it
		attrs.PutStr(audit.AttrReceivedHash, profile.ReceivedHash(*s.canonical))
	}
	attrs.PutInt(audit.AttrReceivedTime, int64(s.received))
}

func dropDerived(attrs pcommon.Map) {
	attrs.RemoveIf(func(name string, _ pcommon.Value) bool { return audit.Derived(name) })
}

var sizer = &plog.ProtoMarshaler{}

// resourceSize is the encoded size of a resource, which pdata only measures as part of a ResourceLogs.
func resourceSize(resource pcommon.Resource) int {
	alone := plog.NewResourceLogs()
	resource.MoveTo(alone.Resource())
	defer alone.Resource().MoveTo(resource)
	return sizer.ResourceLogsSize(alone)
}
