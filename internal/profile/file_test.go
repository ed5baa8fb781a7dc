package profile

import (
	"os"
	"path/filepath"
	"strconv"
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

const least = "\ndefault: {audit.outcome: success, audit.actor.id: x, audit.actor.type: user}\nfields: {timestamp: t}\n"

func TestASetHasRoomForSoManyKeys(t *testing.T) {
	var keys []string
	for i := range maxKeys + 1 {
		keys = append(keys, "k"+strconv.Itoa(i))
	}
	file := File{Name: "acme.yaml", Data: []byte("profile: acme\nevent: {from: a}\nrecognise: [{all: [" + strings.Join(keys, ", ") + "]}]" + least)}
	_, err := Builtin().With(file)
	assert.EqualError(t, err, "recognise: the profiles have more than 256 keys between them")
}

func TestAProfileHasRoomForSoManyCases(t *testing.T) {
	file := File{Name: "acme.yaml", Data: []byte("profile: acme\nevent: {from: a}\ncases: [" + strings.Repeat("{when: {a: b}},", maxAttributes+1) + "]" + least)}
	_, err := Builtin().With(file)
	assert.EqualError(t, err, "acme.yaml: line 3: cases: must be at most 64")
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

	own := plog.NewLogRecord()
	own.Body().SetStr(`{"what": "gate-slammed", "when": 1770396534059, "badge": 77}`)
	require.Nil(t, p.Apply(pcommon.NewMap(), own))
	assert.Equal(t, map[string]any{
		"audit.action": "UPDATE", "audit.outcome": "unknown", "audit.actor.id": "77", "audit.actor.type": "user", "audit.target.type": "gate",
	}, own.Attributes().AsRaw(), "a word for a verb of its own")

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
