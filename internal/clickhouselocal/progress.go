package clickhouselocal

import (
	"fmt"
	"io"
	"os"
	"time"
)

const (
	terminalInterval = 200 * time.Millisecond
	lineInterval     = 5 * time.Second
)

// progress tells people what takes time. On a terminal it rewrites one line; elsewhere it writes a line now and then.
type progress struct {
	out      io.Writer
	terminal bool
}

func newProgress(out io.Writer) *progress {
	if out == nil {
		out = os.Stderr
	}
	return &progress{out: out, terminal: isTerminal(out)}
}

func isTerminal(out io.Writer) bool {
	file, ok := out.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// say writes a line.
func (p *progress) say(format string, args ...any) {
	_, _ = fmt.Fprintf(p.out, "clickhouse: "+format+"\n", args...)
}

// watch reports done() bytes of total (0: not known) until the function it returns is called.
func (p *progress) watch(what string, total int64, done func() int64) (finish func()) {
	stop, stopped := make(chan struct{}), make(chan struct{})
	interval := lineInterval
	if p.terminal {
		interval = terminalInterval
	}
	go func() {
		defer close(stopped)
		ticker := time.NewTicker(interval)
		defer ticker.Stop()
		for {
			select {
			case <-stop:
				if p.terminal {
					_, _ = fmt.Fprintln(p.out)
				}
				return
			case <-ticker.C:
				p.show(what, done(), total)
			}
		}
	}()
	return func() {
		close(stop)
		<-stopped
	}
}

func (p *progress) show(what string, done, total int64) {
	text := fmt.Sprintf("%s: %s", what, megabytes(done))
	if total > 0 {
		done = min(done, total)
		text = fmt.Sprintf("%s: %s of %s, %d%%", what, megabytes(done), megabytes(total), 100*done/total)
	}
	if p.terminal {
		_, _ = fmt.Fprintf(p.out, "\rclickhouse: %s ", text)
		return
	}
	p.say("%s", text)
}

func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }
