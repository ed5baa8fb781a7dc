package pseudonym

import (
	"encoding/base32"
	"encoding/hex"
)

// Labels that HMAC covers before the value. Each ends with a NUL that none contains otherwise, so no label is the beginning of
// another.
const (
	labelValue       = "otelaudit/value\x00"
	labelRecord      = "otelaudit/record\x00"
	labelFingerprint = "otelaudit/fingerprint/" // + Purpose + NUL
)

// Purpose keeps fingerprints of different sorts of text apart.
type Purpose string

// Purposes of fingerprints.
const (
	Query  Purpose = "query"  // audit.query.fingerprint
	Prompt Purpose = "prompt" // audit.ai.prompt.fingerprint
	Stack  Purpose = "stack"  // audit.error.fingerprint
)

const (
	truncated        = 16 // bytes of the MAC in pseudonyms and record hashes: 128 bits
	fingerprintBytes = 8  // bytes of the MAC in fingerprints: 16 hex digits
)

var encoding = base32.StdEncoding.WithPadding(base32.NoPadding)

// Value gives the pseudonym of a value under the active key: "h1:<key id>:<26 characters>".
func (k *Keys) Value(kind Kind, value string) string {
	var buf [96]byte
	return string(k.AppendValue(buf[:0], kind, value))
}

// AppendValue appends the pseudonym of a value to dst and allocates nothing where dst has room.
func (k *Keys) AppendValue(dst []byte, kind Kind, value string) []byte {
	return k.active.appendValue(dst, kind, value)
}

// Search gives the pseudonyms of a value under every key, the active one first: what to look for in events that were stored
// before and after a change of keys.
func (k *Keys) Search(kind Kind, value string) []string {
	out := make([]string, 0, len(k.all))
	for _, one := range k.all {
		out = append(out, string(one.appendValue(nil, kind, value)))
	}
	return out
}

// Fingerprint gives 16 hex digits that are the same for the same text and purpose under the active key.
func (k *Keys) Fingerprint(purpose Purpose, text string) string {
	s := k.active.get()
	s.in = append(append(append(s.in, labelFingerprint...), purpose...), 0)
	s.in = append(s.in, text...)
	var buf [2 * fingerprintBytes]byte
	hex.Encode(buf[:], s.digest()[:fingerprintBytes])
	k.active.put(s)
	return string(buf[:])
}

// RecordHash gives the hash of a record's canonical form under the active key, written like a pseudonym.
func (k *Keys) RecordHash(canonical []byte) string {
	s := k.active.get()
	s.mac.Reset()
	s.in = append(s.in, labelRecord...)
	_, _ = s.mac.Write(s.in) // a hash never returns an error
	_, _ = s.mac.Write(canonical)
	var buf [96]byte
	out := append(buf[:0], k.active.prefix...)
	out = encoding.AppendEncode(out, s.mac.Sum(s.sum[:0])[:truncated])
	k.active.put(s)
	return string(out)
}

func (k *key) appendValue(dst []byte, kind Kind, value string) []byte {
	s := k.get()
	s.in = appendNormal(append(s.in, labelValue...), kind, value)
	dst = append(dst, k.prefix...)
	dst = encoding.AppendEncode(dst, s.digest()[:truncated])
	k.put(s)
	return dst
}

// digest gives the MAC of what was put into s.in.
func (s *state) digest() []byte {
	s.mac.Reset()
	_, _ = s.mac.Write(s.in) // a hash never returns an error
	return s.mac.Sum(s.sum[:0])
}

func (k *key) get() *state {
	s := k.states.Get().(*state)
	s.in = s.in[:0]
	return s
}

// put gives a state back without the value it has just seen.
func (k *key) put(s *state) {
	if cap(s.in) > maxPooledInput {
		return
	}
	clear(s.in)
	k.states.Put(s)
}
