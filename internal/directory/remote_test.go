package directory

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// memory is a source in memory, for what no server does when it is asked to: changes of every size at any moment.
type memory struct {
	mu    sync.Mutex
	users []User
	err   error
	asks  atomic.Int64
	hold  chan struct{} // a question waits until it can receive; nil for none
}

func (m *memory) set(err error, users ...User) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.users, m.err = users, err
}

func (m *memory) Users(_ context.Context, yield func(User) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, u := range m.users {
		if err := yield(u); err != nil {
			return err
		}
	}
	return m.err
}

func (m *memory) Find(ctx context.Context, id, _ string) (found []User, err error) {
	m.asks.Add(1)
	if m.hold != nil {
		select {
		case <-m.hold:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, u := range m.users {
		if u.ID == id {
			found = append(found, u)
		}
	}
	return found, m.err
}

func (m *memory) Close() error { return nil }

func remoteOptions() RemoteOptions {
	return RemoteOptions{
		Name: "memory", FullSyncInterval: time.Hour, SyncTimeout: time.Minute, MaxUsers: 2_000_000, Lookup: true, LookupTimeout: time.Minute,
		TTL: time.Minute, NegativeTTL: time.Minute, MaxAnswers: 10, MaxConcurrent: 2, Keep: time.Hour,
	}
}

func startRemote(tb testing.TB, source Source, options RemoteOptions) *Remote {
	tb.Helper()
	r := NewRemote(source, options)
	require.NoError(tb, r.Start(context.Background()))
	tb.Cleanup(func() { require.NoError(tb, r.Shutdown(context.Background())) })
	return r
}

func TestAnswersAgeAndStayWhileTheSourceIsDown(t *testing.T) {
	m := &memory{users: []User{{ID: "a"}}}
	o := remoteOptions()
	o.TTL, o.NegativeTTL = 20*time.Millisecond, 20*time.Millisecond
	r := startRemote(t, m, o)
	ask := func(id string) (found, fresh bool) {
		a := r.Lookup(Query{ID: id, Wait: &Wait{Left: 10 * time.Second}})
		return a.User != nil, a.Fresh
	}
	expect := func(id string, found, fresh bool) {
		t.Helper()
		gotFound, gotFresh := ask(id)
		assert.Equal(t, [2]bool{found, fresh}, [2]bool{gotFound, gotFresh}, id)
	}
	expect("a", true, true)
	expect("b", false, true)
	time.Sleep(2 * o.TTL)
	m.set(nil, User{ID: "b"})
	expect("a", false, true) // removed
	expect("b", true, true)
	time.Sleep(2 * o.TTL)
	m.set(errors.New("down"))
	expect("b", true, false)  // stale
	expect("a", false, false) // an error: that he was not there says nothing now
	asked := m.asks.Load()
	for range 100 {
		expect("c", false, false)
	}
	assert.Equal(t, asked, m.asks.Load(), "a source that fails is left alone for a moment")
	m.set(nil, User{ID: "c"})
	assert.Eventually(t, func() bool { found, fresh := ask("c"); return found && fresh }, 10*time.Second, 50*time.Millisecond)
}

func TestLookupsAreBounded(t *testing.T) {
	m := &memory{hold: make(chan struct{})}
	o := remoteOptions()
	r := startRemote(t, m, o)
	began := time.Now()
	wait := &Wait{Left: 50 * time.Millisecond}
	for i := range 1000 {
		a := r.Lookup(Query{ID: fmt.Sprint(i), Wait: wait})
		assert.False(t, a.Fresh)
	}
	assert.Less(t, time.Since(began), 10*time.Second, "a request waits once, not once an actor")
	assert.LessOrEqual(t, m.asks.Load(), int64(o.MaxConcurrent))
	close(m.hold)
	for i := range 100 {
		r.Lookup(Query{ID: fmt.Sprint(i), Wait: &Wait{Left: time.Second}})
	}
	assert.LessOrEqual(t, r.Stats().Cached, o.MaxAnswers)
}

// The ids that are asked for are parts of the bodies of requests.
func TestAnswersKeepNoBody(t *testing.T) {
	o := remoteOptions()
	o.MaxAnswers = 1000
	r := startRemote(t, &memory{}, o)
	before := live()
	for i := range 200 {
		body := strings.Repeat(fmt.Sprintf("%08d", i), 1<<17)
		assert.True(t, r.Lookup(Query{ID: body[:8], Email: body[:7], Wait: &Wait{Left: time.Minute}}).Fresh)
	}
	assert.Equal(t, 200, r.Stats().Cached)
	assert.Less(t, live()-before, int64(10<<20), "of 200 MB")
}

func TestShutdownEndsQuestionsThatAreUnderWay(t *testing.T) {
	m := &memory{hold: make(chan struct{})}
	r := NewRemote(m, remoteOptions())
	require.NoError(t, r.Start(t.Context()))
	assert.Nil(t, r.Lookup(Query{ID: "a"}).User, "without waiting")
	require.Eventually(t, func() bool { return m.asks.Load() == 1 }, 10*time.Second, time.Millisecond)
	require.NoError(t, r.Shutdown(t.Context()))
	assert.Nil(t, r.Lookup(Query{ID: "b", Wait: &Wait{Left: time.Minute}}).User, "it goes on to answer")
	assert.EqualValues(t, 1, m.asks.Load())
}

func TestChangesAreToldOnceAndInOrder(t *testing.T) {
	m := &memory{users: []User{{ID: "a", Department: "1"}, {ID: "b"}, {}}}
	o := remoteOptions()
	o.SyncInterval = 5 * time.Millisecond
	told := make(chan string, 100)
	o.OnChange = func(_ context.Context, changes iter.Seq[Change]) {
		for c := range changes {
			if c.User != nil {
				told <- fmt.Sprint(c.Kind, c.User.ID, c.User.Department)
			} else {
				told <- "snapshot"
			}
		}
	}
	startRemote(t, m, o)
	next := func() string {
		select {
		case s := <-told:
			return s
		case <-time.After(10 * time.Second):
			t.Fatal("nothing is told")
			return ""
		}
	}
	assert.ElementsMatch(t, []string{"0a1", "0b"}, []string{next(), next()})
	assert.Equal(t, "snapshot", next())
	m.set(nil, User{ID: "a", Department: "2"}, User{ID: "b"})
	assert.Equal(t, "0a2", next())
	m.set(errors.New("down"))
	time.Sleep(10 * o.SyncInterval)
	m.set(nil, User{ID: "a", Department: "2"})
	assert.Equal(t, "1b", next(), "what a failed reading lacks is not taken for removed")
	assert.Empty(t, told)
}

// BenchmarkRemoteMillionUsers states what a server with a million users needs: the time of a reading without the server's, and
// memory, after the first and after one that replaces it.
func BenchmarkRemoteMillionUsers(b *testing.B) {
	source := &generated{million}
	var heap, peak float64
	for b.Loop() {
		before := live()
		r := NewRemote(source, remoteOptions())
		require.NoError(b, r.sync(context.Background()))
		r.changes = nil
		heap = float64(live()-before) / million
		r.readAt = time.Now().Add(-2 * time.Hour)
		require.NoError(b, r.sync(context.Background()))
		r.changes = nil
		peak = float64(live()-before) / million
		require.Equal(b, million, r.Stats().Users)
		require.NoError(b, r.Shutdown(context.Background()))
	}
	b.ReportMetric(heap, "B/user")
	b.ReportMetric(peak, "B/user-again")
}

// generated is a source that makes its users up.
type generated struct{ users int }

func (g *generated) Users(_ context.Context, yield func(User) error) error {
	for i := range g.users {
		if err := yield(User{
			ID: fmt.Sprintf("user-%07d", i), Name: fmt.Sprintf("First%d Last%d", i%1000, i), Email: fmt.Sprintf("first%d.last%d@example.com", i%1000, i),
			Department: fmt.Sprintf("Department %d", i%200), Roles: []string{"viewer", fmt.Sprintf("role%d", i%20)},
			Groups: []string{fmt.Sprintf("group%d", i%500), "all"}, Active: Active,
		}); err != nil {
			return err
		}
	}
	return nil
}

func (g *generated) Find(context.Context, string, string) ([]User, error) { return nil, nil }
func (g *generated) Close() error                                         { return nil }

// BenchmarkRemoteLookup is a look-up in a directory of a million users as the processor makes it, by one goroutine and by as many as
// there are processors.
func BenchmarkRemoteLookup(b *testing.B) {
	r := NewRemote(&generated{million}, remoteOptions())
	require.NoError(b, r.sync(context.Background()))
	defer func() { require.NoError(b, r.Shutdown(context.Background())) }()
	ids := make([]string, 1<<16)
	for i := range ids {
		ids[i] = fmt.Sprintf("user-%07d", i*7919%million)
	}
	wait := Wait{Left: time.Second}
	r.Lookup(Query{ID: "nobody", At: 1, Wait: &wait})
	chain := Chain{r}
	for name, id := range map[string]func(int) string{"hit": func(i int) string { return ids[i&(1<<16-1)] }, "remembered": func(int) string { return "nobody" }} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				chain.Lookup(Query{ID: id(i), At: 1, Wait: &wait})
			}
		})
		b.Run(name+"/parallel", func(b *testing.B) {
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				wait := Wait{}
				for i := 0; pb.Next(); i++ {
					chain.Lookup(Query{ID: id(i), At: 1, Wait: &wait})
				}
			})
		})
	}
}

func TestALookupThatHitsAllocatesNothing(t *testing.T) {
	r := NewRemote(&generated{1000}, remoteOptions())
	require.NoError(t, r.sync(t.Context()))
	defer func() { require.NoError(t, r.Shutdown(context.Background())) }()
	wait := Wait{Left: 10 * time.Second}
	r.Lookup(Query{ID: "nobody", Email: "no@body", Wait: &wait})
	chain := Chain{r}
	for _, q := range []Query{
		{ID: "user-0000007", At: 1, Wait: &wait}, {ID: "no", Email: "first7.last7@example.com", At: 1, Wait: &wait}, {ID: "nobody", Email: "no@body", At: 1, Wait: &wait},
	} {
		assert.Zero(t, testing.AllocsPerRun(100, func() { chain.Lookup(q) }), q.ID)
	}
}
