package profile

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelaudit/otelaudit/internal/audit"
)

func TestEventsAreRecognisedByTheirKeys(t *testing.T) {
	for name, c := range map[string]struct{ body, want string }{
		"axiom":                        {`{"_time": 1, "action": "x", "source": "ui"}`, "axiom"},
		"axiom, flattened":             {`{"_time": 1, "action": "x", "resource.id": "r"}`, "axiom"},
		"observe":                      {` {"operation":"x" , "object_kind" : "y"}`, "observe"},
		"observe, logout":              {`{"operation":"logout","user_id":1,"source_ip":"::1"}`, "observe"},
		"observe, exported":            {`{"EXTRA":{"schema":"audit_log"},"FIELDS":{"operation":"x","object_kind":"y"}}`, "observe"},
		"xano":                         {`{"type":"x","created_at":1,"msg":"m","user":{}}`, "xano"},
		"datagrok":                     {`{"type":"x","session":{},"time":1}`, "datagrok"},
		"arize":                        {`{"node":{"loggedAt":"x","operationName":"y"}}`, "arize"},
		"white space before a colon":   {`{"_time"` + strings.Repeat(" \r\n\t", 9) + `: 1, "action": "x", "source": "ui"}`, "axiom"},
		"keys with escapes":            {`{"\u005ftime": 1, "\u0061ction": "x", "source": "ui"}`, "axiom"},
		"keys of an event inside":      {`{"a":{"_time": 1, "action": "x", "source": "ui"}}`, ""},
		"keys of an event in a list":   {`[{"_time": 1, "action": "x", "source": "ui"}]`, ""},
		"keys as values":               {`{"a":"_time","b":"action","c":"source"}`, ""},
		"keys in a text":               {`{"a":"\"_time\":1,\"action\":2,\"source\":3"}`, ""},
		"two products":                 {`{"_time":1,"action":"x","source":"ui","operation":"x","object_kind":"y"}`, ""},
		"an envelope of another":       {`{"node":{"operation":"x","object_kind":"y"}}`, ""},
		"an envelope that is a string": {`{"FIELDS":"operation object_kind"}`, ""},
		"nothing known":                {`{"message":"hello"}`, ""},
		"no JSON":                      {`hello {"_time": 1, "action": "x", "source": "ui"}`, ""},
		"empty":                        {``, ""},
		"an unfinished text":           {`{"_time": 1, "action`, ""},
		"an unfinished escape":         {`{"_time": 1, "action\`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			record := plog.NewLogRecord()
			record.Body().SetStr(c.body)
			assertRecognised(t, c.want, record)
			record.Body().SetEmptyBytes().FromRaw([]byte(c.body))
			assertRecognised(t, c.want, record)

			parsed := plog.NewLogRecord()
			if parseObject(c.body, parsed.Body().SetEmptyMap()) == "" {
				assertRecognised(t, c.want, parsed)
			}
		})
	}
}

func assertRecognised(t *testing.T, want string, record plog.LogRecord) {
	t.Helper()
	p := Builtin().Recognise(record)
	if want == "" {
		assert.Nil(t, p)
		return
	}
	require.NotNil(t, p)
	assert.Equal(t, want, p.Name())
}

func TestCanonicalEventsAreNotRecognised(t *testing.T) {
	record := plog.NewLogRecord()
	assert.Nil(t, Builtin().Recognise(record), "no body")
	record.Body().SetInt(1)
	assert.Nil(t, Builtin().Recognise(record), "a number")
	record.Body().SetStr(`{"_time": 1, "action": "x", "source": "ui"}`)
	record.Attributes().PutStr(audit.AttrAction, "READ")
	assert.Nil(t, Builtin().Recognise(record), "it says its action itself")
}

func TestTextIsRecognisedWithoutBeingRead(t *testing.T) {
	record := plog.NewLogRecord()
	record.Body().SetStr(`{"_time": 1, "action": "x", "source": ` + strings.Repeat("[", 1<<20))
	assert.NotNil(t, Builtin().Recognise(record))
}
