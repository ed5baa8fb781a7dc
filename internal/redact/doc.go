// Package redact makes what arrives safe to store. There is one recursive walker ([Redactor]) and a policy that is data: a table
// with an action for every attribute of the conventions (table.go), and the user's own rules, which come first. What neither
// names is withheld: its type, its length and a keyed hash stay, its content does not.
//
// Every part of a log record is content and goes through here: attributes of record, resource and scope, their names, the body,
// the event's name, the severity text, scope names, schema URLs and entity references. Numbers that OTLP itself defines (times,
// trace and span ids, flags, counters) pass.
//
// The package knows pdata, the event model and pseudonyms. It returns no errors and logs nothing, so that nothing can leak that
// way; what it did is a [Reason], a fixed code.
package redact
