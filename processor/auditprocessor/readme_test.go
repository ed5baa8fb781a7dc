package auditprocessor

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelaudit/otelaudit/internal/redact"
)

func TestTheReadmeNamesEveryActionReasonAndOption(t *testing.T) {
	text, err := os.ReadFile("README.md")
	require.NoError(t, err)
	for a := redact.Keep; a <= redact.Drop; a++ {
		assert.Contains(t, string(text), "| `"+a.String()+"` |")
	}
	for r := redact.Clean + 1; r <= redact.TooLarge; r++ {
		assert.Contains(t, string(text), "`"+r.Code()+"`")
	}
	for _, option := range []string{
		"pseudonyms.active", "pseudonyms.keys", "pseudonyms.key_files", "directory.file.path", "directory.file.reload_interval", "directory.file.max_bytes", "attributes", "policy.name",
	} {
		assert.Contains(t, string(text), "| `"+option+"`")
	}
}
