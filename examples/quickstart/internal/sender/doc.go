// Package sender sends events with the OpenTelemetry SDK so that none is lost without a trace.
//
// Two properties of the SDK need care when events must all arrive. Its batch processor overwrites the oldest record when
// its queue is full, without an error: [Sender] lets no more into it than fit (inflight.go). And an application does not
// learn what became of a record: the exporter is wrapped (acknowledge.go), and an interceptor reads partial successes from
// the answers themselves, because the SDK gives them as an error of a type that cannot be named outside of it.
//
// An application can copy these two files.
package sender
