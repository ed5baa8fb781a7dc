package clickhouse

import (
	"context"
	"slices"
	"strings"
	"sync"
)

// newer remembers which of the newer settings a server knows. It asks once.
type newer struct {
	mu    sync.Mutex
	known []setting // nil until asked
}

func (n *newer) get(ctx context.Context, conn Conn) ([]setting, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.known != nil {
		return n.known, nil
	}
	var names []string
	for _, s := range newerSettings() {
		names = append(names, "'"+s.name+"'")
	}
	rows, err := conn.Select(ctx, "SELECT name FROM system.settings WHERE name IN ("+strings.Join(names, ", ")+")")
	if err != nil {
		return nil, err
	}
	n.known = slices.DeleteFunc(newerSettings(), func(s setting) bool {
		return !slices.ContainsFunc(rows, func(row []string) bool { return row[0] == s.name })
	})
	return n.known, nil
}

func (n *newer) forget() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.known = nil
}
