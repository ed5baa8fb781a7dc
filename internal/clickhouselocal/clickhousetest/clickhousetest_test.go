package clickhousetest

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"go.uber.org/goleak"

	"github.com/otelaudit/otelaudit/internal/clickhouselocal"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestServersOfATestAreItsOwnAndStopWithIt(t *testing.T) {
	t.Setenv(clickhouselocal.EnvEndpoint, "clickhouse://somebody.elses.invalid")
	var pids [2]int
	var exited [2]<-chan struct{}
	t.Run("test", func(t *testing.T) {
		for i := range pids {
			server := New(t)
			pids[i], exited[i] = server.PID(), server.Exited()
			answer, err := server.Query(t.Context(), "SELECT 1")
			assert.NoError(t, err)
			assert.Equal(t, "1\n", answer)
		}
	})
	assert.NotEqual(t, pids[0], pids[1])
	for i := range exited {
		<-exited[i]
	}
}

func TestClusterKnowsItsShardsAndUser(t *testing.T) {
	servers := NewCluster(t, "three", 3, func(o *clickhouselocal.Options) { o.User, o.Password = "ann", "p" })
	for _, server := range servers {
		answer, err := server.Query(t.Context(), "SELECT count(), uniqExact(getMacro('otelaudit_instance')) FROM cluster(three, system.one)")
		assert.NoError(t, err)
		assert.Equal(t, "3\t3\n", answer)
	}
}

// failingTest notes what ends it.
type failingTest struct {
	testing.TB
	fatal string
}

func (f *failingTest) Fatalf(format string, args ...any) {
	f.fatal = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

func TestTestWithoutClickHouseFailsAndSaysWhatToDo(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	t.Setenv(clickhouselocal.EnvCache, t.TempDir())
	for name, start := range map[string]func(testing.TB){
		"server":  func(tb testing.TB) { tb.Helper(); New(tb) },
		"cluster": func(tb testing.TB) { tb.Helper(); NewCluster(tb, "two", 2) },
	} {
		f := &failingTest{TB: t}
		done := make(chan struct{})
		go func() {
			defer close(done)
			start(f)
		}()
		<-done
		assert.Contains(t, f.fatal, "no ClickHouse", name)
		assert.Contains(t, f.fatal, "put a clickhouse binary on the PATH", name)
	}
}
