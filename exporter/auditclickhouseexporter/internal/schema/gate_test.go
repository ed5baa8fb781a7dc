package schema

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/cenkalti/backoff/v7"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// gateUnderTest runs a gate whose attempts end with what is sent to results.
func gateUnderTest(t *testing.T) (gate *Gate, results chan<- error, reports <-chan error) {
	t.Helper()
	ended, reported := make(chan error), make(chan error, 10)
	gate = NewGate(func(ctx context.Context) error {
		select {
		case err := <-ended:
			return err
		case <-ctx.Done():
			return ctx.Err()
		}
	}, func(err error) { reported <- err }, backoff.NewConstantBackOff(time.Millisecond))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		gate.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
	return gate, ended, reported
}

func TestGateWaitsForTheFirstAttempt(t *testing.T) {
	gate, results, reports := gateUnderTest(t)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, gate.Wait(ctx), context.DeadlineExceeded)

	waited := make(chan error)
	go func() { waited <- gate.Wait(t.Context()) }()
	results <- nil
	require.NoError(t, <-waited)
	require.NoError(t, <-reports)
	require.NoError(t, gate.Wait(t.Context()), "and stays open")
}

func TestGateSaysWhyItIsShut(t *testing.T) {
	gate, results, reports := gateUnderTest(t)
	refused := errors.New("refused")
	results <- refused
	require.ErrorIs(t, <-reports, refused)
	require.ErrorIs(t, gate.Wait(t.Context()), refused, "at once, while the next attempt runs")
	results <- nil
	require.NoError(t, <-reports)
	require.NoError(t, gate.Wait(t.Context()))
}

func TestGateShutsWhenTheSchemaIsDoubted(t *testing.T) {
	gate, results, reports := gateUnderTest(t)
	gate.Recheck() // an attempt runs already
	results <- nil
	require.NoError(t, <-reports)
	gate.Recheck()
	gate.Recheck() // once is enough
	gone := errors.New("gone")
	results <- gone
	require.ErrorIs(t, <-reports, gone)
	require.ErrorIs(t, gate.Wait(t.Context()), gone)
	results <- nil
	require.NoError(t, <-reports)
	assert.NoError(t, gate.Wait(t.Context()))
}
