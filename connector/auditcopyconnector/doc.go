// Package auditcopyconnector is the collector connector of type audit_copy: it gives copies of audit events to other pipelines,
// whose failures it keeps from the pipeline that the events come from.
//
// A request is copied into a queue in memory (queue.go), and the caller has its answer, which is always success. One goroutine
// takes the copies out, in their order, and hands each on within the timeout (connector.go). What had no room in the queue or was
// not taken is counted, and that copies are lost is logged when it begins and when it is over (telemetry.go).
package auditcopyconnector

//go:generate go tool -modfile=../../internal/tools/go.mod mdatagen metadata.yaml
