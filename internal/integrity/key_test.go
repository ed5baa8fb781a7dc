package integrity

import (
	"encoding/pem"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/otelaudit/otelaudit/internal/audit"
)

func TestKeysThatDoNotFitTheirAlgorithmAreRefused(t *testing.T) {
	for name, tt := range map[string]struct {
		algorithm Algorithm
		file      string
		want      string
	}{
		"RSA as EdDSA":     {EdDSA, "rsa.pem", "EdDSA needs an Ed25519 public key"},
		"Ed25519 as ES256": {ES256, "ed25519.pem", "ES256 needs an ECDSA public key on P-256"},
		"P-384":            {ES256, "p384.pem", "ES256 needs an ECDSA public key on P-256"},
		"P-256 as RS256":   {RS256, "p256.pem", "RS256 needs an RSA public key"},
		"RSA of 1024 bits": {RS256, "rsa1024.pem", "RS256 needs an RSA key of at least 2048 bits, has 1024"},
		"public as secret": {HMACSHA256, "rsa.pem", "a public key cannot be used with this algorithm"},
		"not PEM":          {EdDSA, "hmac.key", "must hold one PEM block and nothing else"},
	} {
		_, err := NewPublicKey(tt.algorithm, Owner{}, file(t, tt.file))
		assert.EqualError(t, err, tt.want, name)
	}
	two := append(file(t, "rsa.pem"), file(t, "ed25519.pem")...)
	_, err := NewPublicKey(RS256, Owner{}, two)
	assert.ErrorContains(t, err, "must hold one PEM block and nothing else")
	for _, blockType := range []string{"PUBLIC KEY", "CERTIFICATE", "EC PRIVATE KEY"} {
		_, err = NewPublicKey(RS256, Owner{}, pem.EncodeToMemory(&pem.Block{Type: blockType, Bytes: []byte("x")}))
		assert.Error(t, err)
	}
	_, err = NewSecret(Owner{}, make([]byte, 31))
	assert.EqualError(t, err, "must have at least 32 bytes, has 31")
}

func TestASignatureIsNotHeldAgainstKeysWithoutEnd(t *testing.T) {
	v := vectors(t)[0]
	var keys []*Key
	for range MaxTrials {
		keys = append(keys, key(t, EdDSA, Owner{}))
	}
	wrong := v.event(t, EdDSA)
	wrong.Record.SetEventName("other")
	assert.Equal(t, Failed, verify(NewKeys(keys...), "", wrong).Verdict)
	keys = append(keys, key(t, EdDSA, Owner{ID: "last"}))
	assert.Equal(t, unknown(audit.AttrIntegrityCertificate, "required, because too many keys are configured to try each"), verify(NewKeys(keys...), "", wrong))
	wrong.Resource.PutStr(audit.AttrIntegrityCertificate, "last")
	assert.Equal(t, Failed, verify(NewKeys(keys...), "", wrong).Verdict)
}

// FuzzKeys: no text in a key file ends the process.
func FuzzKeys(f *testing.F) {
	for _, name := range []string{"ed25519.pem", "p256.pem", "rsa.pem", "p384.pem", "hmac.key"} {
		f.Add(file(f, name))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, algorithm := range Algorithms() {
			if key, err := NewPublicKey(algorithm, Owner{}, text); err == nil {
				assert.Positive(t, key.verifier.size())
			}
		}
		if _, err := NewSecret(Owner{}, text); err == nil {
			assert.GreaterOrEqual(t, len(text), MinSecretBytes)
		}
	})
}
