package integrity

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/big"
)

// Algorithm is a way to sign, by the name that stands in audit.integrity.algorithm.
type Algorithm string

// Algorithms that are checked: three of RFC 7518 and RFC 8037 by their JWA names, and one MAC by the name the draft gives it.
const (
	EdDSA      Algorithm = "EdDSA"       // Ed25519; 64 bytes (RFC 8032)
	ES256      Algorithm = "ES256"       // ECDSA with P-256 and SHA-256; R and S, 64 bytes (RFC 7518, section 3.4)
	RS256      Algorithm = "RS256"       // RSASSA-PKCS1-v1_5 with SHA-256; as long as the modulus
	HMACSHA256 Algorithm = "HMAC-SHA256" // 32 bytes
)

// Algorithms lists them in the order of documents.
func Algorithms() []Algorithm { return []Algorithm{EdDSA, ES256, RS256, HMACSHA256} }

// Symmetric reports whether whoever can check can also sign.
func (a Algorithm) Symmetric() bool { return a == HMACSHA256 }

// Bounds of key material.
const (
	minRSABits     = 2048 // RFC 7518, section 3.3
	MinSecretBytes = 32   // RFC 7518, section 3.2: at least as long as the hash
)

// verifier checks signatures by one key. Each kind of key has exactly one algorithm, so that no signature can choose another
// way to use it.
type verifier interface {
	// size is how many bytes a signature has.
	size() int
	fits(message, signature []byte) bool
}

type ed25519Key ed25519.PublicKey

func (ed25519Key) size() int { return ed25519.SignatureSize }

func (k ed25519Key) fits(message, signature []byte) bool {
	return ed25519.Verify(ed25519.PublicKey(k), message, signature)
}

type p256Key struct{ *ecdsa.PublicKey }

func (p256Key) size() int { return 64 }

func (k p256Key) fits(message, signature []byte) bool {
	digest := sha256.Sum256(message)
	r, s := new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])
	return ecdsa.Verify(k.PublicKey, digest[:], r, s)
}

type rsaKey struct{ *rsa.PublicKey }

func (k rsaKey) size() int { return k.Size() }

func (k rsaKey) fits(message, signature []byte) bool {
	digest := sha256.Sum256(message)
	return rsa.VerifyPKCS1v15(k.PublicKey, crypto.SHA256, digest[:], signature) == nil
}

type secretKey []byte

func (secretKey) size() int { return sha256.Size }

func (k secretKey) sum(message []byte) []byte {
	mac := hmac.New(sha256.New, k)
	mac.Write(message)
	return mac.Sum(nil)
}

func (k secretKey) fits(message, signature []byte) bool { return hmac.Equal(k.sum(message), signature) }

// newVerifier gives the verifier of a public key, an error where the key is of another kind than the algorithm needs.
func newVerifier(algorithm Algorithm, public any) (verifier, error) {
	switch algorithm {
	case EdDSA:
		if key, ok := public.(ed25519.PublicKey); ok {
			return ed25519Key(key), nil
		}
		return nil, errors.New("EdDSA needs an Ed25519 public key")
	case ES256:
		if key, ok := public.(*ecdsa.PublicKey); ok && key.Curve == elliptic.P256() {
			return p256Key{key}, nil
		}
		return nil, errors.New("ES256 needs an ECDSA public key on P-256")
	case RS256:
		key, ok := public.(*rsa.PublicKey)
		if !ok {
			return nil, errors.New("RS256 needs an RSA public key")
		}
		if bits := key.N.BitLen(); bits < minRSABits {
			return nil, fmt.Errorf("RS256 needs an RSA key of at least %d bits, has %d", minRSABits, bits)
		}
		return rsaKey{key}, nil
	default:
		return nil, errors.New("a public key cannot be used with this algorithm")
	}
}
