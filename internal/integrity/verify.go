package integrity

import (
	"encoding/base64"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// Verdict is what can be said of the signature of a record.
type Verdict uint8

// Verdicts, the worst last.
const (
	Passed  Verdict = iota // It fits.
	None                   // There is none.
	Unknown                // It cannot be checked: no key or algorithm for it is known here.
	Failed                 // It does not fit, or is none at all.
)

// Result is a verdict and, where it is Unknown or Failed, why: a fixed text that follows on the name of Field.
type Result struct {
	Verdict Verdict
	Field   string
	Problem string
}

// Keys are all keys that are trusted.
type Keys struct {
	byName      map[string][]*Key
	byAlgorithm map[Algorithm][]*Key
}

// NewKeys makes the set of some keys.
func NewKeys(keys ...*Key) *Keys {
	set := &Keys{byName: map[string][]*Key{}, byAlgorithm: map[Algorithm][]*Key{}}
	for _, key := range keys {
		set.byAlgorithm[key.algorithm] = append(set.byAlgorithm[key.algorithm], key)
		for _, name := range key.names {
			set.byName[name] = append(set.byName[name], key)
		}
	}
	return set
}

// MaxTrials is how many keys one signature is held against where it does not say by which it was made. It bounds what a
// wrong signature costs.
const MaxTrials = 8

// Verify checks the signature of a record of a tenant against its canonical form ([audit.Event.AppendCanonical]). The
// algorithm that the producer names only picks among the keys that are configured for it: it never says how a key is used.
func (k *Keys) Verify(tenant string, event audit.Event, canonical []byte) Result {
	value := event.Str(audit.AttrIntegrityValue)
	if value == "" {
		return Result{Verdict: None, Field: audit.AttrIntegrityValue, Problem: "required"}
	}
	algorithm := Algorithm(text(event.Resource, audit.AttrIntegrityAlgorithm))
	keys, known := k.byAlgorithm[algorithm]
	if !known {
		return unknown(audit.AttrIntegrityAlgorithm, "no key is configured for this algorithm")
	}
	if name := text(event.Resource, audit.AttrIntegrityCertificate); name != "" {
		if keys = k.byName[name]; len(keys) == 0 {
			return unknown(audit.AttrIntegrityCertificate, "no key of this name is configured")
		}
	}
	return try(keys, algorithm, tenant, value, canonical)
}

// try holds a signature against the keys of an algorithm that a tenant may use.
func try(keys []*Key, algorithm Algorithm, tenant, value string, canonical []byte) Result {
	signature, sound := decode(value)
	problem := ""
	trials := 0
	for _, key := range keys {
		if key.algorithm != algorithm || key.tenant != "" && key.tenant != tenant {
			continue
		}
		if trials++; trials > MaxTrials {
			return unknown(audit.AttrIntegrityCertificate, "required, because too many keys are configured to try each")
		}
		switch {
		case !sound:
			return failed("must be base64 with padding and without line breaks (RFC 4648, section 4)")
		case len(signature) != key.verifier.size():
			problem = sizes[algorithm]
		case key.verifier.fits(canonical, signature):
			return Result{Verdict: Passed}
		default:
			problem = "does not fit the record"
		}
	}
	if trials == 0 {
		return unknown(audit.AttrIntegrityCertificate, "no key of this tenant is configured for it")
	}
	return failed(problem)
}

// sizes say what is wrong with a signature of another length.
var sizes = map[Algorithm]string{
	EdDSA:      "must have 64 bytes for EdDSA",
	ES256:      "must have 64 bytes for ES256: R and S (RFC 7518, section 3.4), not their ASN.1 form",
	RS256:      "must be as long as the modulus of the key for RS256",
	HMACSHA256: "must have 32 bytes for HMAC-SHA256",
}

func unknown(field, problem string) Result {
	return Result{Verdict: Unknown, Field: field, Problem: problem}
}

func failed(problem string) Result {
	return Result{Verdict: Failed, Field: audit.AttrIntegrityValue, Problem: problem}
}

// decode reads base64 as strictly as it can be: there is one way to write a signature.
func decode(value string) ([]byte, bool) {
	if len(value) > maxSignature || strings.ContainsAny(value, "\r\n") { // which the decoder would skip
		return nil, false
	}
	signature, err := base64.StdEncoding.Strict().DecodeString(value)
	return signature, err == nil
}

// maxSignature is longer than the signature of any key in use: RSA with 16,384 bits takes 2,732 characters.
const maxSignature = 4096

func text(attrs pcommon.Map, name string) string {
	if v, ok := attrs.Get(name); ok && v.Type() == pcommon.ValueTypeStr {
		return v.Str()
	}
	return ""
}
