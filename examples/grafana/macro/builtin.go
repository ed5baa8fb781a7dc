package macro

import (
	"fmt"
	"strings"
)

// Builtin turns the SQL of a time series into that of a chart on ClickHouse's own dashboard page, which has the fields {seconds}, how
// far to look back, and {rounding}, the step. The page wants the time in seconds since 1970, and a value for every line.
//
// The page has no variables: it shows all of each.
func Builtin(sql string) string {
	const from, to = "fromUnixTimestamp(toUnixTimestamp(now()) - {seconds:UInt32})", "now()"
	sql = conditionalAll.ReplaceAllString(sql, "1=1")
	sql = quoted.ReplaceAllString(sql, "''")
	sql = timeFilter.ReplaceAllString(sql, "$1 >= "+from+" AND $1 <= "+to)
	sql = timeInterval.ReplaceAllString(sql, "toStartOfInterval(toDateTime($1), INTERVAL {rounding:UInt32} second)")
	sql = strings.NewReplacer("$__fromTime", from, "$__toTime", to, "$__interval_s", "{rounding:UInt32}").Replace(sql)
	return fmt.Sprintf("SELECT toUnixTimestamp(time) AS t, * EXCEPT time FROM\n(\n%s\n)\nORDER BY t", strings.TrimSpace(sql))
}
