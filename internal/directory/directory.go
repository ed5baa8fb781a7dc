package directory

import (
	"context"
	"time"
)

// Directory finds users. Implementations are safe for concurrent use.
type Directory interface {
	// Name names the source, for audit.actor.directory.
	Name() string
	// Lookup finds the user with an id, or else the one with the e-mail address that id is, or else the one with the address email.
	// It gives nil where there is none. fresh is false where the source could not be read when it was last looked at, so that the
	// answer is from before.
	Lookup(id, email string) (user *User, fresh bool)
	// Stats describes what Lookup answers from.
	Stats() Stats
	// Start reads the source, and fails where it cannot. It is followed until Shutdown.
	Start(ctx context.Context) error
	// Shutdown ends what Start began. Lookup goes on to answer.
	Shutdown(ctx context.Context) error
}

// Stats describes the content of a directory.
type Stats struct {
	Users     int       // how many there are
	Confirmed time.Time // when the content was last known to be that of the source
}

// User is one entry. It is shared and must not be changed.
type User struct {
	ID         string
	Name       string
	Email      string
	Department string
	Roles      []string
	Groups     []string
	Active     Activity
}

// Activity says whether an account is in use.
type Activity uint8

// Activities.
const (
	ActivityUnknown Activity = iota // the source does not say
	Active
	Inactive
)
