package sqlsource

import (
	"context"
	"database/sql"
	"errors"
	"net"
	"strconv"
	"time"

	"github.com/lib/pq"

	"github.com/otelaudit/otelaudit/internal/directory"
)

// postgres is a PostgreSQL database. The pool connects when it is asked.
type postgres struct{ db *sql.DB }

// Bounds of the pool: look-ups run beside a query for all users.
const (
	maxConns = 8
	maxIdle  = 2
	idleTime = 5 * time.Minute
)

func openPostgreSQL(cfg *PostgreSQL) (database, error) {
	connector, err := pq.NewConnector(string(cfg.DataSource))
	if err != nil {
		return nil, errors.New("postgresql.datasource cannot be used") // the error may quote it
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(maxConns)
	db.SetMaxIdleConns(maxIdle)
	db.SetConnMaxIdleTime(idleTime)
	return &postgres{db}, nil
}

func (p *postgres) close() error { return p.db.Close() }

func (p *postgres) query(ctx context.Context, text string, parameters []string, columns func([]string) error, row func([]any) error) error {
	args := make([]any, len(parameters))
	for i := range parameters {
		args[i] = parameters[i]
	}
	// A transaction that may only read: what the query calls cannot write either.
	tx, err := p.db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return postgresFailure(err)
	}
	defer func() { _ = tx.Rollback() }() // there is nothing to commit
	rows, err := tx.QueryContext(ctx, text, args...)
	if err != nil {
		return postgresFailure(err)
	}
	defer func() { _ = rows.Close() }() // Err says it
	types, err := rows.ColumnTypes()
	if err != nil {
		return postgresFailure(err)
	}
	names, cells, values := make([]string, len(types)), make([]any, len(types)), make([]any, len(types))
	for i, t := range types {
		names[i] = t.Name()
		if name := t.DatabaseTypeName(); name != "" && name[0] == '_' {
			cells[i] = new(pq.StringArray)
		} else {
			cells[i] = new(any)
		}
	}
	if err := columns(names); err != nil {
		return err
	}
	for rows.Next() {
		if err := rows.Scan(cells...); err != nil {
			return directory.Failuref("a row cannot be read: arrays must be of one dimension and without NULL")
		}
		for i, cell := range cells {
			values[i] = plain(cell)
		}
		if err := row(values); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return postgresFailure(err)
	}
	return nil
}

// plain gives what was read into a cell as package sqlsource has it.
func plain(cell any) any {
	switch c := cell.(type) {
	case *pq.StringArray:
		return []string(append(pq.StringArray(nil), *c...))
	case *any:
		switch v := (*c).(type) {
		case []byte:
			return string(v)
		case int64:
			return strconv.FormatInt(v, 10)
		default:
			return v
		}
	default:
		return nil
	}
}

// postgresFailure tells an error by its code: the server's own words may quote a value.
func postgresFailure(err error) error {
	if e := (*pq.Error)(nil); errors.As(err, &e) {
		return directory.Failuref("the database answered SQLSTATE %s (%s)", e.Code, e.Code.Name())
	}
	var op *net.OpError
	if errors.As(err, &op) {
		return directory.Failuref("the database cannot be reached: %v", op)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return directory.Failuref("the database did not answer in time")
	}
	return directory.Failuref("the database cannot be asked: %v", err)
}
