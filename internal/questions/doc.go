// Package questions holds a test for every question that the views answer (docs/views.md): known events go in through the
// receiver, pass the processor and the exporter, and what a view says of them is compared with what Go computes from the same
// events.
//
// One ClickHouse and one pipeline are started for all tests. The events are those of events() in data_test.go: what is added
// there, in a file a theme, every test sees, so expectations are computed and never written down. An event of a product that
// one of its documents shows is sent as the document has it, to a tenant of its own.
//
//	main_test.go      starts everything, sends events()     event_test.go   an event as Go sees it
//	pipeline_test.go  receiver, processor and exporter      data*_test.go   the events
//	ask_test.go       SQL in, rows out                      NAME_test.go    the question that the view NAME answers
package questions
