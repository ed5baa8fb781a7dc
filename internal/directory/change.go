package directory

import (
	"context"
	"iter"
)

// Change is something that a directory says anew.
type Change struct {
	Kind ChangeKind
	// User is who it is about, as he is since the change, or was until he was removed; nil for a snapshot.
	User *User
	// From is when it came to hold, and To when it ceased to, Unix ns; To is 0 where that has not come or is not known.
	From, To int64
	// Dated says that From and To are what the source says, not when the change was seen.
	Dated bool
}

// ChangeKind says what kind of change it is.
type ChangeKind uint8

// Kinds of changes.
const (
	// Present: the user is there, new or changed.
	Present ChangeKind = iota
	// Removed: the user is there no longer.
	Removed
	// Snapshot: every user who was there at From was told of as present since then. It is told after the first time that a
	// directory was read, because what was removed while nobody looked is not known.
	Snapshot
)

// OnChange is told of changes, from the goroutine that follows a directory, which goes on when it returns. It may be told of
// the same again after a restart. The changes may be gone through once, before it returns.
type OnChange func(ctx context.Context, changes iter.Seq[Change])

// presences yields the versions of a user as changes: all that the source dates, or the newest one from a time on.
func presences(u *User, from int64, yield func(Change) bool) bool {
	if !u.dated {
		return yield(Change{Kind: Present, User: u, From: from})
	}
	for v := u; v != nil && v.dated; v = v.older {
		if !yield(Change{Kind: Present, User: v, From: v.ValidFrom, To: v.ValidTo, Dated: true}) {
			return false
		}
	}
	return true
}

// snapshot yields everything that is in a table, as of a time.
func (t *table) snapshot(at int64) iter.Seq[Change] {
	return func(yield func(Change) bool) {
		for _, u := range t.byID {
			if !presences(u, at, yield) {
				return
			}
		}
		yield(Change{Kind: Snapshot, From: at})
	}
}

// succeed takes over from the table before what is to be known of the past, and gives the changes. now is when the new table was
// read; versions that ended after keep stay.
func (t *table) succeed(before *table, now, keep int64) []Change {
	var changes []Change
	note := func(c Change) bool { changes = append(changes, c); return true }
	for id, u := range t.byID {
		old := before.byID[id]
		switch {
		case old == nil: // nothing is known of before, so what is known now has to do for it
			presences(u, now, note)
		case u.unchanged(old):
			t.carry(u, old, keep)
		default:
			t.replace(u, old, now, keep)
			presences(u, now, note)
		}
	}
	for id, old := range before.byID {
		if t.byID[id] != nil {
			continue
		}
		gone := old.kept(keep)
		if gone == nil {
			continue // was removed before, long enough ago
		}
		if gone.ValidTo == 0 {
			gone.ValidTo = now
			note(Change{Kind: Removed, User: gone, From: now})
		}
		t.put(gone)
		t.gone++
	}
	return changes
}

// carry gives an unchanged user what is known of his past.
func (t *table) carry(u, old *User, keep int64) {
	if u.dated {
		return
	}
	u.ValidFrom = old.ValidFrom
	t.remember(u, old.older.kept(keep))
}

// replace makes a user the successor of what he was before.
func (t *table) replace(u, old *User, now, keep int64) {
	if u.dated {
		return // the source says what was before
	}
	u.ValidFrom = now
	last := *old
	if last.ValidTo == 0 {
		last.ValidTo = now
	}
	t.remember(u, last.kept(keep))
}

// remember gives a user his past.
func (t *table) remember(u, older *User) {
	u.older = older
	for v := older; v != nil; v = v.older {
		t.address(u, v.Email)
	}
}

// update takes what a source says anew of one user, and reports whether that is a change.
func (t *table) update(u *User, now, keep int64) bool {
	old := t.byID[u.ID]
	if old != nil && u.unchanged(old) {
		return false
	}
	if old != nil {
		if !old.dated && old.ValidTo != 0 {
			t.gone--
		}
		t.drop(old)
		t.replace(u, old, now, keep)
	}
	t.put(u)
	return true
}
