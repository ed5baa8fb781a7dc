package directory

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Source is a server that has users. Its methods are called from one goroutine at a time, but Find from several, beside them.
type Source interface {
	// Users yields every user. The times and versions of a user come one after the other or not. It ends with the first error,
	// or with the error that yield returns.
	Users(ctx context.Context, yield func(User) error) error
	// Find gives the user with an id, or else the one with the address email, as [Query] has it: his versions where the source
	// dates them, nothing where there is none. Users of several ids are none.
	Find(ctx context.Context, id, email string) ([]User, error)
	// Close lets go of connections.
	Close() error
}

// Follower is a [Source] that knows what has changed.
type Follower interface {
	// Changed yields the users that are new or have changed since Users or Changed last ended without an error. What was removed
	// it need not know. It gives [ErrReadAll] where only reading all of them would tell.
	Changed(ctx context.Context, yield func(User) error) error
}

// ErrReadAll says that the users have to be read as a whole.
var ErrReadAll = errors.New("the changes cannot be told one by one")

// Failure is why a source could not be asked. It holds nothing that the source sent but codes.
type Failure struct {
	Problem    string
	RetryAfter time.Duration // how long the source asked to be left alone
}

func (f *Failure) Error() string { return f.Problem }

// Failuref makes a [Failure].
func Failuref(format string, args ...any) error {
	return &Failure{Problem: fmt.Sprintf(format, args...)}
}

// Fit makes what a source says of a user fit the bounds of this package: at most 256 roles and groups are kept. It reports
// whether the user can be taken: he has an id, and no text is longer than 1024 bytes.
func (u *User) Fit() (cut, ok bool) {
	for _, field := range fieldNames {
		if to := u.text(field); to != nil && len(*to) > maxTextBytes {
			return false, false
		}
		if to := u.list(field); to != nil {
			*to = slices.DeleteFunc(*to, func(s string) bool { return s == "" || len(s) > maxTextBytes })
			if len(*to) > maxListItems {
				*to, cut = (*to)[:maxListItems], true
			}
		}
	}
	return cut, u.ID != ""
}

// SetText sets a field from the text that a source has for it: lists are separated by semicolons, and active by any of true, t,
// yes, 1 and their opposites. It reports whether the field exists and the text can stand in it.
func (u *User) SetText(field, text string) bool {
	if to := u.text(field); to != nil {
		*to = text
		return true
	}
	if to := u.list(field); to != nil {
		for item := range strings.SplitSeq(text, ";") {
			if item = strings.TrimSpace(item); item != "" {
				*to = append(*to, item)
			}
		}
		return true
	}
	if to := u.when(field); to != nil {
		if text == "" {
			return true
		}
		t, ok := parseTime(text)
		*to = t
		return ok
	}
	if field != fieldActive {
		return false
	}
	switch strings.ToLower(text) {
	case "":
	case "true", "t", "yes", "y", "1", "on":
		u.Active = Active
	case "false", "f", "no", "n", "0", "off":
		u.Active = Inactive
	default:
		return false
	}
	return true
}

// Fields lists the names of the fields of a user.
func Fields() []string { return slices.Clone(fieldNames) }

// IsList reports whether a field is a list of texts.
func IsList(field string) bool { return new(User).list(field) != nil }

// entry joins the versions of one user. It gives nil where they are not of one user.
func entry(versions []User) *User {
	var newest *User
	for i := range versions {
		u := versions[i]
		if _, ok := u.Fit(); !ok {
			return nil
		}
		u.dated = u.ValidFrom != 0 || u.ValidTo != 0
		if newest == nil {
			newest = &u
			continue
		}
		if newest.ID != u.ID {
			return nil
		}
		newest = newest.insert(&u)
	}
	return newest
}
