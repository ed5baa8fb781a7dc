package auditreceiver

import (
	"bytes"
	"fmt"
	"os"
	"sync"

	"github.com/otelaudit/otelaudit/internal/integrity"
)

// Values of verify_status in a receipt (OTEP 0267, audit collector, "Single-Record Response Fields").
const (
	verifyPassed   = "passed"
	verifyFailed   = "failed"
	verifyDeferred = "deferred" // there is no signature, or nobody here can check it
)

// requirements are what integrity.require asks of records.
type requirements struct{ signature, key bool }

func newRequirements(require string) requirements {
	return requirements{signature: require == requireSigned, key: require != requireNone}
}

// refuse says whether a record is refused for the verdict on its signature, and why.
func (r requirements) refuse(verdict integrity.Verdict) (recordReason, bool) {
	switch verdict {
	case integrity.Failed:
		return reasonSignature, true
	case integrity.Unknown:
		return reasonUnverified, r.key
	case integrity.None:
		return reasonUnverified, r.signature
	default:
		return 0, false
	}
}

// loadKeys reads the keys of the configuration. Errors name the key's place in it and quote nothing of a file.
func loadKeys(cfg *IntegrityConfig) (*integrity.Keys, error) {
	var keys []*integrity.Key
	for i := range cfg.Keys {
		key, err := cfg.Keys[i].load()
		if err != nil {
			return nil, fmt.Errorf("integrity.keys[%d].%w", i, err)
		}
		keys = append(keys, key)
	}
	return integrity.NewKeys(keys...), nil
}

func (cfg *KeyConfig) load() (*integrity.Key, error) {
	owner := integrity.Owner{ID: cfg.ID, Tenant: cfg.Tenant}
	text := []byte(cfg.Secret)
	if cfg.File != "" {
		var err error
		if text, err = os.ReadFile(cfg.File); err != nil {
			return nil, fmt.Errorf("file: %w", err)
		}
	}
	algorithm := integrity.Algorithm(cfg.Algorithm)
	if !algorithm.Symmetric() {
		key, err := integrity.NewPublicKey(algorithm, owner, text)
		if err != nil {
			return nil, fmt.Errorf("file is %q: %w", cfg.File, err)
		}
		return key, nil
	}
	if cfg.File != "" {
		text = bytes.TrimSuffix(bytes.TrimSuffix(text, []byte("\n")), []byte("\r"))
	}
	key, err := integrity.NewSecret(owner, text)
	if err != nil {
		return nil, fmt.Errorf("file is %q: %w", cfg.File, err)
	}
	return key, nil
}

// receipt is what the sender of a good record learns, but for its state.
func (p *proof) receipt(id string) recordReceipt {
	out := recordReceipt{id: id, hashed: p.hashed, hash: p.hash, verify: verifyDeferred, warning: p.warning}
	if p.verdict == integrity.Passed {
		out.verify = verifyPassed
	}
	return out
}

// canonicals holds buffers for the canonical form of records.
var canonicals = sync.Pool{New: func() any { b := make([]byte, 0, 2048); return &b }}

// maxPooledCanonical keeps one large record from holding its memory for the small ones that follow.
const maxPooledCanonical = 64 << 10

func giveBackCanonical(buffer *[]byte) {
	if cap(*buffer) <= maxPooledCanonical {
		canonicals.Put(buffer)
	}
}

// warnings counts the records of a request that are not where they should be in their stream.
type warnings map[integrity.Warning]int

func (w *warnings) add(warning integrity.Warning) {
	if warning == integrity.WarningNone {
		return
	}
	if *w == nil {
		*w = warnings{}
	}
	(*w)[warning]++
}
