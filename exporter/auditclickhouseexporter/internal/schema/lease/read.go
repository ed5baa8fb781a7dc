package lease

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// row is a row of the table, as of now by the server's clock.
type row struct {
	generation uint64
	owner      string
	remaining  time.Duration // 0 where it has run out
}

// Holder tells who holds a lease, "" where nobody does, and for how long unless it is prolonged.
func Holder(ctx context.Context, conn Conn, name string) (owner string, remaining time.Duration, err error) {
	now, err := read(ctx, conn, name)
	if err != nil || now.remaining == 0 {
		return "", 0, err
	}
	return now.owner, now.remaining, nil
}

// read gives the row that counts, the zero value where the name was never taken.
func read(ctx context.Context, conn Conn, name string) (row, error) {
	found, err := query(ctx, conn, "name = "+literal(name))
	if err != nil || found == nil {
		return row{}, err
	}
	return *found, nil
}

func readGeneration(ctx context.Context, conn Conn, name string, generation uint64) (*row, error) {
	return query(ctx, conn, fmt.Sprintf("name = %s AND generation >= %d", literal(name), generation))
}

// query gives the row of the highest generation. Should two have the same, because somebody took the table's
// deduplication window away, everybody sees the same one of them.
func query(ctx context.Context, conn Conn, where string) (*row, error) {
	rows, err := conn.Select(ctx, "SELECT toString(generation), owner, "+
		"toString(greatest(0, dateDiff('millisecond', now64(3), until))) "+
		"FROM {database:Identifier}."+Table+" WHERE "+where+" ORDER BY generation DESC, owner LIMIT 1")
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	generation, err := strconv.ParseUint(rows[0][0], 10, 64)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", Table, err)
	}
	milliseconds, err := strconv.ParseInt(rows[0][2], 10, 64)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", Table, err)
	}
	return &row{generation: generation, owner: rows[0][1], remaining: time.Duration(milliseconds) * time.Millisecond}, nil
}

func literal(text string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(text) + "'"
}
