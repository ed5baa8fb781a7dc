package directory

import "strings"

// index finds users in memory. It is immutable once built.
type index struct {
	users   []User
	byID    map[string]uint32
	byEmail map[string]uint32 // by address in lower case
}

// ambiguous stands in byEmail for an address of several users: it identifies none of them.
const ambiguous = ^uint32(0)

func (x *index) find(id, email string) *User {
	if i, ok := x.byID[id]; ok {
		return &x.users[i]
	}
	if strings.IndexByte(id, '@') >= 0 {
		if u := x.findEmail(id); u != nil {
			return u
		}
	}
	return x.findEmail(email)
}

func (x *index) findEmail(email string) *User {
	if email == "" {
		return nil
	}
	if i, ok := x.byEmail[strings.ToLower(email)]; ok && i != ambiguous {
		return &x.users[i]
	}
	return nil
}

// builder collects users into an index. Departments and lists that users share are kept once.
type builder struct {
	index
	texts map[string]string
	lists map[string][]string
}

func newBuilder() *builder {
	return &builder{
		index: index{byID: map[string]uint32{}, byEmail: map[string]uint32{}},
		texts: map[string]string{},
		lists: map[string][]string{},
	}
}

// add takes a user, or gives the problem with it.
func (b *builder) add(u User) (field string, problem string) {
	if u.ID == "" {
		return fieldID, "required"
	}
	if _, again := b.byID[u.ID]; again {
		return fieldID, "stands twice"
	}
	n := uint32(len(b.users))
	u.Department = b.text(u.Department)
	u.Roles, u.Groups = b.list(u.Roles), b.list(u.Groups)
	b.users = append(b.users, u)
	b.byID[u.ID] = n
	if u.Email != "" {
		email := strings.ToLower(u.Email)
		if _, again := b.byEmail[email]; again {
			n = ambiguous
		}
		b.byEmail[email] = n
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

// build gives the index, its list of users no longer than needed.
func (b *builder) build() *index {
	x := b.index
	x.users = append(make([]User, 0, len(x.users)), x.users...)
	return &x
}
