package pseudonym

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	secret1 = "0123456789abcdef0123456789abcdef"
	secret2 = "fedcba9876543210fedcba9876543210"
)

func newKeys(tb testing.TB) *Keys {
	tb.Helper()
	k, err := New("k1", map[string][]byte{"k1": []byte(secret1), "k0": []byte(secret2)})
	require.NoError(tb, err)
	return k
}

// The values were computed with Python's hmac module.
func TestHashesAreTheDocumentedHMACs(t *testing.T) {
	k := newKeys(t)
	assert.Equal(t, "h1:k1:5YFX3HREPHIXGD7P4ZWSMYMY3U", k.Value(Text, "jane@corp.com"))
	assert.Equal(t, "h1:k1:SU47ITT7Z2TNRWW23JBS22T6BY", k.RecordHash([]byte("{}")))
	assert.Equal(t, "32c533a95558e24d", k.Fingerprint(Query, "SELECT 1"))
}

func TestPurposesNeverGiveComparableHashes(t *testing.T) {
	k := newKeys(t)
	const text = "the same text"
	seen := map[string]string{}
	tail := func(s string) string { return s[strings.LastIndex(s, ":")+1:] }
	for name, h := range map[string]string{
		"value":  tail(k.Value(Text, text)),
		"record": tail(k.RecordHash([]byte(text))),
		"query":  k.Fingerprint(Query, text),
		"prompt": k.Fingerprint(Prompt, text),
		"stack":  k.Fingerprint(Stack, text),
	} {
		assert.Empty(t, seen[h], name)
		seen[h] = name
	}
	// A label cannot be reached by choosing the value either.
	assert.NotEqual(t, k.Fingerprint(Query, "x"), k.Fingerprint("query\x00x", "")[:16])
}

func TestOnePersonHasOnePseudonym(t *testing.T) {
	k := newKeys(t)
	for _, tc := range []struct {
		kind Kind
		same []string
	}{
		{Email, []string{"jane@corp.com", "Jane@Corp.COM", "jane%40corp.com"}},
		{Email, []string{"jürgen@müller.de", "JÜRGEN@MÜLLER.DE"}},
		{Address, []string{"10.1.2.3", "::ffff:10.1.2.3", "::FFFF:a01:203"}},
		{Address, []string{"2001:db8::1", "2001:0DB8:0:0:0:0:0:1", "2001:db8::1%eth0"}},
		{Number, []string{"4111111111111111", "4111 1111 1111 1111", "4111-1111-1111-1111"}},
		{Number, []string{"DE89370400440532013000", "de89 3704 0044 0532 0130 00"}},
		{Phone, []string{"+491701234567", "+49 170 1234567", "0049 170 123-45-67", "+49 (170) 1234567"}},
	} {
		for _, s := range tc.same {
			assert.Equal(t, k.Value(Text, tc.same[0]), k.Value(tc.kind, s), s)
		}
	}
	assert.NotEqual(t, k.Value(Text, "jane@corp.com"), k.Value(Text, "Jane@corp.com"), "text stays as it is")
	assert.NotEqual(t, k.Value(Phone, "+491701234567"), k.Value(Phone, "491701234567"))
	assert.NotEqual(t, k.Value(Email, "\xff@corp.com"), k.Value(Email, "\xfe@corp.com"), "bytes that are not UTF-8 stay apart")
	assert.Equal(t, k.Value(Text, "not an address"), k.Value(Address, "not an address"))
}

func TestRotationKeepsOldPseudonymsFindable(t *testing.T) {
	k := newKeys(t)
	old, err := New("k0", map[string][]byte{"k0": []byte(secret2)})
	require.NoError(t, err)
	assert.Equal(t, []string{k.Value(Email, "Jane@corp.com"), old.Value(Email, "jane@corp.com")}, k.Search(Email, "jane@corp.com"))
	assert.NotEqual(t, k.Value(Text, "x")[6:], old.Value(Text, "x")[6:], "another key gives another hash")
}

