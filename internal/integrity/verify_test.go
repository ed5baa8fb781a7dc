package integrity

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"os"
	"strings"
	"testing"

	"github.com/gowebpki/jcs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// vector is one of testdata/vectors.json.
type vector struct {
	Name       string               `json:"name"`
	Request    json.RawMessage      `json:"request"`
	Canonical  string               `json:"canonical"`
	SHA256     string               `json:"sha256"`
	Signatures map[Algorithm]string `json:"signatures"`
}

func vectors(tb testing.TB) []vector {
	tb.Helper()
	var out []vector
	require.NoError(tb, json.Unmarshal(file(tb, "vectors.json"), &out))
	require.NotEmpty(tb, out)
	return out
}

func file(tb testing.TB, name string) []byte {
	tb.Helper()
	text, err := os.ReadFile("testdata/" + name)
	require.NoError(tb, err)
	return text
}

// event reads the event, signed by an algorithm or, with "", not at all.
func (v vector) event(tb testing.TB, algorithm Algorithm) audit.Event {
	tb.Helper()
	logs, err := (&plog.JSONUnmarshaler{}).UnmarshalLogs(v.Request)
	require.NoError(tb, err)
	rl := logs.ResourceLogs().At(0)
	event := audit.Event{Resource: rl.Resource().Attributes(), Record: rl.ScopeLogs().At(0).LogRecords().At(0)}
	if algorithm != "" {
		event.Resource.PutStr(audit.AttrIntegrityAlgorithm, string(algorithm))
		event.Record.Attributes().PutStr(audit.AttrIntegrityValue, v.Signatures[algorithm])
	}
	return event
}

var keyFiles = map[Algorithm]string{EdDSA: "ed25519.pem", ES256: "p256.pem", RS256: "rsa.pem", HMACSHA256: "hmac.key"}

func key(tb testing.TB, algorithm Algorithm, owner Owner) *Key {
	tb.Helper()
	var out *Key
	var err error
	if algorithm.Symmetric() {
		out, err = NewSecret(owner, file(tb, keyFiles[algorithm]))
	} else {
		out, err = NewPublicKey(algorithm, owner, file(tb, keyFiles[algorithm]))
	}
	require.NoError(tb, err)
	return out
}

func allKeys(tb testing.TB, owner Owner) *Keys {
	tb.Helper()
	var keys []*Key
	for _, algorithm := range Algorithms() {
		keys = append(keys, key(tb, algorithm, owner))
	}
	return NewKeys(keys...)
}

func verify(k *Keys, tenant string, event audit.Event) Result {
	return k.Verify(tenant, event, event.AppendCanonical(nil))
}

func TestPublishedVectors(t *testing.T) {
	keys := allKeys(t, Owner{})
	for _, v := range vectors(t) {
		t.Run(v.Name, func(t *testing.T) {
			for _, algorithm := range Algorithms() {
				event := v.event(t, algorithm)
				canonical := event.AppendCanonical(nil)
				assert.Equal(t, v.Canonical, string(canonical))
				sum := sha256.Sum256(canonical)
				assert.Equal(t, v.SHA256, hex.EncodeToString(sum[:]))
				assert.Equal(t, Result{Verdict: Passed}, keys.Verify("", event, canonical), algorithm)
			}
			transformed, err := jcs.Transform([]byte(v.Canonical))
			require.NoError(t, err)
			assert.Equal(t, v.Canonical, string(transformed), "it is RFC 8785's form of itself")
		})
	}
}

// 1 and "1", 2^53 and 2^53+1, a map and its text: what a careless canonical form takes for the same.
func TestNoVectorFitsTheSignatureOfAnother(t *testing.T) {
	keys := allKeys(t, Owner{})
	all := vectors(t)
	hashes := map[string]string{}
	for _, v := range all {
		assert.Empty(t, hashes[v.SHA256], v.Name)
		hashes[v.SHA256] = v.Name
		for _, other := range all {
			if v.Name == other.Name {
				continue
			}
			event := v.event(t, EdDSA)
			event.Record.Attributes().PutStr(audit.AttrIntegrityValue, other.Signatures[EdDSA])
			assert.Equal(t, Failed, verify(keys, "", event).Verdict, "%s / %s", v.Name, other.Name)
		}
	}
}

