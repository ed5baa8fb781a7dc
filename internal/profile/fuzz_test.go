package profile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// Whatever the body is: no panic, a canonical event or an error, the record unchanged with the latter, and no content in it.
func FuzzApply(f *testing.F) {
	for _, product := range products {
		for _, g := range readGolden(f, product) {
			f.Add(string(marshal(f, g.In)))
		}
	}
	examples, err := filepath.Glob("testdata/observe/document/*.json")
	require.NoError(f, err)
	for _, file := range examples {
		text, err := os.ReadFile(file)
		require.NoError(f, err)
		f.Add(string(text))
		f.Add(strings.ReplaceAll(string(text), `\\`, `\`))
	}
	f.Fuzz(func(t *testing.T, text string) {
		asText := plog.NewLogRecord()
		asText.SetObservedTimestamp(1770396600000000000)
		asText.Body().SetStr(text)
		recognised := Builtin().Recognise(asText)
		for _, product := range products {
			p := builtinProfile(t, product)
			record, before := plog.NewLogRecord(), plog.NewLogRecord()
			asText.CopyTo(record)
			asText.CopyTo(before)
			textErr := p.Apply(pcommon.NewMap(), record)
			sound(t, text, before, record, textErr)

			asMap := plog.NewLogRecord()
			asMap.SetObservedTimestamp(1770396600000000000)
			if parseObject(text, asMap.Body().SetEmptyMap()) != "" {
				require.NotNil(t, textErr)
				continue
			}
			require.Equal(t, nameOf(recognised), nameOf(Builtin().Recognise(asMap)), "as a map it is recognised as it is as text")
			asMap.CopyTo(before)
			mapErr := p.Apply(pcommon.NewMap(), asMap)
			sound(t, text, before, asMap, mapErr)
			require.Equal(t, textErr, mapErr)
			if mapErr == nil {
				require.Equal(t, record, asMap)
			}
		}
	})
}

func nameOf(p *Profile) string {
	if p == nil {
		return ""
	}
	return p.Name()
}

// marker is content that no error may have.
const marker = "secret"

func sound(t *testing.T, text string, before, record plog.LogRecord, err *audit.FieldError) {
	t.Helper()
	if err == nil {
		require.Nil(t, audit.ValidateRecord(record), text)
		return
	}
	require.Equal(t, before, record, "unchanged")
	require.NotContains(t, err.Error(), marker)
	require.Less(t, len(err.Error()), 256)
}

// Whatever the file is: an error that names it, or a profile that makes canonical events of what it takes.
func FuzzProfileFile(f *testing.F) {
	entries, err := filepath.Glob("data/*.yaml")
	require.NoError(f, err)
	for _, path := range append(entries, "testdata/acme.yaml") {
		text, err := os.ReadFile(path)
		require.NoError(f, err)
		f.Add(string(text))
	}
	var cases []struct {
		Name, File, Error string
	}
	readYAML(f, filepath.Join("testdata", "invalid_profiles.yaml"), &cases)
	for _, c := range cases {
		f.Add(c.File)
	}
	var events []string
	for _, product := range products {
		events = append(events, string(marshal(f, readGolden(f, product)[0].In)))
	}
	events = append(events, `{"what": "door.opened", "when": 1770396534059, "badge": 77, "tookMs": 1500, "result": "denied", "floor": 3}`)
	f.Fuzz(func(t *testing.T, text string) {
		p, err := parse(File{Name: "acme.yaml", Data: []byte(text)})
		if err != nil {
			require.True(t, strings.HasPrefix(err.Error(), "acme.yaml: "), err)
			return
		}
		for _, event := range events {
			record, before := plog.NewLogRecord(), plog.NewLogRecord()
			record.SetObservedTimestamp(1770396600000000000)
			record.Body().SetStr(event)
			record.CopyTo(before)
			fieldErr := p.Apply(pcommon.NewMap(), record)
			if fieldErr == nil {
				require.Nil(t, audit.ValidateRecord(record))
			} else {
				require.Equal(t, before, record, "unchanged")
			}
		}
	})
}
