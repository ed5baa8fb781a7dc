package clickhouselocal_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/otelaudit/otelaudit/internal/clickhouselocal/clickhousetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestRowsSurviveSIGKILL(t *testing.T) {
	server := clickhousetest.New(t)
	query := func(sql string) string {
		t.Helper()
		answer, err := server.Query(t.Context(), sql)
		require.NoError(t, err)
		return answer
	}
	query("CREATE DATABASE audit")
	query("CREATE TABLE audit.events (id UInt64) ENGINE = MergeTree ORDER BY id")
	query("INSERT INTO audit.events SELECT number FROM numbers(1000)")

	require.NoError(t, server.Kill())
	_, err := server.Query(t.Context(), "SELECT 1")
	require.Error(t, err)
	require.NoError(t, server.Restart(t.Context()))

	assert.Equal(t, "1000\n", query("SELECT count() FROM audit.events"))
}
