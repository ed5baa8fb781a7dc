package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
)

// Identity names one version of a policy.
type Identity struct {
	Name    string
	Version int
	Hash    string // of the content, 64 hex digits: comments, spacing and the order of keys do not count
}

// String is the value of audit.redaction.policy, such as acme@7+3f2a9c1d0b7e: name, version and the beginning of the hash.
func (id Identity) String() string {
	return id.Name + "@" + strconv.Itoa(id.Version) + "+" + id.Hash[:12]
}

// identify gives the identity of a document. also is what else decides of what is stored: the same rules beside other ones are
// another policy.
func (d *Document) identify(also string) Identity {
	h := sha256.New()
	// A document is texts, numbers and lists of them, which can always be written, and the fields come in the order of their
	// declaration.
	_ = json.NewEncoder(h).Encode(d)
	h.Write([]byte(also))
	return Identity{Name: d.Name, Version: d.Version, Hash: hex.EncodeToString(h.Sum(nil))}
}
