// Package profile maps products' own audit events onto the conventions (docs/conventions.md): the event that stands in a
// record's body becomes the record's name, time and attributes, in place. What becomes of which field is data, one file a
// product in data/, and users add files of their own; the README describes the format. The package knows internal/audit
// and nothing else of this project.
//
//	set.go, recognise.go        the profiles, and which of them an event belongs to
//	file*.go, compile*.go       a data file: parsed, checked, made fast
//	apply.go                    one event: read, decide, and only then write
//	tree.go, collect.go         the fields of the event that rules name, and what is left of it
//	evaluate.go, convert.go, time.go   rules, types, times
//	action.go, words.go, graphql.go    verbs
//	json.go                     events that are text
//	separate.go                 records of several profiles under one resource
package profile
