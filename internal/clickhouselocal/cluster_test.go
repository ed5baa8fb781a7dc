package clickhouselocal_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/otelaudit/otelaudit/internal/clickhouselocal/clickhousetest"
)

func TestTwoServersAreACluster(t *testing.T) {
	shards := clickhousetest.NewCluster(t, "two", 2)
	for _, shard := range shards {
		query(t, shard, "CREATE DATABASE audit")
		query(t, shard, "CREATE TABLE audit.events_local (id UInt64) ENGINE = MergeTree ORDER BY id")
		query(t, shard, "CREATE TABLE audit.events AS audit.events_local ENGINE = Distributed(two, audit, events_local, id)")
	}
	query(t, shards[0], "INSERT INTO audit.events SETTINGS distributed_foreground_insert = 1 SELECT number FROM numbers(10)")
	query(t, shards[1], "INSERT INTO audit.events SELECT number FROM numbers(10, 10)")
	query(t, shards[1], "SYSTEM FLUSH DISTRIBUTED audit.events")

	for _, shard := range shards {
		assert.Equal(t, "10\n", query(t, shard, "SELECT count() FROM audit.events_local"))
		assert.Equal(t, "20\t190\n", query(t, shard, "SELECT count(), sum(id) FROM audit.events"))
	}
}
