package reconcile

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Facts are what is known of an insert into `events` or `quarantine`.
type Facts struct {
	Token       string   // insert_deduplication_token of the last try
	Table       string   // name of the table
	Blocks      []uint64 // block_id of the rows, ascending
	Rows        uint64
	Digest      uint64 // sum(xxHash64(record_id)), wrapping
	First, Last int64  // received_at of the rows, Unix nanoseconds
}

// Verdict is what was found of an insert.
type Verdict uint8

// Verdicts.
const (
	// All rows are there, each once.
	All Verdict = iota
	// None of the rows is there.
	None
	// Partly is anything else: rows are missing, or there more than once.
	Partly
)

func (v Verdict) String() string { return [...]string{"all", "none", "partly"}[v] }

// Verify counts the rows of an insert. As long as a server still runs a try of it, under its token, it waits.
//
// It says nothing of the rollups: repeat the insert under its token first, which completes them where the server
// remembers the token, and count then. A verdict of None after that means that the token was noted and the rows were lost:
// insert again under another token.
func (r *Reconciler) Verify(ctx context.Context, f Facts) (Verdict, error) {
	if f.Token == "" {
		return Partly, errors.New("the facts of an insert have no token")
	}
	if err := r.waitFor(ctx, "Settings['insert_deduplication_token'] = "+literal(f.Token)); err != nil {
		return Partly, err
	}
	rows, err := r.conn.Select(ctx, "SELECT toString(count()), toString(sum(xxHash64(record_id))) FROM "+r.source(f))
	if err != nil {
		return Partly, fmt.Errorf("count the rows of an insert: %w", err)
	}
	found, err := numbers(rows[0])
	switch {
	case err != nil:
		return Partly, err
	case found[0] == f.Rows && found[1] == f.Digest:
		return All, nil
	case found[0] == 0:
		return None, nil
	default:
		return Partly, nil
	}
}

// Missing gives the places in ids, the record ids of all rows of an insert in their order, of the rows that are not there,
// and how many of the rows that are there are too many: [Reconciler.RemoveCopies] deletes those.
func (r *Reconciler) Missing(ctx context.Context, f Facts, ids []string) (missing []int, extra int, err error) {
	there := make(map[string]int, len(ids))
	pages := len(ids)/idsPerAnswer + 1
	for page := range pages {
		rows, err := r.conn.Select(ctx, fmt.Sprintf("SELECT record_id, toString(count()) FROM %s AND xxHash64(record_id) %% %d = %d GROUP BY record_id",
			r.source(f), pages, page))
		if err != nil {
			return nil, 0, fmt.Errorf("list the rows of an insert: %w", err)
		}
		for _, row := range rows {
			if there[row[0]], err = strconv.Atoi(row[1]); err != nil {
				return nil, 0, fmt.Errorf("list the rows of an insert: %w", err)
			}
		}
	}
	for i, id := range ids {
		if there[id] == 0 {
			missing = append(missing, i)
			continue
		}
		there[id]--
	}
	for _, left := range there {
		extra += left
	}
	return missing, extra, nil
}

// idsPerAnswer keeps answers well below what a connection reads of one.
const idsPerAnswer = 10_000

// source is the part of a query behind FROM that gives the rows of the insert.
func (r *Reconciler) source(f Facts) string {
	return fmt.Sprintf("%s WHERE received_at BETWEEN fromUnixTimestamp64Nano(%d, 'UTC') AND fromUnixTimestamp64Nano(%d, 'UTC') AND %s",
		r.layout.Qualified(f.Table), f.First, f.Last, among(f.Blocks))
}

// maxListed bounds the blocks that are listed one by one: their index is then asked, and the query stays below the length
// that servers take.
const maxListed = 2000

// among is the condition that a row is of one of the blocks.
func among(blocks []uint64) string {
	var parts []string
	if len(blocks) <= maxListed {
		for _, b := range blocks {
			parts = append(parts, strconv.FormatUint(b, 10))
		}
		return "block_id IN (" + strings.Join(parts, ", ") + ")"
	}
	for i := 0; i < len(blocks); {
		j := i
		for j+1 < len(blocks) && blocks[j+1] == blocks[j]+1 {
			j++
		}
		parts = append(parts, fmt.Sprintf("block_id BETWEEN %d AND %d", blocks[i], blocks[j]))
		i = j + 1
	}
	return "(" + strings.Join(parts, " OR ") + ")"
}

// processPoll is how often running inserts are asked for.
const processPoll = 100 * time.Millisecond

// waitFor waits until no insert that the condition holds for runs on any server.
func (r *Reconciler) waitFor(ctx context.Context, condition string) error {
	from := "system.processes"
	if r.layout.Cluster != "" {
		from = "clusterAllReplicas(" + literal(r.layout.Cluster) + ", system.processes)"
	}
	for {
		rows, err := r.conn.Select(ctx, "SELECT query_id FROM "+from+" WHERE query_kind = 'Insert' AND "+condition)
		if err != nil {
			return fmt.Errorf("look for running inserts: %w", err)
		}
		if len(rows) == 0 {
			return nil
		}
		if !pause(ctx, processPoll) {
			return fmt.Errorf("waited for %d inserts that the server still runs: %w", len(rows), context.Cause(ctx))
		}
	}
}
