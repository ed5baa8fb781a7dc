package detect

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/otelaudit/otelaudit/internal/pseudonym"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newMasker(tb testing.TB) (Masker, *pseudonym.Keys) {
	tb.Helper()
	keys, err := pseudonym.New("k1", map[string][]byte{"k1": []byte("0123456789abcdef0123456789abcdef")})
	require.NoError(tb, err)
	return NewMasker(keys), keys
}

// marked writes text with each value that was found as ‹class:value›.
func marked(text string) string {
	var b strings.Builder
	pos := 0
	for {
		span, ok := Find(text, pos, All)
		if !ok {
			return b.String() + text[pos:]
		}
		b.WriteString(text[pos:span.Start] + "‹" + span.Class.String() + ":" + text[span.Start:span.End] + "›")
		pos = span.End
	}
}

var mark = regexp.MustCompile(`‹[a-z_]+:|›`)

func unmarked(text string) string { return mark.ReplaceAllString(text, "") }

func TestPersonalValuesAreFound(t *testing.T) {
	for _, want := range []string{
		"‹email:jane@corp.com›",
		"mail from ‹email:Jane.Doe+tag@sub.corp.co.uk›.",
		"(‹email:o'brien@corp.ie›)", "'‹email:jane@corp.com›'", `"‹email:jane@corp.com›"`,
		"user=‹email:jane@corp.com›&x=1", "/users/‹email:jane@corp.com›/edit", "mailto:‹email:jane@corp.com›",
		"/u?mail=‹email:jane%40corp.com›", "‹email:jürgen@müller.de›", "‹email:x@y.xn--p1ai›", "‹email:jane@corp.com›_x", "‹email:jane@corp.com›-x",
		"‹email:a@b.co›,‹email:c@d.co›", "‹email:jane@corp.com›.1", "‹email:_x@corp.com›",
		"‹ip:10.1.2.3›", "from ‹ip:10.1.2.3›:8080", "‹ip:10.1.2.3›/24", "[‹ip:192.168.0.1›]", "at ‹ip:10.1.2.3›.", "ip=‹ip:255.255.255.255›",
		"‹ip:::1›", "[‹ip:::1›]:8080", "‹ip:2001:db8::1›", "addr:‹ip:fe80::1%eth0›", "‹ip:2001:0DB8:0:0:0:0:0:1›", "‹ip:::ffff:10.1.2.3›", "at ‹ip:2001:db8::1›.",
		"‹ip:2001:db8:0:0:0:0:0:1›:8080", "ip: ‹ip:fe80::1›:",
		"‹card:4111111111111111›", "‹card:4111 1111 1111 1111› 12/30", "‹card:4111-1111-1111-1111›", "pan=‹card:5500005555555559›", "‹card:378282246310005›",
		"‹card:3782 822463 10005›", "‹card:6011111111111117›", "‹card:3530111333300000›", "order 7 ‹card:4111 1111 1111 1111›", "card‹card:4111111111111111›x",
		"‹iban:DE89370400440532013000›", "‹iban:DE89 3704 0044 0532 0130 00›", "iban ‹iban:GB82WEST12345698765432›.", "‹iban:gb82 west 1234 5698 7654 32›", "‹iban:NO9386011117947›",
		"‹phone:+491701234567›", "‹phone:+49 170 1234567›", "call ‹phone:+1 (555) 123-4567›!", "‹phone:+44 20 7946 0958›", "tel:‹phone:+4930123456›",
		"‹phone:0049 170 1234567›", "‹phone:(555) 123-4567›", "‹phone:555-123-4567›", "‹phone:555.123.4567›", "‹phone:1-800-555-1234›", "‹phone:1 (800) 555-1234›",
		"‹phone:06 12 34 56 78›", "‹phone:0171 1234567›", "‹phone:030/1234567›", "‹phone:(030) 1234567›",
		"‹phone:+49 170 1234567› 2026-11-21",
		"‹national_id:123-45-6789›", "ssn=‹national_id:123-45-6789›,",
	} {
		assert.Equal(t, want, marked(unmarked(want)))
	}
}

