package directory

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// tableOf gives a table of users.
func tableOf(t *testing.T, users ...User) *table {
	t.Helper()
	b := newBuilder()
	for _, u := range users {
		_, problem := b.add(u)
		require.Empty(t, problem)
	}
	return b.table
}

// told gives changes as short texts, in order.
func told(changes []Change) []string {
	texts := make([]string, len(changes))
	for i, c := range changes {
		texts[i] = fmt.Sprintf("%d %s %s %d-%d", c.Kind, c.User.ID, c.User.Department, c.From, c.To)
	}
	slices.Sort(texts)
	return texts
}

// department gives where a user was at a time, "-" where he was not there.
func department(t *table, id string, at int64) string {
	if u := t.find(&Query{ID: id, At: at}); u != nil {
		return u.Department
	}
	return "-"
}

func TestATableKnowsWhatWasBefore(t *testing.T) {
	first := tableOf(t, User{ID: "a", Department: "Finance", Email: "a@old.com"}, User{ID: "b", Department: "Sales"}, User{ID: "c"})
	second := tableOf(t, User{ID: "a", Department: "Legal", Email: "a@new.com"}, User{ID: "b", Department: "Sales"}, User{ID: "d", Department: "New"})
	assert.Equal(t, []string{"0 a Legal 100-0", "0 d New 100-0", "1 c  100-0"}, told(second.succeed(first, 100, 0)))
	assert.Equal(t, 3, second.users())
	for at, want := range map[int64][4]string{50: {"Finance", "Sales", "", "New"}, 99: {"Finance", "Sales", "", "New"}, 100: {"Legal", "Sales", "-", "New"}} {
		for i, id := range []string{"a", "b", "c", "d"} {
			assert.Equal(t, want[i], department(second, id, at), "%s at %d", id, at)
		}
	}
	assert.Equal(t, "Finance", department(second, "A@old.com", 50), "by the address of then")
	assert.Equal(t, "-", department(second, "a@old.com", 150))
	assert.Equal(t, "-", department(second, "a@new.com", 50))

	third := tableOf(t, User{ID: "a", Department: "Legal", Email: "a@new.com"}, User{ID: "b", Department: "Sales"}, User{ID: "c"}, User{ID: "d", Department: "New"})
	assert.Equal(t, []string{"0 c  200-0"}, told(third.succeed(second, 200, 0)), "who comes back is told of")
	assert.Equal(t, "Finance", department(third, "a", 99), "what was known stays known")
	assert.Equal(t, "-", department(third, "c", 150))
	assert.Empty(t, department(third, "c", 200))

	fourth := tableOf(t, User{ID: "a", Department: "Legal", Email: "a@new.com"}, User{ID: "b", Department: "Sales"}, User{ID: "c"})
	assert.Equal(t, []string{"1 d New 300-0"}, told(fourth.succeed(third, 300, 150)))
	assert.Equal(t, "-", department(fourth, "a", 99), "but not longer than it is kept")
	fifth := tableOf(t, User{ID: "a"})
	fifth.succeed(fourth, 1000, 500)
	assert.NotContains(t, fifth.byID, "d", "nor are those who were removed")
	assert.Equal(t, 1, fifth.users())
	assert.Len(t, fifth.byID, 3)
}

func TestWhatASourceDatesIsTakenAsItIs(t *testing.T) {
	finance, legal := User{ID: "a", Department: "Finance", ValidTo: 100}, User{ID: "a", Department: "Legal", ValidFrom: 100}
	first := tableOf(t, legal, finance)
	again := tableOf(t, finance, legal)
	assert.Empty(t, again.succeed(first, 1000, 0))
	assert.Equal(t, "Finance", department(again, "a", 99))
	assert.Equal(t, "Legal", department(again, "a", 100))
	legal.ValidTo = 200
	corrected := tableOf(t, finance, legal, User{ID: "a", Department: "HR", ValidFrom: 300})
	assert.Equal(t, []string{"0 a Finance 0-100", "0 a HR 300-0", "0 a Legal 100-200"}, told(corrected.succeed(again, 1000, 0)))
	assert.Equal(t, "-", department(corrected, "a", 250))
	gone := tableOf(t)
	assert.Equal(t, []string{"1 a HR 2000-0"}, told(gone.succeed(corrected, 2000, 0)))
	assert.Equal(t, "HR", department(gone, "a", 1999))
	assert.Equal(t, "-", department(gone, "a", 2000))
}

func TestVersionsOfAUserAreBounded(t *testing.T) {
	table := tableOf(t, User{ID: "a"})
	for i := range int64(100) {
		next := tableOf(t, User{ID: "a", Department: fmt.Sprint(i)})
		next.succeed(table, i+1, 0)
		table = next
	}
	n := 0
	for u := table.byID["a"]; u != nil; u = u.older {
		n++
	}
	assert.Equal(t, maxVersions+1, n)
}

