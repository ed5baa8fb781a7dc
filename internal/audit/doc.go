// Package audit is the event model: what an audit event is called on the wire, which fields it must have, and how to
// read them from an OTLP log record.
//
// One audit event is one OTLP LogRecord. The names follow, in this order, the OpenTelemetry draft for audit logging
// (OTEP 0267, specification/audit/data-model.md: attributes named audit.*), the OpenTelemetry semantic conventions, and
// last additions of this project. [Attributes] lists every attribute with its type and origin; the constants' comments
// give meaning and unit. The document for people is docs/conventions.md.
//
// The package knows pdata and nothing else of the collector, so that receiver, processor, exporter and tests share it.
package audit
