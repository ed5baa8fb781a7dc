package auditreceiver

import (
	"fmt"
	"net/http"

	"google.golang.org/grpc/codes"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// recordReason is why a record was refused, an index of recordReasons.
type recordReason uint8

const (
	reasonRequired recordReason = iota
	reasonInvalid
	reasonRecordTooLarge
	reasonConflict
	reasonSignature
	reasonUnverified
	reasonTenant
	reasonUnexplained
	numRecordReasons
)

// recordReasons are the labels of receiver_audit_refused_records, and the domain status of such a record on /v1/audit.
var recordReasons = [numRecordReasons]struct{ label, status string }{
	{"required", statusInvalid},
	{"invalid", statusInvalid},
	{"too_large", statusInvalid},
	{"conflict", statusInvalid},
	{"signature", statusVerifyFailed},
	{"unverified", statusVerifyFailed},
	{"tenant", statusAuthz},
	{"unexplained", statusInvalid},
}

// refusals counts the records of a request that were refused and keeps the first reason.
type refusals struct {
	total    int
	byReason [numRecordReasons]int
	first    *audit.FieldError
	firstAt  int // counted from 1 over the whole request; 0 where its place is not known
}

func (r *refusals) add(at int, reason recordReason, err *audit.FieldError) {
	if r.total == 0 {
		r.first, r.firstAt = err, at
	}
	r.total++
	r.byReason[reason]++
}

// summary says how many records were refused and why the first one was. It names fields and never quotes a value.
func (r *refusals) summary(records int) string {
	return fmt.Sprintf("%d of %d records refused; first: %s: %s", r.total, records, r.place(), r.first)
}

// place names the first refused record.
func (r *refusals) place() string {
	if r.firstAt == 0 {
		return "a record"
	}
	return fmt.Sprintf("record %d", r.firstAt)
}

// failure is the answer where nothing of the request was taken.
func (r *refusals) failure(records int) *failure {
	f := &failure{
		code: codes.InvalidArgument, httpStatus: http.StatusBadRequest,
		field: r.place() + ": " + r.first.Field, message: r.summary(records),
	}
	switch r.total {
	case r.byReason[reasonConflict]:
		f.code, f.httpStatus = codes.AlreadyExists, http.StatusConflict
	case r.byReason[reasonTenant]:
		f.code, f.httpStatus = codes.PermissionDenied, http.StatusForbidden
	}
	return f
}

// whole is the answer where a request is refused for some of its records, and its domain status: the gravest of theirs.
func (r *refusals) whole(records int) (*failure, string) {
	f := r.failure(records)
	switch {
	case r.byReason[reasonTenant] > 0:
		f.code, f.httpStatus = codes.PermissionDenied, http.StatusForbidden
		return f, statusAuthz
	case r.byReason[reasonSignature]+r.byReason[reasonUnverified] > 0:
		return f, statusVerifyFailed
	default:
		return f, statusInvalid
	}
}
