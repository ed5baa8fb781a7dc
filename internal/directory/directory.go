package directory

import (
	"context"
	"time"
)

// Directory finds users. Implementations are safe for concurrent use.
type Directory interface {
	// Name names the source, for audit.actor.directory.
	Name() string
	// Lookup finds a user. It waits for a source only as long as the query allows.
	Lookup(q Query) Answer
	// Stats describes what Lookup answers from.
	Stats() Stats
	// Start begins to follow the source, until Shutdown. It fails where there is no use in going on: a file that cannot be read. A
	// server may come later.
	Start(ctx context.Context) error
	// Shutdown ends what Start began. Lookup goes on to answer.
	Shutdown(ctx context.Context) error
}

// Query asks for the user with an id, or else the one with the e-mail address that the id is, or else the one with the address
// Email.
type Query struct {
	ID    string
	Email string
	At    int64 // as of when, Unix ns; 0 for now
	Wait  *Wait // how long the look-up may wait for a source; nil for not at all
}

// Answer is what a directory knows.
type Answer struct {
	User   *User // nil where there is none
	Fresh  bool  // false where the source could not be asked, so that the answer is from before, or says nothing
	Source int   // of a [Chain], which directory answered; for no user, the one that was asked last, or that could not be
}

// Stats describes the content of a directory.
type Stats struct {
	Users     int       // how many there are
	Cached    int       // how many answers of look-ups are kept beside them
	Followed  bool      // all users are read; otherwise they are only looked up, and Confirmed says nothing
	Confirmed time.Time // when the content was last known to be that of the source; the zero time where it never was
}

// User is one entry as it was during a time. It is shared and must not be changed.
type User struct {
	ID         string
	Name       string
	Email      string
	Department string
	Roles      []string
	Groups     []string
	Active     Activity

	// ValidFrom and ValidTo are when the entry began and ceased to be like this, Unix ns; 0 where that is not known, or has not
	// come. A source may give them; else they are when a change was seen.
	ValidFrom, ValidTo int64

	dated bool  // the source gave the times
	older *User // how the entry was before
}

// Activity says whether an account is in use.
type Activity uint8

// Activities.
const (
	ActivityUnknown Activity = iota // the source does not say
	Active
	Inactive
)