func TestEveryPartOfTheEventIsCovered(t *testing.T) {
	keys := allKeys(t, Owner{})
	v := vectors(t)[0]
	for name, change := range map[string]func(audit.Event){
		"attribute changed":  func(e audit.Event) { e.Record.Attributes().PutStr(audit.AttrOutcome, "failure") },
		"attribute added":    func(e audit.Event) { e.Record.Attributes().PutStr("x", "") },
		"attribute removed":  func(e audit.Event) { e.Record.Attributes().Remove("tls.version") },
		"record id":          func(e audit.Event) { e.Record.Attributes().PutStr(audit.AttrRecordID, "other") },
		"tenant":             func(e audit.Event) { e.Record.Attributes().PutStr(audit.AttrTenantID, "other") },
		"resource attribute": func(e audit.Event) { e.Resource.PutStr(audit.AttrServiceVersion, "2.3.2") },
		"event name":         func(e audit.Event) { e.Record.SetEventName("user.login.failure") },
		"time":               func(e audit.Event) { e.Record.SetTimestamp(e.Record.Timestamp() + 1) },
		"body":               func(e audit.Event) { e.Record.Body().SetStr("") },
		"trace":              func(e audit.Event) { e.Record.SetTraceID([16]byte{1}) },
	} {
		for _, algorithm := range Algorithms() {
			event := v.event(t, algorithm)
			change(event)
			assert.Equal(t, failed("does not fit the record"), verify(keys, "", event), "%s %s", name, algorithm)
		}
	}
	for name, change := range map[string]func(audit.Event){
		"observed time": func(e audit.Event) { e.Record.SetObservedTimestamp(1) },
		"order": func(e audit.Event) {
			e.Record.Attributes().Remove("session.id")
			e.Record.Attributes().PutStr("session.id", "sess-abc123")
		},
		"what is added here": func(e audit.Event) { e.Record.Attributes().PutInt(audit.AttrReceivedTime, 1) },
	} {
		event := v.event(t, EdDSA)
		change(event)
		assert.Equal(t, Passed, verify(keys, "", event).Verdict, name)
	}
}

func TestHostileSignaturesFail(t *testing.T) {
	keys := allKeys(t, Owner{})
	v := vectors(t)[0]
	sound := v.Signatures[EdDSA]
	raw, err := base64.StdEncoding.DecodeString(sound)
	require.NoError(t, err)
	const notBase64 = "must be base64 with padding and without line breaks (RFC 4648, section 4)"
	// S + L is another S for the same signature, where a verifier does not insist on S < L (RFC 8032, section 5.1.7).
	order, err := hex.DecodeString("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010")
	require.NoError(t, err)
	malleable := append([]byte(nil), raw...)
	carry := 0
	for i := range 32 {
		sum := int(raw[32+i]) + int(order[i]) + carry
		malleable[32+i], carry = byte(sum), sum>>8
	}
	for name, tt := range map[string]struct {
		algorithm Algorithm
		value     string
		problem   string
	}{
		"line break":             {EdDSA, sound[:40] + "\n" + sound[40:], notBase64},
		"trailing line break":    {EdDSA, sound + "\r\n", notBase64},
		"space":                  {EdDSA, " " + sound, notBase64},
		"no padding":             {EdDSA, strings.TrimRight(sound, "="), notBase64},
		"more padding":           {EdDSA, sound + "====", notBase64},
		"base64url":              {EdDSA, base64.URLEncoding.EncodeToString([]byte(strings.Repeat("\xff", 64))), notBase64},
		"bits after the end":     {EdDSA, sound[:85] + next(sound[85]) + "==", notBase64},
		"hex":                    {EdDSA, hex.EncodeToString(raw), "must have 64 bytes for EdDSA"},
		"empty after decoding":   {EdDSA, "====", notBase64},
		"too short":              {EdDSA, base64.StdEncoding.EncodeToString(raw[:63]), "must have 64 bytes for EdDSA"},
		"too long":               {EdDSA, base64.StdEncoding.EncodeToString(append(raw[:64:64], 0)), "must have 64 bytes for EdDSA"},
		"S over the order":       {EdDSA, base64.StdEncoding.EncodeToString(malleable), "does not fit the record"},
		"all zero":               {EdDSA, base64.StdEncoding.EncodeToString(make([]byte, 64)), "does not fit the record"},
		"a mebibyte":             {EdDSA, strings.Repeat("A", 1<<20), notBase64},
		"R and S of zero":        {ES256, base64.StdEncoding.EncodeToString(make([]byte, 64)), "does not fit the record"},
		"ASN.1 form of ES256":    {ES256, "MEYCIQD+V9bWJD7gmISsZgNMPhJnYyDiBeDTS2h7pXXuX+AQSwIhALdXIeVx+i4hfBFHupMA8iFyEoXNXcJJdw6LsBhIL6AF", sizes[ES256]},
		"signature of another":   {ES256, sound, "does not fit the record"},
		"RSA shorter than the n": {RS256, base64.StdEncoding.EncodeToString(make([]byte, 255)), sizes[RS256]},
		"RSA of zero":            {RS256, base64.StdEncoding.EncodeToString(make([]byte, 256)), "does not fit the record"},
		"truncated MAC":          {HMACSHA256, base64.StdEncoding.EncodeToString(make([]byte, 16)), sizes[HMACSHA256]},
		"MAC of zero":            {HMACSHA256, base64.StdEncoding.EncodeToString(make([]byte, 32)), "does not fit the record"},
	} {
		t.Run(name, func(t *testing.T) {
			event := v.event(t, tt.algorithm)
			event.Record.Attributes().PutStr(audit.AttrIntegrityValue, tt.value)
			assert.Equal(t, failed(tt.problem), verify(keys, "", event))
		})
	}
}

