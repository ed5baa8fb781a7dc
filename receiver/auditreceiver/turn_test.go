package auditreceiver

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelaudit/otelaudit/internal/audit"
	"github.com/otelaudit/otelaudit/internal/offheap"
)

// A pipeline that says when it waits is given as many requests as there are processors, and the next when one of these waits.
func TestRequestsAreWorkedOnInTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		turns := newTurns()
		places := int64(runtime.GOMAXPROCS(0))
		var working, waiting atomic.Int64
		work, answer := make(chan struct{}), make(chan struct{})
		for range places + 2 {
			go func() {
				turn, fail := turns.take(t.Context())
				if fail != nil {
					t.Error(fail.message)
					return
				}
				defer turn.end()
				_ = turn.hand(t.Context(), func(ctx context.Context) error {
					working.Add(1)
					<-work
					audit.EndTurn(ctx)
					waiting.Add(1)
					<-answer
					return nil
				})
			}()
		}
		synctest.Wait()
		assert.Equal(t, places, working.Load())
		work <- struct{}{}
		synctest.Wait()
		assert.Equal(t, places+1, working.Load(), "one waits, another one is worked on")
		time.Sleep(maxTurn) // the others are slow and do not say so
		synctest.Wait()
		assert.Equal(t, places+2, working.Load())
		assert.EqualValues(t, 1, waiting.Load())
		close(work)
		close(answer)
	})
}

func TestAPipelineThatDoesNotTellItsWaitsIsNotHeldUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		turns := newTurns()
		answer := make(chan error)
		for range 10 * runtime.GOMAXPROCS(0) {
			go func() {
				turn, _ := turns.take(t.Context())
				assert.Error(t, turn.hand(t.Context(), func(context.Context) error { return <-answer }))
			}()
		}
		time.Sleep(maxTurn) // which the first ones may take, until it is known
		synctest.Wait()     // all wait for their answers, none for its turn
		assert.True(t, turns.silent.Load())
		for range 10 * runtime.GOMAXPROCS(0) {
			answer <- errors.New("no")
		}
	})
}

func TestWhoStopsWaitingForATurnIsToldToComeBack(t *testing.T) {
	turns := newTurns()
	for range runtime.GOMAXPROCS(0) {
		_, fail := turns.take(t.Context())
		require.Nil(t, fail)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	_, fail := turns.take(ctx)
	require.NotNil(t, fail)
	assert.True(t, fail.retryable())
}

func TestBodiesAreGivenBack(t *testing.T) {
	var held []*body
	for range 2*runtime.GOMAXPROCS(0) + 3 {
		held = append(held, takeBody())
		require.NoError(t, held[len(held)-1].readFrom(strings.NewReader(strings.Repeat("x", 300_000))))
		assert.Len(t, held[len(held)-1].bytes(), 300_000)
	}
	before := offheap.Taken()
	for _, b := range held {
		giveBack(b)
	}
	assert.Equal(t, before-3*(512<<10), offheap.Taken(), "some are kept for the next requests")
	again := takeBody()
	defer giveBack(again)
	assert.Empty(t, again.bytes())
}
