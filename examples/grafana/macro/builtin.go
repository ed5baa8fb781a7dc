package macro

import (
	"fmt"
	"strings"
)

// Builtin turns the SQL of a time series into that of a chart on ClickHouse's own dashboard page, which has the fields {seconds}, how
// far to look back, and {rounding}, the step. The page wants the time in seconds since 1970, and the name of a line before its
// value. lines is the column that names the lines, empty for one line. Where nothing happened a line is at 0.
//
// The page has no variables: it shows all of each.
func Builtin(sql, lines string) string {
	const from, to = "fromUnixTimestamp(toUnixTimestamp(now()) - {seconds:UInt32})", "now()"
	stepped := timeInterval.MatchString(sql)
	sql = conditionalAll.ReplaceAllString(sql, "1=1")
	sql = quoted.ReplaceAllString(sql, "''")
	sql = timeFilter.ReplaceAllString(sql, "$1 >= "+from+" AND $1 <= "+to)
	sql = timeInterval.ReplaceAllString(sql, "toStartOfInterval(toDateTime($1), INTERVAL {rounding:UInt32} second)")
	sql = strings.NewReplacer("$__fromTime", from, "$__toTime", to, "$__interval_s", "{rounding:UInt32}").Replace(sql)

	columns, order := "toUnixTimestamp(time) AS t, * EXCEPT time", "t"
	if lines != "" {
		columns, order = fmt.Sprintf("toUnixTimestamp(time) AS t, toString(%[1]s) AS %[1]s, * EXCEPT (time, %[1]s)", lines), lines+", t"
	}
	if stepped {
		order += " WITH FILL STEP {rounding:UInt32}"
	}
	sql = fmt.Sprintf("SELECT %s FROM\n(\n%s\n)\nORDER BY %s", columns, strings.TrimSpace(sql), order)
	if lines == "" {
		return sql
	}
	return fmt.Sprintf("SELECT * FROM\n(\n%s\n)\nORDER BY t, %s", sql, lines)
}
