package macro

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// TestExpand holds the expansions against the examples of the data source's documentation.
func TestExpand(t *testing.T) {
	g := Grafana{
		From: time.Unix(1415792726, 0), To: time.Unix(1447328726, 0), Interval: 20 * time.Second,
		Variables: map[string][]string{"tenant": {"a", "b'c"}},
	}
	for sql, want := range map[string]string{
		"$__timeFilter(hour)":        "hour >= toDateTime(1415792726) AND hour <= toDateTime(1447328726)",
		"$__timeInterval(hour)":      "toStartOfInterval(toDateTime(hour), INTERVAL 20 second)",
		"f(from = $__fromTime)":      "f(from = toDateTime(1415792726))",
		"f(to = $__toTime)":          "f(to = toDateTime(1447328726))",
		"bin = $__interval_s, x":     "bin = 20, x",
		"x IN (${user:singlequote})": "x IN ('')",
		"$__conditionalAll(x IN (${tenant:singlequote}), $tenant) AND y": `x IN ('a','b\'c') AND y`,
		"$__conditionalAll(has(a, [${user:singlequote}]), $user) AND y":  "1=1 AND y",
	} {
		assert.Equal(t, want, g.Expand(sql), sql)
	}
}

func TestBuiltin(t *testing.T) {
	const sql = "SELECT $__timeInterval(hour) AS time, x FROM y WHERE $__conditionalAll(t IN (${t:singlequote}), $t) AND $__timeFilter(hour)\n"
	assert.Equal(t, `SELECT toUnixTimestamp(time) AS t, * EXCEPT time FROM
(
SELECT toStartOfInterval(toDateTime(hour), INTERVAL {rounding:UInt32} second) AS time, x FROM y WHERE 1=1 AND hour >= fromUnixTimestamp(toUnixTimestamp(now()) - {seconds:UInt32}) AND hour <= now()
)
ORDER BY t WITH FILL STEP {rounding:UInt32}`, Builtin(sql, ""))
	assert.Equal(t, `SELECT * FROM
(
SELECT toUnixTimestamp(time) AS t, toString(x) AS x, * EXCEPT (time, x) FROM
(
SELECT day AS time, x FROM y
)
ORDER BY x, t
)
ORDER BY t, x`, Builtin("SELECT day AS time, x FROM y", "x"))
}
