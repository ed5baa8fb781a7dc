// Package macro expands what stands for something else in the SQL of a panel.
package macro

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Grafana expands a panel's SQL as Grafana and its ClickHouse data source do (grafana/clickhouse-datasource, pkg/macros and
// CHDatasource.ts), so that tests run what Grafana would send.
type Grafana struct {
	From, To time.Time
	Interval time.Duration
	// Variables are the chosen values. A variable that is not there is one that All is chosen of, or an empty field.
	Variables map[string][]string
}

var (
	conditionalAll = regexp.MustCompile(`\$__conditionalAll\(((?:[^()]|\([^()]*\))*),\s*\$(\w+)\)`)
	timeFilter     = regexp.MustCompile(`\$__timeFilter\(([^()]*)\)`)
	timeInterval   = regexp.MustCompile(`\$__timeInterval\(([^()]*)\)`)
	quoted         = regexp.MustCompile(`\$\{(\w+):singlequote\}`)
)

// Expand gives the SQL that the database gets.
func (g Grafana) Expand(sql string) string {
	from, to := fmt.Sprintf("toDateTime(%d)", g.From.Unix()), fmt.Sprintf("toDateTime(%d)", g.To.Unix())
	sql = conditionalAll.ReplaceAllStringFunc(sql, func(call string) string {
		part := conditionalAll.FindStringSubmatch(call)
		if len(g.Variables[part[2]]) == 0 {
			return "1=1"
		}
		return part[1]
	})
	sql = quoted.ReplaceAllStringFunc(sql, func(name string) string {
		values := g.Variables[quoted.FindStringSubmatch(name)[1]]
		literals := make([]string, len(values))
		for i, value := range values {
			literals[i] = "'" + strings.ReplaceAll(value, "'", `\'`) + "'"
		}
		if len(literals) == 0 {
			return "''"
		}
		return strings.Join(literals, ",")
	})
	sql = timeFilter.ReplaceAllString(sql, "$1 >= "+from+" AND $1 <= "+to)
	sql = timeInterval.ReplaceAllString(sql, fmt.Sprintf("toStartOfInterval(toDateTime($1), INTERVAL %d second)", int(g.Interval.Seconds())))
	return strings.NewReplacer(
		"$__fromTime", from, "$__toTime", to, "$__interval_s", strconv.Itoa(int(g.Interval.Seconds())),
	).Replace(sql)
}
