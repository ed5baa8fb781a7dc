package clickhouse_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelaudit/otelaudit/internal/clickhouselocal/clickhousetest"
)

// TestTextsAreReadOverBothProtocols: virtual columns such as _part are of LowCardinality(String).
func TestTextsAreReadOverBothProtocols(t *testing.T) {
	server := clickhousetest.New(t)
	for protocol, address := range protocols {
		t.Run(protocol, func(t *testing.T) {
			conn := connect(t, address(server), server.User(), "", "texts")
			rows, err := conn.Select(t.Context(), "SELECT CAST(number % 2 = 0 ? 'even' : 'odd' AS LowCardinality(String)) AS low, toString(number) AS text, {database:String} AS d "+
				"FROM numbers(3) ORDER BY number")
			require.NoError(t, err)
			assert.Equal(t, [][]string{{"even", "0", "texts"}, {"odd", "1", "texts"}, {"even", "2", "texts"}}, rows)
			_, err = conn.Select(t.Context(), "SELECT 'x' AS text WHERE 0")
			require.NoError(t, err)
		})
	}
}
