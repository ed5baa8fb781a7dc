package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelaudit/otelaudit/internal/pseudonym"
)

func keyFile(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "key")
	require.NoError(t, os.WriteFile(path, []byte("0123456789abcdef0123456789abcdef\n"), 0o600))
	return path
}

func TestAnAddressGivesThePseudonymThatIsStored(t *testing.T) {
	keys, err := pseudonym.New("k1", map[string][]byte{"k1": []byte("0123456789abcdef0123456789abcdef")})
	require.NoError(t, err)
	var out bytes.Buffer
	require.NoError(t, run([]string{"-key", "k1=" + keyFile(t)}, strings.NewReader("Jane@Example.com\n"), &out, io.Discard))
	assert.Equal(t, keys.Value(pseudonym.Email, "jane@example.com")+"\n", out.String())
}

func TestTheQueryNamesEveryKeyAndNeverTheValue(t *testing.T) {
	var out bytes.Buffer
	path := keyFile(t)
	require.NoError(t, run([]string{"-key", "k1=" + path, "-key", "k2=" + path, "-sql"}, strings.NewReader("jane@example.com"), &out, io.Discard))
	assert.Contains(t, out.String(), "h1:k1:")
	assert.Contains(t, out.String(), "h1:k2:")
	assert.NotContains(t, out.String(), "jane")
}

func TestBadInputSaysWhatToDoAndEchoesNothing(t *testing.T) {
	for name, tt := range map[string]struct {
		args  []string
		input string
		want  string
	}{
		"no key":       {nil, "jane@example.com", "no key: give -key id=path"},
		"no path":      {[]string{"-key", "k1"}, "jane@example.com", "must be id=path"},
		"no file":      {[]string{"-key", "k1=missing"}, "jane@example.com", "no such file"},
		"no value":     {[]string{"-key", "k1=" + keyFile(t)}, "\n", "one value of 1 to 4096 bytes"},
		"a long value": {[]string{"-key", "k1=" + keyFile(t)}, strings.Repeat("jane", 2000), "one value of 1 to 4096 bytes"},
		"a bad id":     {[]string{"-key", "k:1=" + keyFile(t)}, "jane@example.com", "a key id must be"},
	} {
		t.Run(name, func(t *testing.T) {
			err := run(tt.args, strings.NewReader(tt.input), io.Discard, io.Discard)
			require.ErrorContains(t, err, tt.want)
			assert.NotContains(t, err.Error(), "jane")
		})
	}
}
