package pseudonym

import (
	"bytes"
	"fmt"
	"io"
	"os"
)

// maxKeyFileBytes bounds what is read of a key file.
const maxKeyFileBytes = 4 << 10

// ReadKeyFile reads a secret: the bytes of the file without one line break at the end. Errors name the path, never the content.
func ReadKeyFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // only read
	secret, err := io.ReadAll(io.LimitReader(f, maxKeyFileBytes+1))
	if err != nil {
		return nil, err
	}
	if len(secret) > maxKeyFileBytes {
		return nil, fmt.Errorf("%s: longer than %d bytes, which no key needs", path, maxKeyFileBytes)
	}
	secret = bytes.TrimSuffix(secret, []byte("\n"))
	secret = bytes.TrimSuffix(secret, []byte("\r"))
	if err := CheckSecret(secret); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return secret, nil
}
