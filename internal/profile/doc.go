// Package profile maps products' own audit events onto the conventions (docs/conventions.md): the event that stands in a
// record's body becomes the record's name, time and attributes, in place. What becomes of which field is data, one file a
// product in data/, and users add files of their own; the README describes the format. The package knows internal/audit
// and nothing else of this project.
//
//	set.go, builtin.go, recognise.go     the profiles, and which of them an event belongs to
//	file.go, compile*.go, profile.go     a data file: read, checked, made fast
//	apply.go                             one event: collected, decided, and only then written
//	tree.go, collect.go                  the places that rules name, and what is left of the event
//	evaluate.go, field.go                rules
//	convert.go, time.go, json.go         types, times, events that are text
//	action.go, words.go, graphql.go      verbs
//	separate.go                          records of several profiles under one resource
package profile
