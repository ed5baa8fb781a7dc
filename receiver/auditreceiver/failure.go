package auditreceiver

import (
	"fmt"
	"net/http"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/durationpb"
)

// failure is the answer to a request of which nothing was taken, the same for every transport. Its text is fixed but for
// numbers, names of the conventions and keys of the configuration: nothing of the request is in it.
//
// Codes follow the OTLP specification, sections "OTLP/gRPC Response" and "OTLP/HTTP Response": a sender repeats a request
// that was answered with UNAVAILABLE or RESOURCE_EXHAUSTED and RetryInfo, or 503 or 429 and Retry-After, and no other.
type failure struct {
	code       codes.Code
	httpStatus int
	message    string
	field      string        // what of the request was bad, for google.rpc.BadRequest; empty where it was not the request
	reason     string        // label of receiver_audit_refused_requests; empty where it does not count there
	retryAfter time.Duration // when to send again; 0 where that cannot help
}

// Labels of receiver_audit_refused_requests.
const (
	reasonMalformed   = "malformed"
	reasonTooLarge    = "too_large"
	reasonTooMany     = "too_many_records"
	reasonTooSlow     = "too_slow"
	reasonUnsupported = "unsupported"
	reasonNoTenant    = "no_tenant"
	reasonOverRate    = "over_rate"
	reasonNoRoom      = "no_room"
)

func (f *failure) retryable() bool { return f.retryAfter > 0 }

// retrySeconds is retryAfter as Retry-After can say it.
func (f *failure) retrySeconds() int64 { return int64((f.retryAfter + time.Second - 1) / time.Second) }

// status is the failure as gRPC's status, which OTLP/HTTP sends as the body too.
func (f *failure) status() *status.Status {
	st := status.New(f.code, f.message)
	var detail protoadapt.MessageV1
	switch {
	case f.retryable():
		detail = &errdetails.RetryInfo{RetryDelay: durationpb.New(f.retryAfter)}
	case f.field != "":
		detail = &errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{{Field: f.field, Description: f.message}}}
	default:
		return st
	}
	detailed, err := st.WithDetails(detail)
	if err != nil {
		return st
	}
	return detailed
}

// malformed says that the body is not what its encoding promises.
func malformed(message string) *failure {
	return &failure{
		code: codes.InvalidArgument, httpStatus: http.StatusBadRequest, reason: reasonMalformed,
		field: "body", message: message,
	}
}

// nestedTooDeep says that a message of the body holds too many others within each other to be decoded safely.
func nestedTooDeep() *failure {
	return malformed(fmt.Sprintf("request body is nested deeper than %d levels", maxNesting))
}

// tooMany says that a request carries too many of something. It is INVALID_ARGUMENT rather than RESOURCE_EXHAUSTED because
// some SDKs repeat the latter even without RetryInfo.
func tooMany(what string, limit int) *failure {
	return &failure{
		code: codes.InvalidArgument, httpStatus: http.StatusRequestEntityTooLarge, reason: reasonTooMany,
		field: what, message: fmt.Sprintf("request carries more %s than max_records_per_request (%d) allows", what, limit),
	}
}

// bodyTooLarge says that an HTTP body, decompressed or not, is over its limit.
func bodyTooLarge(limit int64) *failure {
	return &failure{
		code: codes.InvalidArgument, httpStatus: http.StatusRequestEntityTooLarge, reason: reasonTooLarge,
		field: "body", message: fmt.Sprintf("request body is over protocols.http.max_request_body_size (%d bytes)", limit),
	}
}

// bodyTooSlow says that an HTTP body took too long to arrive. That is not the fault of what is in it, so it may come again.
func bodyTooSlow() *failure {
	return &failure{
		code: codes.Unavailable, httpStatus: http.StatusServiceUnavailable, reason: reasonTooSlow, retryAfter: defaultRetryAfter,
		message: "request body did not arrive within protocols.http.read_timeout; send the request again",
	}
}

// overRate says that a tenant has sent more than its limit allows, and when it may send again.
func overRate(limit string, wait time.Duration) *failure {
	wait = (wait + time.Second - 1).Truncate(time.Second) // as Retry-After can say it
	return &failure{
		code: codes.ResourceExhausted, httpStatus: http.StatusTooManyRequests, reason: reasonOverRate, retryAfter: wait,
		message: "the tenant has sent more than " + limit + " allows; send the request again later",
	}
}

// noRoom says that the receiver has as much in hand as it may.
func noRoom(size int64) *failure {
	return &failure{
		code: codes.Unavailable, httpStatus: http.StatusServiceUnavailable, reason: reasonNoRoom, retryAfter: defaultRetryAfter,
		message: fmt.Sprintf("requests in flight have taken max_in_flight_bytes (%d bytes); send the request again later", size),
	}
}

// outWaited says that the sender, or its deadline, ended the request before it could be worked on.
func outWaited() *failure {
	return &failure{
		code: codes.Unavailable, httpStatus: http.StatusServiceUnavailable, reason: reasonNoRoom, retryAfter: defaultRetryAfter,
		message: "the request ended before the requests in front of it were worked on; send the request again later",
	}
}

// unsupported says that the receiver does not serve such a request.
func unsupported(httpStatus int, message string) *failure {
	code := codes.InvalidArgument
	if httpStatus == http.StatusNotFound || httpStatus == http.StatusMethodNotAllowed {
		code = codes.Unimplemented
	}
	return &failure{code: code, httpStatus: httpStatus, reason: reasonUnsupported, message: message}
}

// unauthenticated stands in for the authenticator's own words, which may quote what was presented to it.
func unauthenticated() *failure {
	return &failure{code: codes.Unauthenticated, httpStatus: http.StatusUnauthorized, message: "authentication failed"}
}
