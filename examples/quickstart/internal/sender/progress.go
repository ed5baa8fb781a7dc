package sender

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// Progress shows how far sending is.
type Progress struct {
	Out io.Writer
	// InPlace draws over the last line, on a terminal; otherwise there is a line every few seconds.
	InPlace bool
	// Done says how much of the work is done, from 0 to 1.
	Done func() float64
	// Totals are the numbers to show.
	Totals func() Totals
}

// IsTerminal tells whether a file is a terminal, on which lines can be drawn over.
func IsTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// Show draws until the context ends, and once more then.
func (p Progress) Show(ctx context.Context) {
	every := 5 * time.Second
	if p.InPlace {
		every = 100 * time.Millisecond
	}
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	began := time.Now()
	for {
		select {
		case <-ctx.Done():
			p.draw(time.Since(began))
			if p.InPlace {
				p.print("\n")
			}
			return
		case <-ticker.C:
			p.draw(time.Since(began))
		}
	}
}

const barWidth = 30

func (p Progress) draw(elapsed time.Duration) {
	t, done := p.Totals(), min(max(p.Done(), 0), 1)
	full := int(done * barWidth)
	line := fmt.Sprintf("  [%s%s] %3.0f %%  %d acknowledged, %.0f a second",
		strings.Repeat("#", full), strings.Repeat(".", barWidth-full), done*100, t.Acknowledged, float64(t.Acknowledged)/elapsed.Seconds())
	if t.Rejected+t.Failed > 0 {
		line += fmt.Sprintf(", %d rejected, %d failed", t.Rejected, t.Failed)
	}
	if p.InPlace {
		p.print("\r" + line + "\x1b[K")
		return
	}
	p.print(line + "\n")
}

// print does not fail: progress is not worth an error.
func (p Progress) print(text string) { _, _ = io.WriteString(p.Out, text) }
