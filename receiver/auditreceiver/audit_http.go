package auditreceiver

import (
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/google/uuid"
)

// auditPath is where the draft for audit logging takes records (OTEP 0267, audit collector, "Endpoint Definition").
const auditPath = "/v1/audit"

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

// answerAudit writes the answer to a request of a number of records. It is JSON whatever the request was in: the draft names
// the fields and no message of protobuf for them.
func (h *httpHandler) answerAudit(w http.ResponseWriter, a audited, records int) {
	httpStatus := http.StatusAccepted
	switch {
	case a.fail != nil:
		httpStatus = a.fail.httpStatus
		if a.fail.retryable() {
			w.Header().Set("Retry-After", strconv.FormatInt(a.fail.retrySeconds(), 10))
		}
	case !a.queued:
		httpStatus = http.StatusOK
	}
	batch := ""
	if records > 0 && (records > 1 || len(a.receipts) != 1) {
		batch = uuid.Must(uuid.NewV7()).String()
	}
	buffer := answers.Get().(*[]byte)
	defer answers.Put(buffer)
	*buffer = a.appendJSON(slices.Grow((*buffer)[:0], answerBytes*(len(a.receipts)+1)), batch)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(*buffer)))
	w.WriteHeader(httpStatus)
	_, _ = w.Write(*buffer) // a sender that went away gets no answer
}

// answerBytes is about what is said of a record.
const answerBytes = 400

// answers holds buffers for answers, which are bounded by max_records_per_request.
var answers = sync.Pool{New: func() any { b := make([]byte, 0, 1024); return &b }}

// noReadDeadline takes the deadline for reading away: left in place, it would go on to end the context of a request that the
// pipeline works on.
func noReadDeadline(w http.ResponseWriter) {
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
}
