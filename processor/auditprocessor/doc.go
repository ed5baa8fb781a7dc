// Package auditprocessor is the collector processor of type audit: it makes audit events safe to store.
//
// For every record, in this order (call.go): what only this bundle may set is removed; the actor is looked up in the directory
// (enrich.go); the policy decides whether it is kept, and how much of it (ruleset.go, package internal/policy); the keyed hash of
// the record as it was received is taken; everything is redacted (package internal/redact); what was decided and done is written
// on the record. After it a record holds only what may be stored.
//
// What the policy leaves out is counted and answered by consume.go. Each version of the policy is told as an event of its own
// (announcement.go), which is handed on until it is taken (announcer.go).
//
// The processor keeps directory and policy in memory and nothing else.
package auditprocessor

//go:generate go tool -modfile=../../internal/tools/go.mod mdatagen metadata.yaml
