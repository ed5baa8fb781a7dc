package profile

import (
	"math"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/otelaudit/otelaudit/internal/audit"
)

const badTime = "must be a time with a zone as RFC 3339 writes it, or s, ms, µs or ns since 1970, after March 1973 and before 2262-04-11T23:47:16Z"

// layouts are RFC 3339 and what databases make of it: a space before the time, a zone without colon or minutes. Fractions
// of any length may follow the seconds. A time without zone is refused: nobody can tell when it was.
var layouts = [...]string{"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05Z07"}

// parseTime reads a time of a product. Numbers are told apart by their size, which works for times between March 1973
// and the year 5138 in seconds and for as long in the other units: 1e8 to 1e11 are seconds, to 1e14 ms, to 1e17 µs, above ns.
func parseTime(v pcommon.Value) (pcommon.Timestamp, bool) {
	switch v.Type() {
	case pcommon.ValueTypeStr:
		return parseTimeText(v.Str())
	case pcommon.ValueTypeInt:
		return epochInt(v.Int())
	case pcommon.ValueTypeDouble:
		return epochDouble(v.Double())
	default:
		return 0, false
	}
}

func parseTimeText(s string) (pcommon.Timestamp, bool) {
	if i, err := strconv.ParseInt(s, 10, 64); err == nil {
		return epochInt(i)
	}
	if f, ok := parseDecimal(s); ok {
		return epochDouble(f)
	}
	if len(s) > 64 {
		return 0, false
	}
	if len(s) > 10 && s[10] == ' ' {
		s = s[:10] + "T" + strings.Replace(s[11:], " ", "", 1)
	}
	for _, layout := range layouts {
		if t, err := time.Parse(layout, s); err == nil {
			return timestamp(t)
		}
	}
	return 0, false
}

func timestamp(t time.Time) (pcommon.Timestamp, bool) {
	// UnixNano is undefined outside of 1678 to 2262, so that the seconds have to be looked at first.
	if s := t.Unix(); s < minEpoch || s >= int64(audit.MaxTimestamp)/int64(time.Second) {
		return 0, false
	}
	return pcommon.Timestamp(t.UnixNano()), true
}

// minEpoch is the least number that is taken for a time, in seconds: 1973-03-03T09:46:40Z.
const minEpoch = 1e8

func epochInt(n int64) (pcommon.Timestamp, bool) {
	switch {
	case n < minEpoch:
		return 0, false
	case n < 1e11:
		return inRange(n, 1e9)
	case n < 1e14:
		return inRange(n, 1e6)
	case n < 1e17:
		return inRange(n, 1e3)
	default:
		return pcommon.Timestamp(n), true
	}
}

func inRange(n, unit int64) (pcommon.Timestamp, bool) {
	if n > int64(audit.MaxTimestamp)/unit {
		return 0, false
	}
	return pcommon.Timestamp(n * unit), true
}

func epochDouble(f float64) (pcommon.Timestamp, bool) {
	if math.IsNaN(f) || f < minEpoch || f >= float64(audit.MaxTimestamp) {
		return 0, false
	}
	unit := int64(1)
	switch {
	case f < 1e11:
		unit = 1e9
	case f < 1e14:
		unit = 1e6
	case f < 1e17:
		unit = 1e3
	}
	whole, fraction := math.Modf(f)
	t, ok := inRange(int64(whole), unit)
	if !ok {
		return 0, false
	}
	// The fraction apart, so that the product does not lose what the number had.
	if t += pcommon.Timestamp(math.Round(fraction * float64(unit))); t > audit.MaxTimestamp {
		return 0, false
	}
	return t, true
}
