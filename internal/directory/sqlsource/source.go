package sqlsource

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/collector/component"

	"github.com/otelaudit/otelaudit/internal/directory"
)

// Source reads users with queries.
type Source struct {
	cfg Config
	db  database
}

// database runs a query. The parameters are nil, or id and email.
type database interface {
	query(ctx context.Context, text string, parameters []string, columns func(names []string) error, row func(values []any) error) error
	close() error
}

var _ directory.Source = (*Source)(nil)

// New makes a source. Nothing is asked yet. The configuration is valid.
func New(ctx context.Context, cfg Config, host component.Host, telemetry component.TelemetrySettings) (*Source, error) {
	if p := cfg.PostgreSQL.Get(); p != nil {
		db, err := openPostgreSQL(p)
		return &Source{cfg, db}, err
	}
	db, err := openClickHouse(ctx, cfg.ClickHouse.Get(), host, telemetry)
	return &Source{cfg, db}, err
}

// Users implements [directory.Source].
func (s *Source) Users(ctx context.Context, yield func(directory.User) error) error {
	return s.read(ctx, s.cfg.Query, nil, yield)
}

// Find implements [directory.Source].
func (s *Source) Find(ctx context.Context, id, email string) (users []directory.User, err error) {
	err = s.read(ctx, s.cfg.LookupQuery, []string{id, email}, func(u directory.User) error {
		users = append(users, u)
		return nil
	})
	return users, err
}

// Close implements [directory.Source].
func (s *Source) Close() error { return s.db.close() }

// read runs a query and maps its rows.
func (s *Source) read(ctx context.Context, text string, parameters []string, yield func(directory.User) error) error {
	var fields []string
	err := s.db.query(ctx, text, parameters, func(names []string) error {
		fields = names
		return checkColumns(names)
	}, func(values []any) error {
		var u directory.User
		for i, v := range values {
			if !set(&u, fields[i], v) {
				return directory.Failuref("column %s: must be %s", fields[i], kindOf(fields[i]))
			}
		}
		return yield(u)
	})
	var f *directory.Failure
	if err != nil && ctx.Err() != nil && errors.As(err, &f) {
		return directory.Failuref("the database did not answer in time")
	}
	return err
}

// checkColumns refuses columns that are no fields: a misspelt one would leave its field empty.
func checkColumns(names []string) error {
	fields := directory.Fields()
	for i, name := range names {
		if !slices.Contains(fields, name) {
			return directory.Failuref("column %d of the query is not named as one of %s", i+1, strings.Join(fields, ", "))
		}
		if slices.Contains(names[:i], name) {
			return directory.Failuref("the query has the column %s twice", name)
		}
	}
	if !slices.Contains(names, "id") {
		return directory.Failuref("the query has no column id")
	}
	return nil
}

func kindOf(field string) string {
	switch {
	case directory.IsList(field):
		return "an array of texts, or a text with semicolons"
	case field == "active":
		return "a boolean"
	case strings.HasPrefix(field, "valid_"):
		return "a time from 1970 on"
	default:
		return "a text or a number"
	}
}

// set sets a field from what a column has. NULL is a missing value.
func set(u *directory.User, field string, value any) bool {
	switch v := value.(type) {
	case nil:
		return true
	case string:
		return u.SetText(field, v)
	case bool:
		return field == "active" && u.SetText(field, map[bool]string{true: "true", false: "false"}[v])
	case time.Time:
		return u.SetText(field, v.UTC().Format(time.RFC3339Nano))
	case []string:
		if !directory.IsList(field) {
			return false
		}
		if len(v) == 0 {
			return true
		}
		if field == "groups" {
			u.Groups = v
		} else {
			u.Roles = v
		}
		return true
	default:
		return false
	}
}
