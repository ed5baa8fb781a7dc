// Package integration holds the tests of the whole path: the built collector, a real ClickHouse, and senders that speak
// OTLP to it. What a single component can show is tested beside that component.
package integration
