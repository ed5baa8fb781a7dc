package directory

import "time"

// Wait is how long the look-ups of one request may wait together, so that a request with many unknown actors waits no longer
// than one with a single. It serves one goroutine.
type Wait struct{ Left time.Duration }

// wait waits for a value, and reports whether it came in time.
func wait[T any](w *Wait, c <-chan T) (value T, ok bool) {
	if w == nil || w.Left <= 0 {
		select {
		case value = <-c:
			return value, true
		default:
			return value, false
		}
	}
	began := time.Now()
	timer := time.NewTimer(w.Left)
	defer timer.Stop()
	select {
	case value = <-c:
		ok = true
	case <-timer.C:
	}
	w.Left -= time.Since(began)
	return value, ok
}