// next gives a character of base64 that has other bits below those that count.
func next(c byte) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	return string(alphabet[strings.IndexByte(alphabet, c)|1])
}

// A producer that names HMAC-SHA256 while the operator trusts a public key would let everybody sign who has that key.
func TestAPublicKeyIsNeverASecret(t *testing.T) {
	v := vectors(t)[0]
	public := file(t, "rsa.pem")
	_, err := NewSecret(Owner{}, public)
	assert.ErrorContains(t, err, "must be a secret, is PEM")

	block, _ := pem.Decode(public)
	keys := NewKeys(key(t, RS256, Owner{ID: "k1"}), key(t, HMACSHA256, Owner{ID: "k2"}))
	for name, material := range map[string][]byte{"PEM": public, "DER": block.Bytes} {
		forged := base64.StdEncoding.EncodeToString(macOf(t, material, v.Canonical))
		for _, algorithm := range []Algorithm{HMACSHA256, RS256, "none", "HS256", "hmac-sha256", ""} {
			for _, certificate := range []string{"", "k1", "k2"} {
				event := v.event(t, algorithm)
				event.Record.Attributes().PutStr(audit.AttrIntegrityValue, forged)
				event.Resource.PutStr(audit.AttrIntegrityCertificate, certificate)
				assert.NotEqual(t, Passed, verify(keys, "", event).Verdict, "%s %s %s", name, algorithm, certificate)
			}
		}
	}
}

func macOf(t *testing.T, material []byte, message string) []byte {
	t.Helper()
	return secretKey(material).sum([]byte(message))
}

func TestTheKeyIsFoundByEveryNameOfTheDraft(t *testing.T) {
	v := vectors(t)[0]
	block, _ := pem.Decode(file(t, "p256.pem"))
	fingerprint := sha256.Sum256(block.Bytes)
	keys := NewKeys(key(t, ES256, Owner{ID: "key-2026-01"}))
	for form, name := range map[string]string{
		"none": "", "certificate": base64.StdEncoding.EncodeToString(block.Bytes), "key id": "key-2026-01",
		"fingerprint": "sha256:" + hex.EncodeToString(fingerprint[:]), "issuer and serial": "CN=MyCA,O=Acme Corp/12345",
	} {
		event := v.event(t, ES256)
		event.Resource.PutStr(audit.AttrIntegrityCertificate, name)
		assert.Equal(t, Passed, verify(keys, "", event).Verdict, form)
	}
	for _, named := range keys.byAlgorithm[ES256][0].names {
		event := v.event(t, ES256)
		event.Resource.PutStr(audit.AttrIntegrityCertificate, named)
		assert.Equal(t, Passed, verify(keys, "", event).Verdict)
	}
	assert.Len(t, keys.byAlgorithm[ES256][0].names, 6)
}

