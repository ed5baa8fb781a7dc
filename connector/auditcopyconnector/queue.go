package auditcopyconnector

import (
	"sync"

	"go.opentelemetry.io/collector/pdata/plog"
)

// held is a copy that waits. As protobuf it takes exactly the bytes that it is counted with, and shares nothing with the request,
// which others may change.
type held struct {
	body    []byte
	records int
}

// queue holds copies in their order, up to a number of bytes. It is safe for concurrent use.
type queue struct {
	max  int
	wake chan struct{} // holds one where something was put in

	mu    sync.Mutex
	held  []held
	bytes int // of what is held, and of what is being put in
}

func newQueue(maxBytes int) *queue {
	return &queue{max: maxBytes, wake: make(chan struct{}, 1)}
}

// put copies a request, or says that there is no room. It does not wait.
func (q *queue) put(logs plog.Logs) bool {
	var marshaler plog.ProtoMarshaler
	size := marshaler.LogsSize(logs)
	if !q.reserve(size) {
		return false
	}
	body, err := marshaler.MarshalLogs(logs)
	q.mu.Lock()
	defer q.mu.Unlock()
	if err != nil { // which the marshaler never says
		q.bytes -= size
		return false
	}
	q.held = append(q.held, held{body: body, records: logs.LogRecordCount()})
	select {
	case q.wake <- struct{}{}:
	default:
	}
	return true
}

func (q *queue) reserve(size int) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if size > q.max-q.bytes {
		return false
	}
	q.bytes += size
	return true
}

// take gives the oldest copy. Its bytes count until it is done.
func (q *queue) take() (oldest held, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.held) == 0 {
		return held{}, false
	}
	oldest = q.held[0]
	q.held[0] = held{} // for the garbage collector
	q.held = q.held[1:]
	return oldest, true
}

// done frees the room of a copy that was taken.
func (q *queue) done(h held) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.bytes -= len(h.body)
}

// size is how many bytes the copies take, with the one that is being handed on.
func (q *queue) size() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.bytes
}
