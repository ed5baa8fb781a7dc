// Package auditprocessor is the collector processor of type audit: it makes audit events safe to store.
//
// For every record, in this order (processor.go): what only this bundle may set is removed; the keyed hash of the record as it
// was received is taken; the actor is looked up in the directory (enrich.go); everything is redacted by the policy (package
// internal/redact); the outcome is written on the record. After it a record holds only what may be stored.
//
// The processor keeps the directory in memory and nothing else.
package auditprocessor

//go:generate go tool -modfile=../../internal/tools/go.mod mdatagen metadata.yaml
