package auditreceiver

import "google.golang.org/protobuf/encoding/protowire"

// maxNesting is how many messages, or JSON objects and arrays, may stand within each other in a body: what Go's protobuf
// library allows. pdata's decoder recurses without a limit, and running out of stack ends the process: a body of 19 MB
// suffices. What the limit lets through is small enough for any walk; [audit.MaxDepth] is what a record may have.
const maxNesting = 10_000

// messageType is a type of message in an OTLP logs request.
type messageType uint8

const (
	leaf messageType = iota // anything that nests no deeper
	requestMessage
	resourceLogs
	scopeLogs
	logRecord
	attributed // Resource
	scope
	keyValue
	anyValue
	arrayValue
	keyValueList
)

// child is the type of the messages in a field, after opentelemetry/proto/{collector/logs,logs,common,resource}/v1.
func (m messageType) child(field protowire.Number) messageType {
	switch {
	case m == requestMessage && field == 1:
		return resourceLogs
	case m == resourceLogs && field == 1:
		return attributed
	case m == resourceLogs && (field == 2 || field == 1000): // 1000 held scope_logs until OTLP 0.15, and is still decoded
		return scopeLogs
	case m == scopeLogs && field == 1:
		return scope
	case m == scopeLogs && field == 2:
		return logRecord
	case m == logRecord && field == 5, m == keyValue && field == 2, m == arrayValue && field == 1:
		return anyValue
	case m == logRecord && field == 6, m == attributed && field == 1, m == scope && field == 3, m == keyValueList && field == 1:
		return keyValue
	case m == anyValue && field == 5:
		return arrayValue
	case m == anyValue && field == 6:
		return keyValueList
	default:
		return leaf
	}
}

// protoShape measures a protobuf body before it is decoded, because an empty record of two bytes decodes to 140 bytes and a
// nested value takes stack. It reads every tag down to the records, and below them only in messages that are large enough
// to be nested too deep, which leaves ordinary records alone.
type protoShape struct {
	limit  int // of records, scopes and resources each
	counts [keyValueList + 1]int
}

// checkProtoShape gives what is wrong with the shape of a protobuf body, nil where it can be decoded safely.
func checkProtoShape(body []byte, maxRecords int) *failure {
	shape := protoShape{limit: maxRecords}
	return shape.walk(body, requestMessage, 0)
}

func (s *protoShape) walk(body []byte, m messageType, depth int) *failure {
	if depth > maxNesting {
		return nestedTooDeep()
	}
	for len(body) > 0 {
		field, wire, n := protowire.ConsumeTag(body)
		if n < 0 {
			return malformed(malformedProto)
		}
		body = body[n:]
		if wire != protowire.BytesType {
			n = protowire.ConsumeFieldValue(field, wire, body)
			if n < 0 {
				return malformed(malformedProto)
			}
			body = body[n:]
			continue
		}
		value, n := protowire.ConsumeBytes(body)
		if n < 0 {
			return malformed(malformedProto)
		}
		body = body[n:]
		if fail := s.enter(value, m.child(field), depth+1); fail != nil {
			return fail
		}
	}
	return nil
}

func (s *protoShape) enter(value []byte, m messageType, depth int) *failure {
	switch m {
	case leaf:
		return nil
	case resourceLogs, scopeLogs, logRecord:
		if s.counts[m]++; s.counts[m] > s.limit {
			return tooMany(counted[m], s.limit)
		}
	}
	if m != resourceLogs && m != scopeLogs && len(value) <= 2*maxNesting { // a level takes two bytes at the least
		return nil
	}
	return s.walk(value, m, depth)
}

// counted names what is counted, for the sender.
var counted = map[messageType]string{resourceLogs: "resources", scopeLogs: "scopes", logRecord: "log records"}
