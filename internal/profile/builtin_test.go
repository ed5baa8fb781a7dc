package profile

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestBuiltinProfilesAreSound(t *testing.T) {
	assert.Equal(t, []string{"arize", "axiom", "datagrok", "observe", "xano"}, Builtin().Names())
}
