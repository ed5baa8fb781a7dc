package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ClickHouse/ch-go/proto"
)

// Error is what went wrong with a query. Its text is fixed, but for the code and its name, and for what the server says of
// statements that hold no data: the server's words about an insert may quote what was inserted, so they are not kept.
type Error struct {
	Op         string // "insert into events", "connect" …
	Code       int    // ClickHouse's error code, 0 where the server gave none
	Class      Class
	RetryAfter time.Duration // what the server asked for, 0 where it did not
	Detail     string        // the server's words, empty for inserts
	Cause      error         // of the network; nil where the server gave a code
}

func (e *Error) Error() string {
	switch {
	case e.Code == 0:
		return fmt.Sprintf("%s: %v", e.Op, e.Cause)
	case e.Detail != "":
		return fmt.Sprintf("%s: ClickHouse error %d (%s): %s", e.Op, e.Code, e.Name(), e.Detail)
	default:
		return fmt.Sprintf("%s: ClickHouse error %d (%s)%s", e.Op, e.Code, e.Name(), advice(e.Code))
	}
}

func (e *Error) Unwrap() error { return e.Cause }

// Name is ClickHouse's name of the code, such as UNKNOWN_TABLE.
func (e *Error) Name() string {
	code := proto.Error(e.Code)
	if !code.IsAError() {
		return "unknown"
	}
	return code.String()
}

// Is reports whether err is a server's error of one of the codes.
func Is(err error, codes ...proto.Error) bool {
	var e *Error
	if !errors.As(err, &e) {
		return false
	}
	for _, code := range codes {
		if e.Code == int(code) {
			return true
		}
	}
	return false
}

func serverError(op string, code int, message string, data bool) *Error {
	e := &Error{Op: op, Code: code, Class: classOf(proto.Error(code), message)}
	if !data {
		e.Detail = firstLine(message)
	}
	return e
}

// networkError is always worth another try: whether the server did the work is not known.
func networkError(op string, err error) *Error {
	if errors.Is(err, context.DeadlineExceeded) {
		err = fmt.Errorf("no answer within the timeout: %w", err)
	}
	return &Error{Op: op, Class: Retryable, Cause: err}
}

// maxDetail bounds what is kept of the server's words.
const maxDetail = 500

func firstLine(message string) string {
	message, _, _ = strings.Cut(strings.TrimSpace(message), "\n")
	if len(message) > maxDetail {
		message = strings.ToValidUTF8(message[:maxDetail], "") + "…"
	}
	return message
}
