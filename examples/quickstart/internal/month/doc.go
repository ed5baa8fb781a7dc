// Package month makes up a believable month of audit events of a company that uses five products: the events an
// application would send through an OpenTelemetry SDK, in the names of the conventions.
//
// One file a product; a change to what a product does is a change in its file:
//
//	axiom.go                     hourly ingest, and changes of the configuration
//	axiom_queries.go, _sources   monitors, dashboards, people and programs that query datasets
//	observe.go, logins.go        objects that are created, read and changed, permissions, logins and one attack
//	llm.go                       calls of language models by feature
//	xano.go                      tables, branches, API runs
//	datagrok.go                  queries, scripts and functions with their inputs, errors with stack traces
//	arize.go                     GraphQL operations and exports
//
// and what they share: month.go puts the products' hours in order, clock.go is the rhythm of day and week, dice.go the
// seeded chance, people.go who acts, record.go the event itself, texts.go literals inside queries and prompts.
//
// Everything follows from [Config]: the same configuration gives the same events, byte for byte.
package month
