//go:build !unix

package offheap

func pages(n int) []byte { return make([]byte, n) }

func unpages([]byte) {}