func TestSecretsAreFound(t *testing.T) {
	const b32 = "abcdefghij0123456789ABCDEFGHIJ456789"
	for _, want := range []string{
		"‹jwt:eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1g›",
		"jwt_‹jwt:eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.sig›.", "‹jwt:eyJhbGciOiJIUzI1NiJ9.eyJzdWI›",
		"‹token:AKIAIOSFODNN7EXAMPLE›", "id ‹token:ASIAIOSFODNN7EXAMPLE›,", "‹token:AIzaSyA-1234567890abcdefghijklmnopqrstu›", "‹token:ya29.a0AfH6SMBx1234567890›",
		"‹token:ghp_" + b32 + "›", "‹token:github_pat_11ABCDEFG0abcdefghij_1234567890›", "‹token:glpat-abcdefghij0123456789›",
		"‹token:xoxb-123456789012-abcdef›", "slack:‹token:xoxp-12345678›", "‹token:sk_live_abcdefghij0123›", "‹token:sk-ant-api03-abcdefghij0123456789›", "‹token:npm_" + b32 + "›",
		"‹token:xaat-12345678-abcd-abcd-abcd-1234567890ab›", "‹token:SG.abcdefghijklmnop.qrstuvwxyz›", "AGE-‹token:SECRET-KEY-1QQQQQQQQQQQQQQQQ›", "‹token:glsa_abcdefghij0123456789›",
		"Bearer ‹bearer:abc.DEF-123›", "authorization=‹password:bearer ABCDEFGH›", "basic ‹bearer:dXNlcjpwYXNz›", "Basic ‹bearer:dXNlcjpwYXNzd29yZA==›",
		"-----BEGIN CERTIFICATE-----", "x ‹private_key:-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----› y", "‹private_key:-----BEGIN PRIVATE KEY-----\nMIIE›",
		"postgres://user:‹password:pass›@host:5432/db", "redis://:‹password:p@ss›@host", "mysql://u:‹password:pa/ss›@host/db", "postgres://user:‹password:sec-ret›", "http://host:8080/a",
		"password=‹password:hunter2›", "Password: ‹password:hunter2›", "user=x;PWD=‹password:hunter2›;db=y", `{"password":"‹password:hun ter2›"}`, `"db_password": '‹password:x\'y›'`,
		`{\"password\":\"‹password:hunter2›\"}`, "password:‹password:hunter2›", "client-secret: ‹password:abc›", "API_KEY=‹password:abc›&x=1", `"apiKey":"‹password:abc›"`,
		"<password>‹password:hunter2›</password>", "Authorization: ‹password:Bearer x›", "token=‹password:0123456789abcdefXYZ›", `password="‹password:never closed›`, "aws_secret_access_key = ‹password:wJalrXUtnFEMI/K7MDENG›",
	} {
		assert.Equal(t, want, marked(unmarked(want)))
	}
}

func TestOrdinaryTextStays(t *testing.T) {
	for _, text := range []string{
		"", "a", "runAPLQuery", "Create Table", "query-start", "user.login.failure", "monitor CPU over 90 % for 5m",
		"2026-11-21T20:39:00.123456789Z", "2026-11-21 20:39:00+01:00", "21/11/2026", "01-02-2024", "1763757540000", "1763757540000000000", "took 12.345678901234567 s", "0.4111111111111111",
		"550e8400-e29b-41d4-a716-446655440000", "01890a5d-ac96-774b-bcce-b302099a8057", "12345678-1234-1234-1234-123456789012",
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "4111111111111112", "00004111111111111111", "DE00370400440532013000", "AB12CDEF34567890",
		"v1.2.3.4", "1.2.3", "1.2.3.4.5", "256.1.1.1", "std::vector", "abc::def", "12:34:56", "00:1a:2b:3c:4d:5e", "http://host/path", "http://[::]/", "arn:aws:s3:::bucket/key",
		"lodash@4.17.21", "@scope/pkg", "a@b", "user@host", "x@.com", "@corp.com", "-> token", "token expired", "secret:prod/db", "arn:aws:secretsmanager:us-east-1:1:secret:prod/db-AbC",
		"bearer token missing", "Bearer authentication failed", "basic authentication", "task-learn-something-very-long-indeed", "sk-learn-something-very-long-indeed", "eyJ", "AKIA", "AKIAIOSFODNN7EXAMPLEX",
		"555 123 4567", "5551234567", "200 404 1000", "+1000", "+", "(", "(abc)", "000-12-3456", "666-12-3456", "900-12-3456", "123-45-67890", "1,234,567", "10-20-30",
		"password", "password reset", "reset password?", "passwordless=", "ghp_short", "xoxb-1", "-----", "-----BEGIN PUBLIC KEY-----", "----------------",
		"SELECT count(*) FROM orders WHERE region = 'eu'", "['http-logs'] | where status >= 500 | summarize count() by bin(_time, 1h)",
		"Ünïcödé text — ordinary", "\xff\xfe", "%40", "100%", "h1:k1:5YFX3HREPHIXGD7P4ZWSMYMY3U",
	} {
		assert.Equal(t, text, marked(text))
	}
}

