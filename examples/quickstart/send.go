package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/otelaudit/otelaudit/examples/quickstart/internal/month"
	"github.com/otelaudit/otelaudit/examples/quickstart/internal/report"
	"github.com/otelaudit/otelaudit/examples/quickstart/internal/sender"
)

// sendAndCheck sends the month and waits until it is stored. problem is what is wrong with the outcome; err is what kept it
// from an outcome.
func sendAndCheck(ctx context.Context, o options, db report.Database, out io.Writer) (problem, err error) {
	people, err := month.ParsePeople(usersFile)
	if err != nil {
		return nil, err
	}
	c := month.Config{Seed: o.seed, Until: time.Now().UTC(), Events: o.events, People: people}
	began := time.Now()
	sent, err := send(ctx, o, c, out)
	if err != nil {
		return nil, err
	}
	seconds := time.Since(began).Seconds()
	say(out, "Acknowledged %d of %d events in %.1f seconds, %.0f a second",
		sent.Acknowledged, sent.Emitted, seconds, float64(sent.Acknowledged)/seconds)

	if _, err := waitStored(ctx, db, c.Run(), sent.Acknowledged); err != nil {
		return nil, err
	}
	rollups := waitRollups(ctx, db)
	there, err := countStored(ctx, db, c.Run())
	if err != nil {
		return nil, err
	}
	say(out, "Stored %d events of this run, %d different ones, %.1f seconds after the first was sent",
		there.rows, there.distinct, time.Since(began).Seconds())
	problem = errors.Join(exactlyOnce(sent, there), rollups)

	found, err := leaks(ctx, db)
	if err != nil {
		return nil, err
	}
	if len(found) > 0 {
		return errors.Join(problem, fmt.Errorf("raw text came through: %v", found)), nil
	}
	if problem == nil {
		say(out, "Every acknowledged event is there exactly once, rollups agree, and no planted secret came through")
	}
	return problem, nil
}

// send sends the month through the SDK and the samples as their products write them, and returns what became of them.
func send(ctx context.Context, o options, c month.Config, out io.Writer) (sender.Totals, error) {
	events, err := month.Events(c)
	if err != nil {
		return sender.Totals{}, err
	}
	var tally sender.Tally
	s, err := sender.New(ctx, loopback(o.ports.grpc), month.Services(), &tally)
	if err != nil {
		return sender.Totals{}, err
	}
	say(out, "Sending %d days of audit events of %d products, seed %d", month.Days, len(month.Services()), o.seed)
	stopProgress := showProgress(ctx, s, c, &tally, out)
	err = s.Send(ctx, events)
	err = errors.Join(err, closeSender(ctx, s))
	stopProgress()
	if ctx.Err() != nil {
		return tally.Totals(), err
	}
	// Other errors are in the tally, one by one.
	err = sendSamples(ctx, o, c, &tally)
	return tally.Totals(), err
}

// closeSender waits for all answers; when the user ends the program, only for a moment.
func closeSender(ctx context.Context, s *sender.Sender) error {
	closing, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(2*time.Second, cancel) })
	defer stop()
	return s.Close(closing)
}

func showProgress(ctx context.Context, s *sender.Sender, c month.Config, tally *sender.Tally, out io.Writer) (stop func()) {
	file, ok := out.(*os.File)
	p := sender.Progress{
		Out:     out,
		InPlace: ok && sender.IsTerminal(file),
		Totals:  tally.Totals,
		Done:    func() float64 { return s.Reached().Sub(c.Start()).Hours() / (month.Days * 24) },
	}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		p.Show(ctx)
	}()
	return func() {
		cancel()
		<-done
	}
}

// sendSamples posts the events that were written by hand, as their products have them, one request a product.
func sendSamples(ctx context.Context, o options, c month.Config, tally *sender.Tally) error {
	samples := directory("events")
	names, err := fs.Glob(samples, "*.json")
	if err != nil {
		return err
	}
	for _, name := range names {
		text, err := fs.ReadFile(samples, name)
		if err != nil {
			return err
		}
		sample, err := sender.ReadSample(text, strings.TrimSuffix(name, ".json"), c.Run()+"-sample-", c.Until)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if err := sender.SendSample(ctx, "http://"+loopback(o.ports.http)+"/v1/logs", sample, tally); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}
