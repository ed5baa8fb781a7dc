//go:build !unix

package main

// lock does nothing where no ClickHouse can be started anyway.
func (state) lock() (unlock func(), err error) { return func() {}, nil }
