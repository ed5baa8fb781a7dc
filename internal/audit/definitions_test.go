package audit

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestEveryDefinitionIsFoundByItsNameAlone(t *testing.T) {
	for _, d := range Attributes() {
		got, ok := Lookup(d.Name)
		assert.True(t, ok)
		assert.Equal(t, d, got)
		for _, name := range []string{d.Name + "x", d.Name[1:], "x" + d.Name[1:], d.Name[:len(d.Name)-1]} {
			if _, defined := definitions[name]; !defined {
				_, ok = Lookup(name)
				assert.False(t, ok, name)
			}
		}
	}
	_, ok := Lookup("")
	assert.False(t, ok)
}
