package auditreceiver

import (
	"encoding/hex"
	"encoding/json"
	"strconv"

	"github.com/otelaudit/otelaudit/internal/integrity"
)

// object writes the members of a JSON object. There are a thousand of them in an answer to a thousand records, which is why
// encoding/json and its maps are not asked.
type object struct{ dst []byte }

func begin(dst []byte) object { return object{append(dst, '{')} }

func (o *object) name(name string) {
	if o.dst[len(o.dst)-1] != '{' {
		o.dst = append(o.dst, ',')
	}
	o.dst = appendText(o.dst, name)
	o.dst = append(o.dst, ':')
}

// code writes a member whose name and value are of this package, and need no look; or nothing where it is empty.
func (o *object) code(name, value string) {
	if value == "" {
		return
	}
	if o.dst[len(o.dst)-1] != '{' {
		o.dst = append(o.dst, ',')
	}
	o.dst = append(append(append(o.dst, '"'), name...), `":"`...)
	o.dst = append(append(o.dst, value...), '"')
}

// text writes a member, or nothing where it is empty.
func (o *object) text(name, value string) {
	if value != "" {
		o.name(name)
		o.dst = appendText(o.dst, value)
	}
}

func (o *object) end() []byte { return append(o.dst, '}') }

// appendText quotes a text.
func appendText(dst []byte, text string) []byte {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			quoted, err := json.Marshal(text)
			if err != nil {
				return append(dst, `""`...) // cannot happen to a text
			}
			return append(dst, quoted...)
		}
	}
	dst = append(dst, '"')
	dst = append(dst, text...)
	return append(dst, '"')
}

// appendJSON writes the answer: the fields of a single-record response or, where batch is its id, those of a batch response
// (OTEP 0267, audit collector, "Response Model").
func (a *audited) appendJSON(dst []byte, batch string) []byte {
	o := begin(dst)
	switch {
	case batch != "":
		o.code("batch_id", batch)
		o.code("status", a.status)
		o.name("record_status_map")
		o.dst = a.appendRecords(o.dst)
		if a.fail == nil && a.status != statusSkipped && a.status != statusSampledOut {
			o.name("sink_status_aggregate")
			o.dst = appendSinks(o.dst, a.status, a.warning)
		}
	case len(a.receipts) == 1:
		o.text("record_id", a.receipts[0].id)
		o.code("status", a.status)
		a.receipts[0].members(&o)
	default:
		o.code("status", a.status)
	}
	if a.fail == nil && batch == "" && len(a.receipts) == 1 {
		o.text("reason", a.receipts[0].reason)
	}
	if a.fail != nil {
		o.text("reason", a.fail.message)
		if a.fail.retryable() {
			o.name("retry_after")
			o.dst = strconv.AppendInt(o.dst, a.fail.retrySeconds(), 10)
		}
	}
	return o.end()
}

// appendRecords writes every receipt under the id of its record, one that came twice once.
func (a *audited) appendRecords(dst []byte) []byte {
	o := begin(dst)
	var twice repeated
	for i := range a.receipts {
		r := &a.receipts[i]
		if twice.met(a.receipts, i) {
			continue
		}
		o.name(r.id)
		record := begin(o.dst)
		record.code("status", r.status)
		r.members(&record)
		record.text("reason", r.reason)
		o.dst = record.end()
	}
	return o.end()
}

// repeated tells the ids that stand twice in a list of receipts. Ids usually ascend, as those of version 7 do that one producer
// makes, and then none can: they are remembered only from where the order breaks.
type repeated struct{ ids map[string]struct{} }

// met reports whether the id of a receipt is one of those before it. It is to be asked of each in turn.
func (r *repeated) met(receipts []recordReceipt, at int) bool {
	id := receipts[at].id
	if r.ids == nil {
		if at == 0 || id > receipts[at-1].id {
			return false
		}
		r.ids = make(map[string]struct{}, len(receipts))
		for i := range at {
			r.ids[receipts[i].id] = struct{}{}
		}
	}
	_, met := r.ids[id]
	r.ids[id] = struct{}{}
	return met
}

// members writes what is told of one record beside its id, status and reason, which follows on its status.
func (r *recordReceipt) members(o *object) {
	if r.hashed {
		o.dst = append(o.dst, `,"integrity_hash":"`...)
		o.dst = hex.AppendEncode(o.dst, r.hash[:])
		if r.omitted {
			o.dst = append(o.dst, '"')
			o.code("verify_status", r.verify)
			return
		}
		o.dst = append(o.dst, `","sink_timestamp":"`...) // Unix nanoseconds, a string as in OTLP/JSON
		o.dst = append(strconv.AppendInt(o.dst, r.time.UnixNano(), 10), '"')
	}
	o.code("verify_status", r.verify)
	if r.hashed {
		o.dst = append(o.dst, `,"sink_status_map":`...)
		o.dst = appendSinks(o.dst, r.status, r.warning)
	}
}

// appendSinks says how far the one sink has come. A break in the sequence stands with it, as the draft asks.
func appendSinks(dst []byte, status string, warning integrity.Warning) []byte {
	sinks := sinksUnknown
	if status == statusDelivered {
		sinks = sinksSuccess
	}
	if warning == integrity.WarningNone {
		return append(dst, sinks...)
	}
	o := object{append(dst, sinks[:len(sinks)-2]...)} // but for the two braces at its end
	o.code("chain_warning", string(warning))
	return append(o.end(), '}')
}

// What is said of the sink: success where the database has the record, and unknown while it is on its way there.
const (
	sinksSuccess = `{"clickhouse":{"exporter_name":"audit_clickhouse","sink_type":"clickhouse","delivery_status":"success"}}`
	sinksUnknown = `{"clickhouse":{"exporter_name":"audit_clickhouse","sink_type":"clickhouse","delivery_status":"unknown"}}`
)
