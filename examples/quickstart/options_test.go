package main

import (
	"net"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestOptionsComeFromFlagsAndEnvironment(t *testing.T) {
	t.Setenv("ONESHOT", "1")
	t.Setenv("SEED", "7")
	t.Setenv("OTLP_GRPC_PORT", "14317")
	o, err := parseOptions([]string{"-seed", "8", "-events", "20000", "-state", "somewhere"})
	require.NoError(t, err)
	assert.True(t, o.oneShot)
	assert.False(t, o.keep)
	assert.Equal(t, uint64(8), o.seed, "the flag wins")
	assert.Equal(t, 20_000, o.events)
	assert.True(t, filepath.IsAbs(o.stateDir))
	assert.Equal(t, ports{grpc: 14317, http: 4318, health: 13133, metrics: 8888}, o.ports)
}

func TestOptionsThatAreWrongAreNamed(t *testing.T) {
	for want, given := range map[string]struct {
		args        []string
		name, value string
	}{
		"SEED":       {name: "SEED", value: "x"},
		"ONESHOT":    {name: "ONESHOT", value: "perhaps"},
		"HEALTH":     {name: "HEALTH_PORT", value: "99999"},
		"at least":   {args: []string{"-events", "5"}},
		`"extra" is`: {args: []string{"extra"}},
	} {
		t.Run(want, func(t *testing.T) {
			if given.name != "" {
				t.Setenv(given.name, given.value)
			}
			_, err := parseOptions(given.args)
			assert.ErrorContains(t, err, want)
		})
	}
}

func TestATakenPortIsNamedWithItsVariable(t *testing.T) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = listener.Close() }()
	taken := listener.Addr().(*net.TCPAddr).Port
	var p ports
	for _, v := range p.variables() {
		t.Run(v.name, func(t *testing.T) {
			var p ports // port 0 is never taken
			for _, other := range p.variables() {
				if other.name == v.name {
					*other.port = taken
				}
			}
			err := p.check(t.Context())
			require.Error(t, err)
			assert.Contains(t, err.Error(), strconv.Itoa(taken))
			assert.Contains(t, err.Error(), v.name)
		})
	}
	assert.NoError(t, p.check(t.Context()))
}

func TestTheStateIsFreshAndTheKeyStays(t *testing.T) {
	s := state{t.TempDir()}
	require.NoError(t, s.prepare(discard))
	key, err := os.ReadFile(s.key())
	require.NoError(t, err)
	assert.Len(t, key, 65)
	info, err := os.Stat(s.key())
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())

	old := filepath.Join(s.clickhouse(), "old")
	require.NoError(t, os.MkdirAll(old, 0o700))
	require.NoError(t, s.prepare(mustExist))
	assert.DirExists(t, old)
	require.NoError(t, s.prepare(deliver))
	assert.DirExists(t, old)
	require.NoError(t, s.prepare(discard))
	assert.NoDirExists(t, old)
	again, err := os.ReadFile(s.key())
	require.NoError(t, err)
	assert.Equal(t, key, again)
}

func TestADirectoryOfSomebodyElseIsLeftAlone(t *testing.T) {
	s := state{t.TempDir()}
	theirs := filepath.Join(s.clickhouse(), "precious")
	require.NoError(t, os.MkdirAll(theirs, 0o700))
	require.ErrorContains(t, s.prepare(discard), "STATE_DIR")
	assert.DirExists(t, theirs)
	assert.ErrorContains(t, s.prepare(mustExist), "KEEP")
}

func TestTwoQuickstartsDoNotShareAState(t *testing.T) {
	s := state{t.TempDir()}
	unlock, err := s.lock()
	require.NoError(t, err)
	_, err = s.lock()
	require.ErrorContains(t, err, "STATE_DIR")
	unlock()
	unlock, err = s.lock()
	require.NoError(t, err)
	unlock()
}