func TestNewRefuses(t *testing.T) {
	for _, tc := range []struct {
		name, active, id, secret, want string
	}{
		{"an unknown active key", "k9", "k1", secret1, `no key has the id "k9" of the active one`},
		{"a short key", "k1", "k1", "short-secret-value", `key "k1": must be at least 32 bytes long, is 18`},
		{"an id with a colon", "k:1", "k:1", secret1, "a key id must be 1 to 32 of A-Z, a-z, 0-9 and _"},
		{"an empty id", "", "", secret1, "a key id must be 1 to 32 of A-Z, a-z, 0-9 and _"},
		{"a long id", strings.Repeat("k", 33), strings.Repeat("k", 33), secret1, "a key id must be 1 to 32 of A-Z, a-z, 0-9 and _"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := New(tc.active, map[string][]byte{tc.id: []byte(tc.secret)})
			require.EqualError(t, err, tc.want)
			assert.NotContains(t, err.Error(), tc.secret)
		})
	}
}

func TestKeysAreNeverPrinted(t *testing.T) {
	k := newKeys(t)
	j, err := json.Marshal(map[string]any{"keys": k})
	require.NoError(t, err)
	for _, s := range []string{
		fmt.Sprint(k), fmt.Sprintf("%+v", k), fmt.Sprintf("%#v", k), fmt.Sprintf("%s", k), fmt.Sprintf("%x", k), fmt.Sprintf("%d", k),
	} {
		assert.NotContains(t, s, secret1[:8])
		assert.Equal(t, "[pseudonym keys]", s)
	}
	assert.JSONEq(t, `{"keys":{}}`, string(j))
}

func TestKeysAreSafeForConcurrentUse(t *testing.T) {
	k := newKeys(t)
	want := k.Value(Text, "value")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 200 {
				if k.Value(Text, "value") != want || k.RecordHash([]byte("value"))[6:] == want[6:] {
					t.Error("a concurrent call changed the result")
				}
			}
		})
	}
	wg.Wait()
}

func TestTheSecretIsCopied(t *testing.T) {
	secret := []byte(secret1)
	k, err := New("k1", map[string][]byte{"k1": secret})
	require.NoError(t, err)
	clear(secret)
	assert.Equal(t, newKeys(t).Value(Text, "x"), k.Value(Text, "x"))
}

func TestReadKeyFile(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
		return path
	}
	for name, content := range map[string]string{"plain": secret1, "line": secret1 + "\n", "windows": secret1 + "\r\n"} {
		got, err := ReadKeyFile(write(name, content))
		require.NoError(t, err)
		assert.Equal(t, secret1, string(got), name)
	}
	for name, tc := range map[string]struct{ content, want string }{
		"short": {"not-enough", "must be at least 32 bytes long, is 10"},
		"empty": {"", "must be at least 32 bytes long, is 0"},
		"long":  {strings.Repeat("x", 5000), "longer than 4096 bytes, which no key needs"},
	} {
		_, err := ReadKeyFile(write(name, tc.content))
		require.ErrorContains(t, err, tc.want)
		require.ErrorContains(t, err, name)
		assert.NotContains(t, err.Error(), "not-enough")
	}
	_, err := ReadKeyFile(filepath.Join(dir, "missing"))
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = ReadKeyFile(dir)
	require.Error(t, err)
}

func FuzzValue(f *testing.F) {
	for _, s := range []string{"", "a@b.co", "%40", "::1", "+1 2", "ü", "\xff"} {
		f.Add(s)
	}
	k := newKeys(f)
	f.Fuzz(func(t *testing.T, s string) {
		for kind := Text; kind <= Phone; kind++ {
			if got := k.Value(kind, s); len(got) != len("h1:k1:")+26 || got != k.Value(kind, s) {
				t.Fatalf("kind %d: pseudonym of %d bytes is not stable", kind, len(s))
			}
		}
	})
}

func BenchmarkAppendValue(b *testing.B) {
	k := newKeys(b)
	dst := make([]byte, 0, 64)
	b.ReportAllocs()
	b.SetBytes(int64(len("jane.doe@example.com")))
	for b.Loop() {
		dst = k.AppendValue(dst[:0], Email, "jane.doe@example.com")
	}
}

func BenchmarkRecordHash(b *testing.B) {
	k := newKeys(b)
	record := []byte(strings.Repeat("x", 1200))
	b.ReportAllocs()
	b.SetBytes(int64(len(record)))
	for b.Loop() {
		_ = k.RecordHash(record)
	}
}
