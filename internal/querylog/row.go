package querylog

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Row is what is taken of a row of system.query_log: a query that ended, well or not.
type Row struct {
	Host       string   `json:"hostname"`
	Type       string   `json:"type"` // QueryFinish, ExceptionBeforeStart or ExceptionWhileProcessing
	Time       int64    `json:"time"` // when it ended, Unix microseconds
	QueryID    string   `json:"query_id"`
	Query      string   `json:"query"`
	Kind       string   `json:"query_kind"` // Select, Insert, Alter …; empty where the query could not be read
	User       string   `json:"user"`
	Address    string   `json:"address"`
	Agent      string   `json:"agent"`
	DurationMS int64    `json:"query_duration_ms"`
	ReadBytes  int64    `json:"read_bytes"`
	ResultRows int64    `json:"result_rows"`
	Tables     []string `json:"tables"`
	Error      string   `json:"error"` // name of the error, empty where there was none
}

// Place is where a row stands among all, and what tells it from others: a client may use a query id twice.
type Place struct {
	Time    int64
	Host    string
	QueryID string
}

func (r Row) place() Place { return Place{r.Time, r.Host, r.QueryID} }

func (p Place) String() string { return fmt.Sprintf("%s:%d:%s", p.Host, p.Time, p.QueryID) }

func (r Row) when() time.Time { return time.UnixMicro(r.Time) }

// pageRows is how many rows one question gives at most; what is left is asked for at once.
const pageRows = 1000

// statement asks for the queries that touched the database, or were refused when they tried to, and that stand behind a place, the
// oldest first. Its parameters are time, host, id, database and users.
//
// A query that is refused may have no tables yet: then its text decides, by the name of the database before a dot.
func statement(cluster string) string {
	source := "system.query_log"
	if cluster != "" {
		source = "clusterAllReplicas('" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(cluster) + "', system.query_log)"
	}
	return `SELECT
    hostname, toString(type) AS type, toUnixTimestamp64Micro(event_time_microseconds) AS time, query_id, query, query_kind, user,
    replaceRegexpOne(IPv6NumToString(address), '^::ffff:', '') AS address, if(http_user_agent != '', http_user_agent, client_name) AS agent,
    query_duration_ms, read_bytes, result_rows, tables, if(exception_code = 0, '', errorCodeToName(exception_code)) AS error
FROM ` + source + `
WHERE event_date >= toDate(fromUnixTimestamp64Micro({time:Int64})) AND event_time_microseconds >= fromUnixTimestamp64Micro({time:Int64})
    AND (event_time_microseconds, hostname, query_id) > (fromUnixTimestamp64Micro({time:Int64}), {host:String}, {id:String})
    AND type != 'QueryStart' AND is_initial_query AND user NOT IN {users:Array(String)}
    AND (has(databases, {database:String}) OR exception_code != 0 AND match(query, concat('\\b', {database:String}, '\\b\\W?\\.')))
ORDER BY event_time_microseconds, hostname, query_id
LIMIT ` + strconv.Itoa(pageRows) + `
SETTINGS output_format_json_quote_64bit_integers = 0, log_queries = 0
FORMAT JSONEachRow`
}
