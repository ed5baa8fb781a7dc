//go:build !race

package query

// oneOf is how many of the product of queries, canaries, dialects and truncations one stands for: here, all are read.
const oneOf = 1
