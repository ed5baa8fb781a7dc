package auditreceiver

import (
	"errors"
	"net/http"
	"time"

	"go.opentelemetry.io/collector/consumer/consumererror"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// defaultRetryAfter is when a sender is asked to come again if the pipeline did not say.
const defaultRetryAfter = time.Second

// errPanic is what a panic in the pipeline becomes. It is not permanent: whether the records were stored is not known, and
// a record that comes twice can be recognised where one that is lost cannot.
var errPanic = errors.New("panic")

// failureOf sorts an error of the pipeline into what the sender has to know: whether to send again, and when. Only an
// error that says it is permanent is answered as such, so that what nobody classified is not lost. The error's text stays
// here, because it may quote records.
func failureOf(err error) *failure {
	st := statusOf(err)
	switch {
	case consumererror.IsPermanent(err) && st.Code() == codes.InvalidArgument:
		return &failure{
			code: codes.InvalidArgument, httpStatus: http.StatusBadRequest, field: "records",
			message: "the pipeline refuses these records for good; do not send them again",
		}
	case consumererror.IsPermanent(err):
		return &failure{
			code: codes.Internal, httpStatus: http.StatusInternalServerError,
			message: "the pipeline fails on these records for good; sending them again does not help",
		}
	case st.Code() == codes.ResourceExhausted:
		return &failure{
			code: codes.ResourceExhausted, httpStatus: http.StatusTooManyRequests, retryAfter: retryAfter(st),
			message: "the pipeline is at its capacity; send the request again later",
		}
	default:
		return &failure{
			code: codes.Unavailable, httpStatus: http.StatusServiceUnavailable, retryAfter: retryAfter(st),
			message: "the pipeline cannot take records now; send the request again",
		}
	}
}

// statusOf finds the status that an exporter attached to an error, nil where there is none.
func statusOf(err error) *status.Status {
	if _, ok := errors.AsType[*consumererror.Error](err); ok {
		return consumererror.ToGRPCStatus(err)
	}
	if st, ok := status.FromError(err); ok {
		return st
	}
	return nil
}

// retryAfter is the delay that a status asks for.
func retryAfter(st *status.Status) time.Duration {
	for _, detail := range st.Details() {
		if info, ok := detail.(*errdetails.RetryInfo); ok {
			if delay := info.GetRetryDelay().AsDuration(); delay > 0 {
				return delay
			}
		}
	}
	return defaultRetryAfter
}

// withheldError keeps the class of a pipeline's error for the collector's own telemetry and hides its text from it.
type withheldError struct {
	message string
	cause   error
}

func (e *withheldError) Error() string { return e.message }

func (e *withheldError) Unwrap() error { return e.cause }
