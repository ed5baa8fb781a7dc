package directory

import "strings"

// table finds users in memory. Reading it is safe while nobody changes it.
type table struct {
	byID    map[string]*User // the newest version
	byEmail map[string]*User // by the addresses of all versions, in lower case; nil for one that several users have
	gone    int              // how many were removed, and are kept for events from before
}

func newTable() *table { return &table{byID: map[string]*User{}, byEmail: map[string]*User{}} }

// users is how many there are.
func (t *table) users() int { return len(t.byID) - t.gone }

// find gives the user that a query asks for, as he was then.
func (t *table) find(q *Query) *User {
	if u, ok := t.byID[q.ID]; ok {
		return u.asOf(q.At)
	}
	if strings.IndexByte(q.ID, '@') >= 0 {
		if u := t.findEmail(q.ID, q.At); u != nil {
			return u
		}
	}
	return t.findEmail(q.Email, q.At)
}

func (t *table) findEmail(email string, at int64) *User {
	if email == "" {
		return nil
	}
	u := t.byEmail[fold(email)]
	if u == nil {
		return nil
	}
	if u = u.asOf(at); u == nil || !strings.EqualFold(u.Email, email) {
		return nil // somebody had it, but not then
	}
	return u
}

// put takes a user with all his versions, in the place of those that were there.
func (t *table) put(u *User) {
	if old := t.byID[u.ID]; old != nil {
		t.drop(old)
	}
	t.byID[u.ID] = u
	for v := u; v != nil; v = v.older {
		t.address(u, v.Email)
	}
}

// address notes that a user has, or had, an address.
func (t *table) address(u *User, email string) {
	if email == "" {
		return
	}
	email = fold(email)
	if other, there := t.byEmail[email]; there && (other == nil || other.ID != u.ID) {
		u = nil
	}
	t.byEmail[email] = u
}

// drop removes a user with all his versions. An address that he shared stays shared until the source is read as a whole.
func (t *table) drop(u *User) {
	delete(t.byID, u.ID)
	for v := u; v != nil; v = v.older {
		if v.Email == "" {
			continue
		}
		if email := fold(v.Email); t.byEmail[email] == u {
			delete(t.byEmail, email)
		}
	}
}

// builder collects users into a table. Departments and lists that users share are kept once.
type builder struct {
	table *table
	texts map[string]string
	lists map[string][]string
	slab  []User
	n     int // users that were added, versions counted once
}

func newBuilder() *builder {
	return &builder{table: newTable(), texts: map[string]string{}, lists: map[string][]string{}}
}

// slabUsers is how many users are allocated at once: fewer allocations, and no size class to round up to.
const slabUsers = 256

// add takes a user, or gives the problem with it.
func (b *builder) add(u User) (field string, problem string) {
	if u.ID == "" {
		return fieldID, "required"
	}
	u.dated = u.ValidFrom != 0 || u.ValidTo != 0
	if u.ValidTo != 0 && u.ValidTo <= u.ValidFrom {
		return fieldValidTo, "must be later than valid_from"
	}
	newest := b.table.byID[u.ID]
	for v := newest; v != nil; v = v.older {
		if u.overlaps(v) {
			return fieldID, twice
		}
	}
	u.Department = b.text(u.Department)
	u.Roles, u.Groups = b.list(u.Roles), b.list(u.Groups)
	if len(b.slab) == cap(b.slab) {
		b.slab = make([]User, 0, slabUsers)
	}
	b.slab = append(b.slab, u)
	added := &b.slab[len(b.slab)-1]
	if newest == nil {
		b.n++
		b.table.put(added)
		return "", ""
	}
	if newest = newest.insert(added); newest == added {
		b.table.put(newest)
	} else {
		b.table.address(newest, added.Email)
	}
	return "", ""
}

func (b *builder) text(s string) string {
	if kept, ok := b.texts[s]; ok {
		return kept
	}
	s = strings.Clone(s)
	b.texts[s] = s
	return s
}

func (b *builder) list(list []string) []string {
	if len(list) == 0 {
		return nil
	}
	key := strings.Join(list, "\x00")
	if kept, ok := b.lists[key]; ok {
		return kept
	}
	kept := make([]string, len(list))
	for i, s := range list {
		kept[i] = b.text(s)
	}
	b.lists[key] = kept
	return kept
}