func TestWhatCannotBeCheckedIsUnknown(t *testing.T) {
	v := vectors(t)[0]
	keys := NewKeys(key(t, EdDSA, Owner{ID: "k1", Tenant: "acme"}), key(t, RS256, Owner{ID: "k2"}))
	for name, tt := range map[string]struct {
		algorithm   Algorithm
		certificate string
		tenant      string
		want        Result
	}{
		"no key for the algorithm":  {ES256, "", "acme", unknown(audit.AttrIntegrityAlgorithm, "no key is configured for this algorithm")},
		"no such algorithm":         {"HMAC-SHA512", "", "acme", unknown(audit.AttrIntegrityAlgorithm, "no key is configured for this algorithm")},
		"no key of the name":        {EdDSA, "k3", "acme", unknown(audit.AttrIntegrityCertificate, "no key of this name is configured")},
		"key of another algorithm":  {EdDSA, "k2", "acme", unknown(audit.AttrIntegrityCertificate, "no key of this tenant is configured for it")},
		"key of another tenant":     {EdDSA, "k1", "globex", unknown(audit.AttrIntegrityCertificate, "no key of this tenant is configured for it")},
		"tenant with no key at all": {EdDSA, "", "", unknown(audit.AttrIntegrityCertificate, "no key of this tenant is configured for it")},
		"its own":                   {EdDSA, "k1", "acme", Result{}},
		"one for every tenant":      {RS256, "", "globex", Result{}},
	} {
		event := v.event(t, tt.algorithm)
		event.Record.Attributes().PutStr(audit.AttrIntegrityValue, v.Signatures[EdDSA])
		if tt.algorithm == RS256 {
			event.Record.Attributes().PutStr(audit.AttrIntegrityValue, v.Signatures[RS256])
		}
		event.Resource.PutStr(audit.AttrIntegrityCertificate, tt.certificate)
		assert.Equal(t, tt.want, verify(keys, tt.tenant, event), name)
	}
	assert.Equal(t, None, verify(keys, "", v.event(t, "")).Verdict)
	unnamed := v.event(t, EdDSA)
	unnamed.Resource.Remove(audit.AttrIntegrityAlgorithm)
	assert.Equal(t, Unknown, verify(keys, "", unnamed).Verdict)
}

func BenchmarkVerify(b *testing.B) {
	v := vectors(b)[0]
	for _, algorithm := range Algorithms() {
		b.Run(string(algorithm), func(b *testing.B) {
			keys, event := allKeys(b, Owner{}), v.event(b, algorithm)
			canonical := event.AppendCanonical(nil)
			b.ReportAllocs()
			b.SetBytes(int64(len(canonical)))
			for b.Loop() {
				if keys.Verify("", event, canonical).Verdict != Passed {
					b.Fatal(algorithm)
				}
			}
		})
	}
}

// FuzzVerify: whatever a sender writes, only the vector's own signature passes, and nothing panics. (An ES256 signature has a
// twin, with N-S for S, which no mutation hits and which proves the same.)
func FuzzVerify(f *testing.F) {
	v := vectors(f)[0]
	for algorithm, signature := range v.Signatures {
		f.Add(string(algorithm), "", signature)
		f.Add(string(algorithm), "k1", signature[1:])
	}
	f.Add("none", "sha256:00", "====")
	keys := allKeys(f, Owner{ID: "k1"})
	f.Fuzz(func(t *testing.T, algorithm, certificate, value string) {
		event := v.event(t, "")
		event.Resource.PutStr(audit.AttrIntegrityAlgorithm, algorithm)
		event.Resource.PutStr(audit.AttrIntegrityCertificate, certificate)
		event.Record.Attributes().PutStr(audit.AttrIntegrityValue, value)
		got := keys.Verify("", event, []byte(v.Canonical))
		switch {
		case value == "":
			assert.Equal(t, None, got.Verdict)
		case got.Verdict == Passed:
			assert.Equal(t, v.Signatures[Algorithm(algorithm)], value)
		default:
			assert.NotContains(t, got.Problem, "\n")
		}
	})
}
