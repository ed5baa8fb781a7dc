package columns

import "time"

// dailyUpTo is the longest retention in days that is kept in partitions of a day; longer ones are in partitions of a
// month. The partition key of `events` says the same in SQL.
const dailyUpTo = 90

// partition tells rows apart that may lie in different partitions of `events` or of a rollup.
type partition struct {
	retention int64
	received  int // YYYYMMDD or YYYYMM, as in the partition key of `events`
	happened  int // YYYYMM, as in the partition keys of the rollups
}

// hash gives different partitions different numbers: a retention takes 16 bits, a day 25, a month 18.
func (p partition) hash() uint64 {
	return uint64(p.retention)<<48 | uint64(p.received)<<20 | uint64(p.happened)
}

// clock tells the partitions of rows. It remembers the days of the row before: most rows are of the same.
type clock struct{ received, happened date }

func (c *clock) partition(retention, receivedAt, timestamp int64) partition {
	received := c.received.of(receivedAt)
	if retention == 0 || retention > dailyUpTo {
		received /= 100
	}
	return partition{retention: retention, received: received, happened: c.happened.of(timestamp) / 100}
}

// date is a day since 1970 and what it is called.
type date struct {
	day int64
	ymd int
}

// of gives the day of a time in UTC as YYYYMMDD.
func (d *date) of(ns int64) int {
	day := ns / int64(24*time.Hour) // times are not negative
	if d.ymd == 0 || day != d.day {
		y, m, n := time.Unix(0, ns).UTC().Date()
		d.day, d.ymd = day, (y*100+int(m))*100+n
	}
	return d.ymd
}

func partitionOf(retention, receivedAt, timestamp int64) partition {
	var c clock
	return c.partition(retention, receivedAt, timestamp)
}
