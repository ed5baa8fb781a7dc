package clickhouselocal

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestProgressIsALineNowAndThen(t *testing.T) {
	var out bytes.Buffer
	p := newProgress(&out)
	p.show("fetching", 50_000_000, 200_000_000)
	p.show("fetching", 300_000_000, 200_000_000)
	p.show("fetching", 1_500_000, 0)
	assert.Equal(t, "clickhouse: fetching: 50.0 MB of 200.0 MB, 25%\n"+
		"clickhouse: fetching: 200.0 MB of 200.0 MB, 100%\n"+
		"clickhouse: fetching: 1.5 MB\n", out.String())
}

func TestProgressOnATerminalRewritesItsLine(t *testing.T) {
	var out bytes.Buffer
	p := &progress{out: &out, terminal: true}
	finish := p.watch("fetching", 100, func() int64 { return 50 })
	time.Sleep(3 * terminalInterval)
	finish()
	assert.Contains(t, out.String(), "\rclickhouse: fetching: 0.0 MB of 0.0 MB, 50% ")
	assert.Equal(t, 1, bytes.Count(out.Bytes(), []byte("\n")))
}
