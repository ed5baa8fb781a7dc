// Package report asks ClickHouse the questions of SQL files and shows the answers as tables.
package report

import (
	"context"
	"fmt"
	"io"

	"github.com/otelaudit/otelaudit/examples/quickstart/internal/statement"
)

// Database answers SQL statements.
type Database interface {
	// Query returns the answer in the format that the statement names.
	Query(ctx context.Context, sql string) (string, error)
}

// Ask runs a statement.
func Ask(ctx context.Context, db Database, s statement.Statement) (Table, error) {
	answer, err := db.Query(ctx, s.SQL+"\nFORMAT JSONCompactStringsEachRowWithNamesAndTypes")
	if err != nil {
		return Table{}, fmt.Errorf("%s: %w", s.Name, err)
	}
	t, err := parse(answer)
	if err != nil {
		return Table{}, fmt.Errorf("%s: %w", s.Name, err)
	}
	return t, nil
}

// Print shows the answers to all statements. It returns the names of those whose table is empty.
func Print(ctx context.Context, w io.Writer, db Database, statements []statement.Statement) (empty []string, err error) {
	for _, s := range statements {
		t, err := Ask(ctx, db, s)
		if err != nil {
			return nil, err
		}
		text := t.text()
		if len(t.Rows) == 0 {
			empty = append(empty, s.Name)
			text = "  (nothing)\n"
		}
		if _, err := io.WriteString(w, "\n"+s.Title+"\n\n"+text); err != nil {
			return nil, err
		}
	}
	return empty, nil
}
