package directory

import (
	"fmt"
	"strings"
	"time"
)

// Names of the fields, in all formats.
const (
	fieldID         = "id"
	fieldName       = "name"
	fieldEmail      = "email"
	fieldDepartment = "department"
	fieldRoles      = "roles"
	fieldGroups     = "groups"
	fieldActive     = "active"
	fieldValidFrom  = "valid_from"
	fieldValidTo    = "valid_to"
)

var fieldNames = []string{fieldID, fieldName, fieldEmail, fieldRoles, fieldGroups, fieldDepartment, fieldActive, fieldValidFrom, fieldValidTo}

// Bounds of one user. What a directory says of a user goes onto every event of his.
const (
	maxTextBytes = 1024
	maxListItems = 256
)

// ParseError says where a file is wrong and how. It quotes nothing of it.
type ParseError struct {
	Line    int    // from 1
	Field   string // empty where it is about no field
	Problem string
}

func (e *ParseError) Error() string {
	if e.Field == "" {
		return fmt.Sprintf("line %d: %s", e.Line, e.Problem)
	}
	return fmt.Sprintf("line %d: field %s: %s", e.Line, e.Field, e.Problem)
}

// Problems that several formats have.
const (
	notString  = "must be a string, in quotes where it looks like something else"
	notStrings = "must be a list of strings"
	notBool    = "must be true or false"
	notTime    = "must be a time such as 2026-03-01T08:00:00Z, or a date, from 1970 on"
	notUsers   = `must be a map with the list "users" and nothing else`
	notUser    = "must be a map of the fields of a user"
	twice      = "stands twice"
	tooLong    = "must have at most 1024 bytes"
	tooMany    = "must have at most 256 entries"
)

var unknownField = "is not one of " + strings.Join(fieldNames, ", ")

// isField reports whether a name is that of a field.
func isField(name string) bool {
	for _, f := range fieldNames {
		if f == name {
			return true
		}
	}
	return false
}

// quotable gives a key as errors may name it: a short word in lower case, which a misspelt field is; anything else may be a value.
func quotable(key string) string {
	if key == "" || len(key) > 16 || strings.Trim(key, "abcdefghijklmnopqrstuvwxyz_") != "" {
		return "unknown"
	}
	return key
}

// text gives where a field of text goes, nil for the other fields.
func (u *User) text(field string) *string {
	switch field {
	case fieldID:
		return &u.ID
	case fieldName:
		return &u.Name
	case fieldEmail:
		return &u.Email
	case fieldDepartment:
		return &u.Department
	default:
		return nil
	}
}

// list gives where a field of texts goes, nil for the other fields.
func (u *User) list(field string) *[]string {
	switch field {
	case fieldRoles:
		return &u.Roles
	case fieldGroups:
		return &u.Groups
	default:
		return nil
	}
}

// when gives where a field of time goes, nil for the other fields.
func (u *User) when(field string) *int64 {
	switch field {
	case fieldValidFrom:
		return &u.ValidFrom
	case fieldValidTo:
		return &u.ValidTo
	default:
		return nil
	}
}

// setTime sets a field of time from its text; ok says whether the value was one.
func setTime(to *int64, s string, ok bool) (problem string) {
	t, good := parseTime(s)
	if !ok || !good {
		return notTime
	}
	*to = t
	return ""
}

// lastTime is the last second that nanoseconds since 1970 can be counted for.
const lastTime = 1<<63/1_000_000_000 - 1

// parseTime reads a time of RFC 3339, or a date, which is its midnight in UTC, as Unix ns.
func parseTime(s string) (int64, bool) {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t, err = time.Parse(time.DateOnly, s)
	}
	if err != nil || t.Unix() <= 0 || t.Unix() > lastTime {
		return 0, false
	}
	return t.UnixNano(), true
}

func activity(active bool) Activity {
	if active {
		return Active
	}
	return Inactive
}
