package month

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/otel/log"
)

// Days is how long the month is.
const Days = 30

// MinEvents is the smallest month that still has every kind of event in it.
const MinEvents = 10_000

// Config is what a month follows from.
type Config struct {
	// Seed decides about everything that is left to chance.
	Seed uint64
	// Until is the end of the month: nothing happens at or after it.
	Until time.Time
	// Events is about how many events people, programs and monitors make, at least [MinEvents]. The hourly ingest reports and
	// the attack of logins.go come on top, some 11,000 events.
	Events int
	// People are those who act.
	People []Person
}

// Run names a month: it is the beginning of the record id of each of its events, and differs where seed, end or size do.
func (c Config) Run() string {
	key := binary.BigEndian.AppendUint64(nil, c.Seed)
	key = binary.BigEndian.AppendUint64(key, uint64(c.Until.UnixNano()))
	key = binary.BigEndian.AppendUint64(key, uint64(c.Events))
	sum := sha256.Sum256(key)
	return "qs-" + strings.ToLower(base32.StdEncoding.EncodeToString(sum[:5]))
}

// Start is the beginning of the month.
func (c Config) Start() time.Time { return c.Until.Add(-Days * 24 * time.Hour) }

// Service is an application that sends audit events.
type Service struct{ Name, Version string }

// Event is an event of the month.
type Event struct {
	// Service is the index of the application in [Services].
	Service int
	// RecordID is the value of audit.record.id.
	RecordID string
	Record   log.Record
}

// Services are the applications of the month.
func Services() []Service {
	return []Service{
		{"axiom", "2026.11.2"},
		{"observe", "15.4.0"},
		{"xano", "1.74.2"},
		{"datagrok", "1.26.1"},
		{"arize", "9.31.0"},
	}
}

// product makes the events of one application.
type product interface {
	// hour returns what happens in an hour, in any order.
	hour(h hour) []record
}

// Events returns the month, oldest first.
func Events(c Config) (iter.Seq[Event], error) {
	if c.Events < MinEvents {
		return nil, fmt.Errorf("a month of %d events is too small: it takes at least %d", c.Events, MinEvents)
	}
	who, err := newPeople(c.People)
	if err != nil {
		return nil, err
	}
	if c.Until.IsZero() {
		return nil, errors.New("the month has no end")
	}
	products := func() []product {
		n := float64(c.Events)
		return []product{
			newAxiom(newDice(c.Seed, "axiom"), who, c, n),
			newObserve(newDice(c.Seed, "observe"), who, c, n),
			newXano(newDice(c.Seed, "xano"), who, n),
			newDatagrok(newDice(c.Seed, "datagrok"), who, n),
			newArize(newDice(c.Seed, "arize"), who, n),
		}
	}
	return func(yield func(Event) bool) { generate(c, products(), yield) }, nil
}

func generate(c Config, products []product, yield func(Event) bool) {
	run := c.Run()
	services := Services()
	numbers := make([]int, len(products))
	var later []numbered // what an hour brings about in a later one, such as the end of a session
	for _, h := range hours(c.Start(), c.Until) {
		happened := later
		for i, p := range products {
			for _, r := range p.hour(h) {
				happened = append(happened, numbered{service: i, record: r})
			}
		}
		slices.SortStableFunc(happened, func(a, b numbered) int { return a.record.at.Compare(b.record.at) })
		end := h.start.Add(time.Hour)
		if end.After(c.Until) {
			end = c.Until
		}
		n, _ := slices.BinarySearchFunc(happened, end, func(e numbered, t time.Time) int { return e.record.at.Compare(t) })
		for _, e := range happened[:n] {
			if e.record.at.Before(c.Start()) {
				continue // the hour in which the month begins
			}
			numbers[e.service]++
			id := fmt.Sprintf("%s-%s-%06d", run, services[e.service].Name, numbers[e.service])
			if !yield(Event{Service: e.service, RecordID: id, Record: e.record.log(id)}) {
				return
			}
		}
		later = slices.Clone(happened[n:])
	}
}

type numbered struct {
	service int
	record  record
}