// Whatever happens to a directory, a table answers as a list of what was so when.
func TestTablesEqualAModel(t *testing.T) {
	for seed := range uint64(50) {
		random := rand.New(rand.NewPCG(seed, 1))
		now := newTable()
		history := map[string][]string{} // by user, where he was at each time; "-" for away
		for step := range int64(12) {
			users := map[string]User{}
			for i := range 5 {
				if id := fmt.Sprint(i); random.IntN(3) > 0 {
					users[id] = User{ID: id, Department: fmt.Sprint(random.IntN(2)), Email: fmt.Sprintf("%d@x", random.IntN(8))}
				}
			}
			at := (step + 1) * 10
			if step > 0 && random.IntN(3) == 0 { // user by user
				for _, u := range users {
					now.update(&u, at, 0)
				}
				for id, u := range now.byID {
					if _, there := users[id]; !there && u.ValidTo == 0 {
						users[id] = *u
					}
				}
			} else {
				next := tableOf(t, slices.Collect(maps.Values(users))...)
				if step > 0 {
					next.succeed(now, at, 0)
				}
				now = next
			}
			for i := range 5 {
				id, is := fmt.Sprint(i), "-"
				if u, there := users[id]; there {
					is = u.Department
				}
				history[id] = append(history[id], is)
			}
			require.Equal(t, len(users), now.users())
		}
		for id, was := range history {
			first := slices.IndexFunc(was, func(s string) bool { return s != "-" })
			for step, want := range was {
				if first < 0 || step < first {
					continue // what is known first has to do for what was before
				}
				require.Equal(t, want, department(now, id, int64(step+1)*10+5), "seed %d, user %s, step %d", seed, id, step)
			}
		}
	}
}

func TestChainsAnswerInTheirOrder(t *testing.T) {
	known := func(name string, fresh bool, users ...User) *fixed {
		return &fixed{name: name, table: tableOf(t, users...), fresh: fresh}
	}
	a, b := User{ID: "a", Name: "first"}, User{ID: "a", Name: "second"}
	for name, tc := range map[string]struct {
		chain  Chain
		id     string
		want   string
		source int
		fresh  bool
	}{
		"the first":                 {Chain{known("1", true, a), known("2", true, b)}, "a", "first", 0, true},
		"the first, though stale":   {Chain{known("1", false, a), known("2", true, b)}, "a", "first", 0, false},
		"the second":                {Chain{known("1", true), known("2", true, b)}, "a", "second", 1, true},
		"the second, first is down": {Chain{known("1", false), known("2", true, b)}, "a", "second", 1, true},
		"none":                      {Chain{known("1", true), known("2", true)}, "a", "", 1, true},
		"none, first is down":       {Chain{known("1", false), known("2", true)}, "a", "", 0, false},
		"none, second is down":      {Chain{known("1", true), known("2", false)}, "a", "", 1, false},
	} {
		answer := tc.chain.Lookup(Query{ID: tc.id})
		assert.Equal(t, tc.source, answer.Source, name)
		assert.Equal(t, tc.fresh, answer.Fresh, name)
		if tc.want == "" {
			assert.Nil(t, answer.User, name)
		} else {
			assert.Equal(t, tc.want, answer.User.Name, name)
		}
	}
}

// fixed is a directory that does not change.
type fixed struct {
	Directory
	name  string
	table *table
	fresh bool
}

func (f *fixed) Name() string          { return f.name }
func (f *fixed) Lookup(q Query) Answer { return Answer{User: f.table.find(&q), Fresh: f.fresh} }

func TestEntriesThatDoNotFit(t *testing.T) {
	long := string(make([]byte, maxTextBytes+1))
	u := User{ID: "a", Groups: make([]string, 300), Roles: []string{"", long, "r"}}
	for i := range u.Groups {
		u.Groups[i] = fmt.Sprint(i)
	}
	cut, ok := u.Fit()
	assert.True(t, cut)
	assert.True(t, ok)
	assert.Len(t, u.Groups, maxListItems)
	assert.Equal(t, []string{"r"}, u.Roles)
	for _, bad := range []User{{}, {ID: long}, {ID: "a", Name: long}} {
		_, ok := bad.Fit()
		assert.False(t, ok)
	}
	assert.Nil(t, entry([]User{{ID: "a"}, {ID: "b"}}), "an answer with two users is none")
	assert.Nil(t, entry(nil))
	e := entry([]User{{ID: "a", Department: "1", ValidTo: 10}, {ID: "a", Department: "2", ValidFrom: 10}})
	assert.Equal(t, "1", e.asOf(5).Department)
	assert.Equal(t, "2", e.asOf(time.Now().UnixNano()).Department)
}
