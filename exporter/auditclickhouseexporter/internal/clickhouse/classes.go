package clickhouse

import (
	"strings"

	"github.com/ClickHouse/ch-go/proto"
)

// Class says what to do about an error.
type Class uint8

// Classes of errors.
const (
	// Retryable: try again. Every error that is not known to be of another class.
	Retryable Class = iota
	// Throttled: the server has too much to do. Try again later.
	Throttled
	// Misconfigured: somebody has to change something at the server or in the configuration. Try again, and say so.
	Misconfigured
	// Rejected: the server does not take one of the rows for what is in it, and wrote none of them. The same rows will
	// never be taken.
	Rejected
)

func (c Class) String() string {
	return [...]string{"retryable", "throttled", "misconfigured", "rejected"}[c]
}

// classes holds every code that is not Retryable.
var classes = map[proto.Error]Class{
	proto.ErrTooManyParts:               Throttled,
	proto.ErrMemoryLimitExceeded:        Throttled,
	proto.ErrTooManySimultaneousQueries: Throttled,
	proto.ErrQuotaExpired:               Throttled,
	proto.ErrNoFreeConnection:           Throttled,
	proto.ErrCannotScheduleTask:         Throttled,
	proto.ErrNotEnoughSpace:             Throttled,
	proto.ErrServerOverloaded:           Throttled,

	proto.ErrNoSuchColumnInTable:  Misconfigured,
	proto.ErrTypeMismatch:         Misconfigured,
	proto.ErrUnknownTable:         Misconfigured,
	proto.ErrUnknownDatabase:      Misconfigured,
	proto.ErrUnknownSetting:       Misconfigured,
	proto.ErrReadonly:             Misconfigured,
	proto.ErrUnknownUser:          Misconfigured,
	proto.ErrWrongPassword:        Misconfigured,
	proto.ErrRequiredPassword:     Misconfigured,
	proto.ErrAccessDenied:         Misconfigured,
	proto.ErrAuthenticationFailed: Misconfigured,

	// Only what the server checks before it writes anything.
	proto.ErrViolatedConstraint: Rejected,
	proto.ErrTooLargeStringSize: Rejected,
	proto.ErrTooLargeArraySize:  Rejected,
}

// classOf sorts a server's error. The message is looked at only for what the code does not tell.
func classOf(code proto.Error, message string) Class {
	class := classes[code]
	if class == Rejected && strings.Contains(message, "while pushing to view") {
		// The rows are in the table already; what fails is a view on it. Whoever made the view mends it, and the retry
		// completes it.
		return Misconfigured
	}
	return class
}

// advice is what to do about an error of a code, as the end of a sentence.
func advice(code int) string {
	switch proto.Error(code) {
	case proto.ErrNoSuchColumnInTable, proto.ErrUnknownTable, proto.ErrUnknownDatabase:
		return ": the schema is not the one this exporter writes: set create_schema: true or apply its migrations"
	case proto.ErrAccessDenied, proto.ErrReadonly:
		return ": the user may not do this: grant INSERT on the tables and, with create_schema: true, the right to create them"
	case proto.ErrUnknownUser, proto.ErrWrongPassword, proto.ErrRequiredPassword, proto.ErrAuthenticationFailed:
		return ": check username and password"
	case proto.ErrTooManyParts:
		return ": too many parts, or an insert over more partitions than the server allows: the server merges too slowly, or " +
			"max_partitions_per_insert_block is lower than max_partitions_per_insert"
	default:
		return ""
	}
}
