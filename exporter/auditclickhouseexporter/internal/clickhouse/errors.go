package clickhouse

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"github.com/ClickHouse/ch-go"
	"github.com/ClickHouse/ch-go/proto"
)

// Error is what went wrong with a query. Its text is fixed, but for the code and its name, and for what the server says of
// statements that hold no data: the server's words about an insert may quote what was inserted, so they are not kept.
type Error struct {
	Op         string // "insert into events", "connect" …
	Code       int    // ClickHouse's error code, 0 where the server gave none
	Class      Class
	Ambiguous  bool          // of an insert: whether its rows are there, in whole or in part, is not known
	View       bool          // it is about a materialized view on the table
	Network    bool          // the server could not be reached, or the connection broke
	RetryAfter time.Duration // what the server asked for, 0 where it did not
	Detail     string        // the server's words, empty for inserts
	Cause      error         // of the network; nil where the server gave a code

	sent bool // of the network: the server may have got the request
}

func (e *Error) Error() string {
	switch {
	case e.Code == 0:
		return fmt.Sprintf("%s: %v", e.Op, e.Cause)
	case e.Detail != "":
		return fmt.Sprintf("%s: ClickHouse error %d (%s): %s", e.Op, e.Code, e.Name(), e.Detail)
	default:
		return fmt.Sprintf("%s: ClickHouse error %d (%s)%s", e.Op, e.Code, e.Name(), e.advice())
	}
}

func (e *Error) Unwrap() error { return e.Cause }

// TimedOut reports whether an insert was sent and not answered within the caller's timeout. The server may still be at it.
func (e *Error) TimedOut() bool { return e.Ambiguous && timedOut(e.Cause) }

func timedOut(err error) bool {
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded)
}

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
	class, before := sort(proto.Error(code), message)
	e := &Error{Op: op, Code: code, Class: class, Ambiguous: data && !before, View: pushing(message)}
	if !data {
		e.Detail = firstLine(message)
	}
	return e
}

// networkError is always worth another try. Whether the server did the work is not known, but where there was no
// connection to send it over.
func networkError(op string, data bool, err error) *Error {
	sent := !unreachable(err)
	e := &Error{Op: op, Class: Retryable, Network: true, Ambiguous: data && sent, Cause: err, sent: sent}
	if timedOut(err) {
		e.Cause = fmt.Errorf("no answer within the timeout: %w", err)
	}
	return e
}

// connectError is of making a connection, before anything was sent.
func connectError(err error) *Error {
	var exception *ch.Exception
	if errors.As(err, &exception) {
		return serverError("connect", int(exception.Code), exception.Message, false)
	}
	e := networkError("connect", false, err)
	e.sent = false
	return e
}

// unreachable reports whether an error is one of making a connection.
func unreachable(err error) bool {
	var dial *net.OpError
	var name *net.DNSError
	var certificate *tls.CertificateVerificationError
	var header tls.RecordHeaderError
	return errors.As(err, &dial) && dial.Op == "dial" || errors.As(err, &name) || errors.As(err, &certificate) ||
		errors.As(err, &header)
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

func insertOp(table string) string { return "insert into " + table }
