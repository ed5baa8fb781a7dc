package directory

import (
	"slices"
	"strings"
	"time"
)

// asOf gives the user as he was at a time, nil where he was not there. At 0 it is how he is now.
func (u *User) asOf(at int64) *User {
	if at == 0 {
		at = time.Now().UnixNano()
	}
	for v := u; v != nil; v = v.older {
		if v.covers(at) {
			return v
		}
	}
	return nil
}

func (u *User) covers(at int64) bool { return at >= u.ValidFrom && (u.ValidTo == 0 || at < u.ValidTo) }

// overlaps reports whether there is a time at which both hold.
func (u *User) overlaps(v *User) bool {
	return (u.ValidTo == 0 || v.ValidFrom < u.ValidTo) && (v.ValidTo == 0 || u.ValidFrom < v.ValidTo)
}

// says reports whether two entries say the same of a person.
func (u *User) says(v *User) bool {
	return u.Name == v.Name && u.Email == v.Email && u.Department == v.Department && u.Active == v.Active &&
		slices.Equal(u.Roles, v.Roles) && slices.Equal(u.Groups, v.Groups)
}

// same reports whether a source says the same of a person as it did before, times that it gave included.
func (u *User) same(v *User) bool {
	for u.dated || v.dated {
		if u.dated != v.dated || u.ValidFrom != v.ValidFrom || u.ValidTo != v.ValidTo || !u.says(v) {
			return false
		}
		if u.older == nil || v.older == nil {
			return u.older == v.older
		}
		u, v = u.older, v.older
	}
	return u.says(v)
}

// unchanged reports whether a user is still there, and as he was.
func (u *User) unchanged(old *User) bool { return u.same(old) && (u.dated || old.ValidTo == 0) }

// insert puts a version, which overlaps none, in its place among those of a user, newest first, and gives the newest.
func (u *User) insert(v *User) *User {
	if v.ValidFrom > u.ValidFrom {
		v.older = u
		return v
	}
	newest := u
	for u.older != nil && u.older.ValidFrom > v.ValidFrom {
		u = u.older
	}
	v.older, u.older = u.older, v
	return newest
}

// maxVersions bounds how many states of a user that were seen are kept. The source's own are as many as it gives.
const maxVersions = 16

// kept gives a copy of the versions that ended after a time, at most maxVersions of them. They are copies so that the memory in
// which a directory was read at once can go when it is read again.
func (u *User) kept(after int64) *User {
	var newest *User
	last := &newest
	for n := 0; u != nil && n < maxVersions && (u.ValidTo == 0 || u.ValidTo > after); n++ {
		v := *u
		v.older = nil
		*last, last = &v, &v.older
		u = u.older
	}
	return newest
}

// fold gives an address as it is compared.
func fold(email string) string { return strings.ToLower(email) }
