package profile

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/otelaudit/otelaudit/internal/audit"
)

func TestTimesOfProducts(t *testing.T) {
	at := time.Date(2024, 1, 15, 10, 30, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		value any
		want  time.Time
	}{
		"RFC 3339":                      {"2024-01-15T10:30:00Z", at},
		"fractions":                     {"2024-01-15T10:30:00.123456789Z", at.Add(123456789)},
		"a short fraction":              {"2024-01-15T10:30:00.5Z", at.Add(5e8)},
		"more digits than ns":           {"2024-01-15T10:30:00.1234567891Z", at.Add(123456789)},
		"another zone":                  {"2024-01-15T12:00:00+01:30", at},
		"a zone without colon":          {"2024-01-15T12:00:00.25+0130", at.Add(25e7)},
		"as PostgreSQL prints it":       {"2024-01-15 10:30:00.123+00", at.Add(123e6)},
		"with a space before the zone":  {"2024-01-15 10:30:00 +0000", at},
		"seconds":                       {int64(1705314600), at},
		"milliseconds":                  {int64(1705314600123), at.Add(123e6)},
		"microseconds":                  {int64(1705314600123456), at.Add(123456e3)},
		"nanoseconds":                   {int64(1705314600123456789), at.Add(123456789)},
		"seconds as text":               {"1705314600", at},
		"seconds with a fraction":       {1705314600.25, at.Add(25e7)},
		"milliseconds with a fraction":  {1705314600123.5, at.Add(123500e3)},
		"milliseconds with one as text": {"1705314600123.5", at.Add(123500e3)},
	} {
		t.Run(name, func(t *testing.T) {
			got, ok := parseTime(pcommonValue(t, c.value))
			require.True(t, ok)
			assert.Equal(t, c.want, got.AsTime())
		})
	}
}

func TestTimesThatCannotBeTold(t *testing.T) {
	for name, value := range map[string]any{
		"no zone": "2024-01-15T10:30:00", "a date": "2024-01-15", "words": "yesterday", "empty": "", "a small number": 5,
		"before 1973": "1970-01-01T00:00:01Z", "before the epoch": -1705314600, "after 2262": "2262-04-11T23:47:17Z",
		"far after": "9999-01-01T00:00:00Z", "after 2262 in ms": 99999999999999.0, "not a number": math.NaN(),
		"infinite": math.Inf(1), "a truth value": true, "nothing": nil, "hexadecimal": "0x1p33", "as text": "NaN",
	} {
		t.Run(name, func(t *testing.T) {
			got, ok := parseTime(pcommonValue(t, value))
			assert.False(t, ok, got)
		})
	}
}

func TestValuesBecomeTheTypeOfTheAttribute(t *testing.T) {
	for name, c := range map[string]struct {
		value   any
		typ     audit.Type
		want    any
		problem string
	}{
		"an int as a name":          {int64(1952), audit.String, "1952", ""},
		"a whole double as a name":  {1952.0, audit.String, "1952", ""},
		"a fraction as a name":      {19.52, audit.String, nil, "must be a string, is a double that has a fraction or no finite value"},
		"too large a double":        {1e300, audit.String, nil, "must be a string, is a double that has a fraction or no finite value"},
		"a truth value as a name":   {true, audit.String, nil, "must be a string, is a bool"},
		"text as int":               {"12", audit.Int, int64(12), ""},
		"a whole double as int":     {12.0, audit.Int, int64(12), ""},
		"words as int":              {"x", audit.Int, nil, "must be a int, is a string that says something else"},
		"too large an int":          {"99999999999999999999", audit.Int, nil, "must be a int, is a string that says something else"},
		"an int as double":          {int64(3), audit.Double, 3.0, ""},
		"text as double":            {"3.5", audit.Double, 3.5, ""},
		"infinity":                  {math.Inf(1), audit.Double, nil, "must be a double, is a double that has a fraction or no finite value"},
		"infinity as text":          {"Inf", audit.Double, nil, "must be a double, is a string that says something else"},
		"text as bool":              {"false", audit.Bool, false, ""},
		"a number as bool":          {int64(1), audit.Bool, nil, "must be a bool, is a int"},
		"one as list":               {"a", audit.Strings, []any{"a"}, ""},
		"numbers as list":           {[]any{int64(1), "b"}, audit.Strings, []any{"1", "b"}, ""},
		"maps as list":              {[]any{map[string]any{}}, audit.Strings, nil, "must be a string[], is a list of other values"},
		"a list as map":             {[]any{"x"}, audit.Map, nil, "must be a map, is a list"},
		"a JSON object as map":      {`{"a":[1,2.5,null,true,"x"]}`, audit.Map, map[string]any{"a": []any{int64(1), 2.5, nil, true, "x"}}, ""},
		"a JSON list as map":        {`[]`, audit.Map, nil, notObject},
		"large numbers keep digits": {`{"a":18446744073709551616,"b":1e999,"c":-0.0,"d":9007199254740993}`, audit.Map, map[string]any{"a": "18446744073709551616", "b": "1e999", "c": math.Copysign(0, -1), "d": int64(9007199254740993)}, ""},
		"escapes":                   {`{"\u0061\n":"\ud83d\ude00\\\""}`, audit.Map, map[string]any{"a\n": "😀\\\""}, ""},
		"white space":               {" { \"a\" : { } , \"b\" : [ ] , \"c\" : [ 1 , 2 ] } \n", audit.Map, map[string]any{"a": map[string]any{}, "b": []any{}, "c": []any{int64(1), int64(2)}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			v, problem := convert(pcommonValue(t, c.value), attribute{name: "a", typ: c.typ})
			assert.Equal(t, c.problem, problem)
			if problem == "" {
				attrs := pcommon.NewMap()
				v.write(attrs)
				assert.Equal(t, map[string]any{"a": c.want}, attrs.AsRaw())
			}
		})
	}
}

func TestNamesInSnakeCase(t *testing.T) {
	for name, want := range map[string]string{
		"RBAC statement": "rbac_statement", "RbacStatement": "rbac_statement", "createAPIToken": "create_api_token",
		"createAPI": "create_api", "predictive-model-start": "predictive_model_start", "API": "api", "a.b/c": "a_b_c",
		"  x  y ": "x_y", "already_so": "already_so", "": "", "--": "", "Größe": "größe", "_x_": "x",
	} {
		assert.Equal(t, want, snake(name), name)
	}
}
