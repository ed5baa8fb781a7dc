package auditreceiver

import (
	"encoding/json"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/otelaudit/otelaudit/internal/integrity"
)

// auditPath is where the draft for audit logging takes records (OTEP 0267, audit collector, "Endpoint Definition").
const auditPath = "/v1/audit"

// auditAnswer is the body of an answer on /v1/audit. Of a request with one record it has the fields of a single-record
// response, otherwise those of a batch response. It is JSON whatever the request was in: the draft names the fields and no message
// of protobuf for them.
type auditAnswer struct {
	*auditRecord                          // of a request with one record
	BatchID      string                   `json:"batch_id,omitempty"`
	Status       string                   `json:"status"`
	Records      map[string]*auditRecord  `json:"record_status_map,omitempty"`
	Sinks        map[string]auditDelivery `json:"sink_status_aggregate,omitempty"`
	Reason       string                   `json:"reason,omitempty"`
	RetryAfter   int64                    `json:"retry_after,omitempty"`
}

// auditRecord is what a sender learns of one record.
type auditRecord struct {
	RecordID      string                   `json:"record_id,omitempty"`
	Status        string                   `json:"status,omitempty"`
	IntegrityHash string                   `json:"integrity_hash,omitempty"`
	SinkTimestamp string                   `json:"sink_timestamp,omitempty"` // Unix nanoseconds, a string as in OTLP/JSON
	VerifyStatus  string                   `json:"verify_status,omitempty"`
	Sinks         map[string]auditDelivery `json:"sink_status_map,omitempty"`
	Reason        string                   `json:"reason,omitempty"`
}

// auditDelivery is how far the one sink has come that this bundle has.
type auditDelivery struct {
	ExporterName   string `json:"exporter_name"`
	SinkType       string `json:"sink_type"`
	DeliveryStatus string `json:"delivery_status"`
	ChainWarning   string `json:"chain_warning,omitempty"` // see audit.sequence.warning
}

const sink = "clickhouse"

// delivery is success where the database has the record, and unknown while it is on its way there.
func delivery(status string, warning integrity.Warning) map[string]auditDelivery {
	d := auditDelivery{ExporterName: "audit_clickhouse", SinkType: sink, DeliveryStatus: "unknown", ChainWarning: string(warning)}
	if status == statusDelivered {
		d.DeliveryStatus = "success"
	}
	return map[string]auditDelivery{sink: d}
}

// audit serves POST /v1/audit.
func (h *httpHandler) audit(w http.ResponseWriter, r *http.Request) {
	enc, admitted, logs, fail := h.read(w, r)
	if fail != nil {
		h.answerAudit(w, audited{status: domainStatus(fail), fail: fail}, 0)
		return
	}
	defer admitted.leave()
	records := logs.LogRecordCount()
	h.answerAudit(w, h.in.deliverAudit(r.Context(), enc, admitted, logs), records)
}

// domainStatus is the domain status of a request whose records were not looked at.
func domainStatus(fail *failure) string {
	switch {
	case fail.httpStatus == http.StatusUnauthorized || fail.httpStatus == http.StatusForbidden:
		return statusAuthz
	case fail.retryable() || fail.httpStatus >= http.StatusInternalServerError:
		return statusInternal
	default:
		return statusInvalid
	}
}

// answerAudit writes the answer to a request of a number of records.
func (h *httpHandler) answerAudit(w http.ResponseWriter, a audited, records int) {
	httpStatus := http.StatusAccepted
	if a.status == statusDelivered {
		httpStatus = http.StatusOK
	}
	answer := auditAnswer{Status: a.status}
	if a.fail != nil {
		httpStatus, answer.Reason = a.fail.httpStatus, a.fail.message
		if a.fail.retryable() {
			answer.RetryAfter = int64(math.Ceil(a.fail.retryAfter.Seconds()))
			w.Header().Set("Retry-After", strconv.FormatInt(answer.RetryAfter, 10))
		}
	}
	switch {
	case records == 1 && len(a.receipts) == 1:
		answer.auditRecord = newAuditRecord(a.receipts[0]) // its status and reason give way to those of the answer
	case records > 0:
		answer.BatchID = uuid.Must(uuid.NewV7()).String()
		answer.Records = make(map[string]*auditRecord, len(a.receipts))
		for _, receipt := range a.receipts {
			record := newAuditRecord(receipt)
			record.RecordID = ""
			answer.Records[receipt.id] = record
		}
		if a.fail == nil {
			answer.Sinks = delivery(a.status, a.warning)
		}
	}
	body, err := json.Marshal(answer)
	if err != nil {
		body = nil // strings and numbers can always be written
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(httpStatus)
	_, _ = w.Write(body) // a sender that went away gets no answer
}

func newAuditRecord(r recordReceipt) *auditRecord {
	record := &auditRecord{RecordID: r.id, Status: r.status, Reason: r.reason, VerifyStatus: r.verify}
	if r.integrityHash == "" {
		return record
	}
	record.IntegrityHash = r.integrityHash
	record.SinkTimestamp = strconv.FormatInt(r.time.UnixNano(), 10)
	record.Sinks = delivery(r.status, r.warning)
	return record
}

// noReadDeadline takes the deadline for reading away: left in place, it would go on to end the context of a request that the
// pipeline works on.
func noReadDeadline(w http.ResponseWriter) {
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
}
