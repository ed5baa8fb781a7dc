package profile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelaudit/otelaudit/internal/audit"
)

func TestBadFilesAreRefused(t *testing.T) {
	var cases []struct {
		Name  string `yaml:"name"`
		File  string `yaml:"file"`
		Error string `yaml:"error"`
	}
	readYAML(t, filepath.Join("testdata", "invalid_profiles.yaml"), &cases)
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			_, err := Builtin().With(File{Name: "acme.yaml", Data: []byte(c.File)})
			assert.EqualError(t, err, c.Error)
		})
	}
}

func TestAFileIsBounded(t *testing.T) {
	_, err := Builtin().With(File{Name: "acme.yaml", Data: []byte("# " + strings.Repeat("x", maxFile))})
	assert.EqualError(t, err, "acme.yaml: has more than 1048576 bytes")

	var b strings.Builder
	b.WriteString("profile: acme\nevent: {from: [a")
	for range 600 {
		b.WriteString(", a" + strings.Repeat("a", b.Len()%97) + string(rune('a'+b.Len()%26)) + strings.Repeat("b", b.Len()%89))
	}
	b.WriteString("]}")
	_, err = Builtin().With(File{Name: "acme.yaml", Data: []byte(b.String())})
	assert.EqualError(t, err, "acme.yaml: line 2: event.from: must name at most 512 places")
}

func TestAUsersProfile(t *testing.T) {
	path := filepath.Join("testdata", "acme.yaml")
	files, err := ReadFiles(path)
	require.NoError(t, err)
	set, err := Builtin().With(files...)
	require.NoError(t, err)
	assert.Equal(t, []string{"acme", "arize", "axiom", "datagrok", "observe", "xano"}, set.Names())

	record := plog.NewLogRecord()
	record.Body().SetStr(`{"what": "door.opened", "when": 1770396534059, "badge": 77, "tookMs": 1500, "result": "denied", "floor": 3}`)
	p := set.Recognise(record)
	require.NotNil(t, p)
	require.Nil(t, p.Apply(pcommon.NewMap(), record))
	assert.Equal(t, map[string]any{
		"audit.action": "READ", "audit.outcome": "failure", "audit.actor.id": "77", "audit.actor.type": "user",
		"audit.target.type": "door", "audit.duration": 1.5, "audit.details": map[string]any{"floor": int64(3)},
	}, record.Attributes().AsRaw())
	assert.Nil(t, audit.ValidateRecord(record))

	_, known := Builtin().Select("acme")
	assert.False(t, known, "the set it was made from is as it was")
}

func TestAProfileOfABuiltinNameTakesItsPlace(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("testdata", "acme.yaml"))
	require.NoError(t, err)
	mine := File{Name: "axiom.yaml", Data: []byte(strings.Replace(string(text), "profile: acme", "profile: axiom", 1))}
	set, err := Builtin().With(mine)
	require.NoError(t, err)
	assert.Equal(t, Builtin().Names(), set.Names())
	old, _ := Builtin().Select("axiom")
	p, _ := set.Select("axiom")
	assert.NotSame(t, old, p)

	_, err = Builtin().With(mine, File{Name: "other.yaml", Data: mine.Data})
	assert.EqualError(t, err, `other.yaml: profile: "axiom" is also the profile of axiom.yaml`)
}

func TestAFileThatIsNotThere(t *testing.T) {
	_, err := ReadFiles(filepath.Join(t.TempDir(), "none.yaml"))
	assert.ErrorIs(t, err, os.ErrNotExist)
}