func TestMaskReplacesPersonsByPseudonymsAndSecretsByMarkers(t *testing.T) {
	m, keys := newMasker(t)
	var counts Counts
	out, changed, ok := m.Append([]byte("> "), "Jane@Corp.com sent Bearer abcdef123 from ::ffff:10.1.2.3 to +49 170 1234567", All, &counts)
	assert.True(t, changed)
	assert.True(t, ok)
	assert.Equal(t, "> "+keys.Value(pseudonym.Text, "jane@corp.com")+" sent Bearer [secret:bearer] from "+
		keys.Value(pseudonym.Text, "10.1.2.3")+" to "+keys.Value(pseudonym.Text, "+491701234567"), string(out))
	assert.Equal(t, 3, counts.Personal())
	assert.Equal(t, 1, counts.Secret())
	assert.Equal(t, counts, Count("Jane@Corp.com sent Bearer abcdef123 from ::ffff:10.1.2.3 to +49 170 1234567"))

	counts = Counts{}
	out, changed, ok = m.Append(nil, "jane@corp.com with password=x", Secrets, &counts)
	assert.True(t, changed && ok)
	assert.Equal(t, "jane@corp.com with password=[secret:password]", string(out))

	out, changed, ok = m.Append(nil, "ordinary", All, &counts)
	assert.False(t, changed)
	assert.True(t, ok)
	assert.Empty(t, out)
}

func TestAListOfPersonsIsRefused(t *testing.T) {
	m, _ := newMasker(t)
	var counts Counts
	_, _, ok := m.Append(nil, strings.Repeat("a@b.co ", MaxValues), All, &counts)
	assert.True(t, ok)
	_, _, ok = m.Append(nil, strings.Repeat("a@b.co ", MaxValues+1), All, &counts)
	assert.False(t, ok)
}

func TestAWholeValueHasThePseudonymItHasInText(t *testing.T) {
	m, _ := newMasker(t)
	for _, v := range []string{"Jane@Corp.com", "10.1.2.3", "2001:DB8::1", "4111 1111 1111 1111", "DE89 3704 0044 0532 0130 00", "+49 170 1234567", "123-45-6789"} {
		var counts Counts
		in, _, _ := m.Append(nil, "x "+v, All, &counts)
		assert.Equal(t, string(in[2:]), string(m.AppendPseudonym(nil, v)), v)
		_, whole := Whole(" " + v + " ")
		assert.True(t, whole, v)
		_, whole = Whole("x " + v)
		assert.False(t, whole, v)
	}
	_, whole := Whole("")
	assert.False(t, whole)
}

func FuzzFind(f *testing.F) {
	for _, s := range []string{
		"jane@corp.com", "10.0.0.1", "::1", "4111 1111 1111 1111", "DE89370400440532013000", "+49 170 1234567", "(555) 123-4567", "123-45-6789",
		"eyJhbGciOiJIUzI1NiJ9", "AKIAIOSFODNN7EXAMPLE", "ghp_abcdefghijklmnopqrst", "Bearer abcdefgh", "-----BEGIN PRIVATE KEY-----", "a://b:c@d", `password="x\"y"`, "x%40y.zz", "\xff@\xff.\xff\xff", "basic =", "00(#",
	} {
		f.Add(s)
		f.Add(s + s)
	}
	m, _ := newMasker(f)
	f.Fuzz(func(t *testing.T, text string) {
		for pos := 0; ; {
			span, ok := Find(text, pos, All)
			if !ok {
				break
			}
			if span.Start < pos || span.End <= span.Start || span.End > len(text) || span.Class >= classes {
				t.Fatalf("span %v from %d in %d bytes", span, pos, len(text))
			}
			pos = span.End
		}
		var counts Counts
		if out, changed, ok := m.Append(nil, text, All, &counts); ok && changed == (len(out) == 0) {
			t.Fatal("changed text must be written, unchanged text must not")
		}
	})
}
