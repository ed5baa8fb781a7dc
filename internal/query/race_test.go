//go:build race

package query

// oneOf is how many of the product of queries, canaries, dialects and truncations one stands for under the race detector,
// which makes every reading ten times as slow, and has no goroutines to look at in this package. Without it, all are read.
const oneOf = 12
