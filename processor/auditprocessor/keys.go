package auditprocessor

import (
	"fmt"

	"github.com/otelaudit/otelaudit/internal/pseudonym"
)

// load reads the secrets. Errors name ids and paths, never a secret.
func (p *Pseudonyms) load() (*pseudonym.Keys, error) {
	secrets := make(map[string][]byte, len(p.Keys)+len(p.KeyFiles))
	for id, secret := range p.Keys {
		secrets[id] = []byte(secret)
	}
	for id, path := range p.KeyFiles {
		secret, err := pseudonym.ReadKeyFile(path)
		if err != nil {
			return nil, fmt.Errorf("pseudonyms.key_files.%s: %w", id, err)
		}
		secrets[id] = secret
	}
	keys, err := pseudonym.New(p.Active, secrets)
	if err != nil {
		return nil, fmt.Errorf("pseudonyms: %w", err)
	}
	return keys, nil
}
