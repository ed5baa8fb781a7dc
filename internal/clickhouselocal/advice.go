package clickhouselocal

import "fmt"

// elsewhere is what a user can do when this machine cannot run a ClickHouse by itself.
const elsewhere = EnvEndpoint + " to the address of a ClickHouse server (for example clickhouse://default@127.0.0.1:9000)," +
	" or put a clickhouse binary on the PATH"

// advise appends to a failure what the user can do about it.
func advise(err error, format string, args ...any) error {
	return fmt.Errorf("%w; %s", err, fmt.Sprintf(format, args...))
}
