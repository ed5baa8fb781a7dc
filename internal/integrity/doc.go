// Package integrity checks what a producer proves of its own records: that a signature or MAC fits the record
// ([Keys.Verify]), and that the records of a stream are all there and follow each other ([Chains]). Rules are those of the
// OpenTelemetry draft for audit logging (OTEP 0267, data model, "Integrity Attributes" and "Ordering Attributes").
//
// It reads no files and keeps no record: a caller gives it key material, canonical forms and hashes.
package integrity
