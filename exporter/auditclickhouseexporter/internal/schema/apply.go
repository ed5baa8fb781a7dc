package schema

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/ClickHouse/ch-go/proto"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/clickhouse"
)

// Error is a state of the schema that trying again does not mend: somebody has to act, and the text says how.
type Error struct{ Text string }

func (e *Error) Error() string { return e.Text }

func errorf(format string, args ...any) error { return &Error{fmt.Sprintf(format, args...)} }

// leaseDuration is how long a collector that dies while it runs migrations keeps the others waiting.
const leaseDuration = time.Minute

// Apply runs the migrations that the database does not have and gives the number of the last one. It changes nothing
// where a migration of the database is not the one of this binary.
//
// Of any number of collectors that do this at once, one runs the migrations and the others wait for it until their
// contexts end. Each migration runs once, unless its runner dies in it: then the next one runs it again from its start.
func Apply(ctx context.Context, conn clickhouse.Conn, migrations []Migration) (version int, err error) {
	return apply(ctx, conn, migrations, leaseDuration)
}

func apply(ctx context.Context, conn clickhouse.Conn, migrations []Migration, duration time.Duration) (version int, err error) {
	todo, err := missing(ctx, conn, migrations)
	if err != nil {
		return 0, err
	}
	if len(todo) == 0 {
		return len(migrations), nil
	}
	if todo[0].Number == 1 { // what the lock stands on
		if err := run(ctx, conn, todo[0]); err != nil {
			return 0, err
		}
	}
	under, held, err := lock(ctx, conn, duration)
	if err != nil {
		return 0, err
	}
	defer func() {
		if e := held.Release(context.WithoutCancel(ctx)); err == nil {
			err = e
		}
	}()
	if todo, err = missing(under, conn, migrations); err != nil {
		return 0, err
	}
	for _, m := range todo {
		if err := run(under, conn, m); err != nil {
			return 0, errors.Join(err, context.Cause(under))
		}
		if err := conn.Exec(under, m.record()); err != nil {
			return 0, fmt.Errorf("record migration %s: %w", m.File(), explain(err))
		}
	}
	return len(migrations), nil
}

// missing gives the migrations that the database does not have.
func missing(ctx context.Context, conn clickhouse.Conn, migrations []Migration) ([]Migration, error) {
	applied, err := readApplied(ctx, conn)
	if err != nil {
		return nil, err
	}
	if err := compare(applied, migrations); err != nil {
		return nil, err
	}
	var todo []Migration
	for _, m := range migrations {
		if _, done := applied[m.Number]; !done {
			todo = append(todo, m)
		}
	}
	return todo, nil
}

// readApplied gives name and checksum of the migrations that the database records, by number.
func readApplied(ctx context.Context, conn clickhouse.Conn) (map[int]Migration, error) {
	rows, err := conn.Select(ctx,
		"SELECT DISTINCT toString(number), name, checksum FROM {database:Identifier}.schema_migrations ORDER BY number")
	if clickhouse.Is(err, proto.ErrUnknownTable, proto.ErrUnknownDatabase) {
		return nil, nil // an empty server
	}
	if err != nil {
		return nil, fmt.Errorf("read schema_migrations: %w", explain(err))
	}
	applied := make(map[int]Migration, len(rows))
	for _, row := range rows {
		number, err := strconv.Atoi(row[0])
		if err != nil {
			return nil, fmt.Errorf("read schema_migrations: %w", err)
		}
		applied[number] = Migration{Number: number, Name: row[1], Checksum: row[2]}
	}
	return applied, nil
}

// compare refuses a database that was changed by other migrations than these.
func compare(applied map[int]Migration, migrations []Migration) error {
	for number, a := range applied {
		if number > len(migrations) {
			return errorf("the database's schema is at migration %d (%s), this collector knows migrations up to %d: "+
				"it is older than the one that made the schema; run that version or a newer one",
				number, a.Name, len(migrations))
		}
		if m := migrations[number-1]; a.Checksum != m.Checksum {
			return errorf("migration %s is not the one that was applied: the database records checksum %s, this collector "+
				"has %s; released migrations never change, so run a released collector, and put changes of your own into "+
				"statements of your own", m.File(), a.Checksum, m.Checksum)
		}
	}
	return nil
}

// mark begins every statement of a migration, so that one that a dead collector left running is recognised.
const mark = "/* otelaudit migration */ "

func run(ctx context.Context, conn clickhouse.Conn, m Migration) error {
	// Put in here and not left to the server: a parameterized view has parameters of its own, and the server takes all of a
	// statement's parameters or none.
	rows, err := conn.Select(ctx, "SELECT {database:String}")
	if err != nil {
		return fmt.Errorf("migration %s: %w", m.File(), explain(err))
	}
	database := NewLayout(rows[0][0], "")
	for _, statement := range m.Statements {
		if err := conn.Exec(ctx, mark+database.fill(statement)); err != nil {
			return fmt.Errorf("migration %s: %w", m.File(), explain(err))
		}
	}
	return nil
}

// explain adds what to do where the user lacks a right.
func explain(err error) error {
	if clickhouse.Is(err, proto.ErrAccessDenied, proto.ErrReadonly) {
		return fmt.Errorf("%w: grant the user what is missing, or set create_schema: false and apply the migrations by hand", err)
	}
	return err
}
