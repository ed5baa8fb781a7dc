package pseudonym

import (
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"maps"
	"slices"
	"sync"
)

// MinKeyBytes is the length a key must have: that of the hash's output, as RFC 2104 section 3 asks.
const MinKeyBytes = sha256.Size

// maxIDBytes bounds the part of a key's id in every pseudonym that is stored.
const maxIDBytes = 32

// Keys makes pseudonyms under one active key and finds those that were made under the others. It is immutable and safe for
// concurrent use.
type Keys struct {
	active *key
	all    []*key // active first, then by id
}

// key is one secret. The secret itself is held by the closure of the pool only.
type key struct {
	prefix string // "h1:<id>:"
	states sync.Pool
}

// state is what one computation needs, kept so that it allocates nothing.
type state struct {
	mac hash.Hash
	in  []byte
	sum [sha256.Size]byte
}

// maxPooledInput keeps a rare large record from staying in memory for good.
const maxPooledInput = 64 << 10

// New makes Keys of secrets by key id. Pseudonyms are made under the id named active; the other keys are those it replaced.
// Errors name ids, never a secret.
func New(active string, secrets map[string][]byte) (*Keys, error) {
	if _, ok := secrets[active]; !ok {
		return nil, fmt.Errorf("no key has the id %q of the active one", active)
	}
	k := &Keys{}
	for _, id := range slices.Sorted(maps.Keys(secrets)) {
		if err := CheckID(id); err != nil {
			return nil, err
		}
		if err := CheckSecret(secrets[id]); err != nil {
			return nil, fmt.Errorf("key %q: %w", id, err)
		}
		one := newKey(id, secrets[id])
		if id == active {
			k.active = one
			k.all = slices.Insert(k.all, 0, one)
			continue
		}
		k.all = append(k.all, one)
	}
	return k, nil
}

func newKey(id string, secret []byte) *key {
	secret = slices.Clone(secret)
	k := &key{prefix: "h1:" + id + ":"}
	k.states.New = func() any {
		s := &state{mac: hmac.New(sha256.New, secret), in: make([]byte, 0, 256)}
		s.mac.Reset() // makes crypto/hmac keep the state after the key, so that later uses start from it
		return s
	}
	return k
}

// CheckID reports what is wrong with a key's id, nil where nothing is: 1 to 32 of A-Z, a-z, 0-9 and _. The id is part of
// every pseudonym, which has no other characters but the colon, so that it is one word wherever it is put.
func CheckID(id string) error {
	for i := range len(id) {
		c := id[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' {
			return errKeyID
		}
	}
	if id == "" || len(id) > maxIDBytes {
		return errKeyID
	}
	return nil
}

var errKeyID = errors.New("a key id must be 1 to 32 of A-Z, a-z, 0-9 and _")

// CheckSecret reports what is wrong with a secret, nil where nothing is. It does not say how the secret reads.
func CheckSecret(secret []byte) error {
	if len(secret) < MinKeyBytes {
		return fmt.Errorf("must be at least %d bytes long, is %d", MinKeyBytes, len(secret))
	}
	return nil
}

// Format writes the same harmless text for every verb, so that no log line or error can carry a key.
func (k *Keys) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("[pseudonym keys]")) }
