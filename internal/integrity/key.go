package integrity

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // only as a name of a key, never as a proof
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
)

// Key is a key that an operator trusts, for one algorithm.
type Key struct {
	algorithm Algorithm
	tenant    string
	verifier  verifier
	names     []string // what audit.integrity.certificate may say to mean this key
}

// Owner says whose key it is and what it is called.
type Owner struct {
	ID     string // an opaque name agreed with the producer; may be empty
	Tenant string // whose records it may sign; empty for those of every tenant
}

// NewPublicKey reads a key in PEM: a public key (PKIX, "PUBLIC KEY") or a certificate, of which only the key counts: its
// dates and its issuer are not checked, because the operator has named the key itself. The error quotes nothing of the text.
func NewPublicKey(algorithm Algorithm, owner Owner, text []byte) (*Key, error) {
	block, rest := pem.Decode(text)
	if block == nil || len(bytes.TrimSpace(rest)) > 0 {
		return nil, errors.New("must hold one PEM block and nothing else")
	}
	key := &Key{algorithm: algorithm, tenant: owner.Tenant}
	if owner.ID != "" {
		key.names = append(key.names, owner.ID)
	}
	var public any
	var err error
	switch block.Type {
	case "PUBLIC KEY":
		public, err = x509.ParsePKIXPublicKey(block.Bytes)
		if err == nil {
			key.names = append(key.names, subjectKeyID(block.Bytes)...)
		}
	case "CERTIFICATE":
		var cert *x509.Certificate
		if cert, err = x509.ParseCertificate(block.Bytes); err == nil {
			public = cert.PublicKey
			key.names = append(key.names, certificateNames(cert)...)
		}
	default:
		return nil, errors.New("must be a PUBLIC KEY or a CERTIFICATE in PEM")
	}
	if err != nil {
		return nil, fmt.Errorf("is no sound %s", block.Type)
	}
	key.verifier, err = newVerifier(algorithm, public)
	if err != nil {
		return nil, err
	}
	return key, nil
}

// NewSecret makes a key for HMAC-SHA256. What looks like a PEM block is refused, so that a public key, which everybody
// knows, can never serve as a secret.
func NewSecret(owner Owner, secret []byte) (*Key, error) {
	if bytes.Contains(secret, []byte("-----BEGIN")) {
		return nil, errors.New("must be a secret, is PEM")
	}
	if len(secret) < MinSecretBytes {
		return nil, fmt.Errorf("must have at least %d bytes, has %d", MinSecretBytes, len(secret))
	}
	key := &Key{algorithm: HMACSHA256, tenant: owner.Tenant, verifier: secretKey(bytes.Clone(secret))}
	if owner.ID != "" {
		key.names = append(key.names, owner.ID)
	}
	return key, nil
}

// certificateNames are the forms in which the draft refers to a certificate (data model, "audit.integrity.certificate").
func certificateNames(cert *x509.Certificate) []string {
	sum256, sum1 := sha256.Sum256(cert.Raw), sha1.Sum(cert.Raw) //nolint:gosec // the draft has it, and it only picks among trusted keys
	names := []string{
		base64.StdEncoding.EncodeToString(cert.Raw),
		"sha256:" + hex.EncodeToString(sum256[:]),
		"sha1:" + hex.EncodeToString(sum1[:]),
		cert.Issuer.String() + "/" + cert.SerialNumber.String(),
	}
	if len(cert.SubjectKeyId) > 0 {
		return append(names, hex.EncodeToString(cert.SubjectKeyId))
	}
	return append(names, subjectKeyID(cert.RawSubjectPublicKeyInfo)...)
}

// subjectKeyID names a key after RFC 5280, section 4.2.1.2, method 1: the SHA-1 of its bits.
func subjectKeyID(spki []byte) []string {
	var info struct {
		Algorithm asn1.RawValue
		Key       asn1.BitString
	}
	if _, err := asn1.Unmarshal(spki, &info); err != nil {
		return nil
	}
	sum := sha1.Sum(info.Key.Bytes) //nolint:gosec // as RFC 5280 has it, and it only picks among trusted keys
	return []string{hex.EncodeToString(sum[:])}
}
