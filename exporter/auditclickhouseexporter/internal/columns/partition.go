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

func partitionOf(retention, receivedAt, timestamp int64) partition {
	p := partition{retention: retention, happened: month(timestamp)}
	if retention == 0 || retention > dailyUpTo {
		p.received = month(receivedAt)
	} else {
		p.received = day(receivedAt)
	}
	return p
}

func month(ns int64) int {
	y, m, _ := time.Unix(0, ns).UTC().Date()
	return y*100 + int(m)
}

func day(ns int64) int {
	y, m, d := time.Unix(0, ns).UTC().Date()
	return (y*100+int(m))*100 + d
}
