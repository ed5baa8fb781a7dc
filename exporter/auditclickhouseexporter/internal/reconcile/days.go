package reconcile

import (
	"context"
	"fmt"
	"slices"
	"time"
)

const dayFormat = "2006-01-02"

// days lists the days, in order, that events received from..to happened on, and those from..to: what a rollup holds of events
// that are lost is of one of these.
func (r *Reconciler) days(ctx context.Context, from, to time.Time) ([]string, error) {
	rows, err := r.conn.Select(ctx, fmt.Sprintf("SELECT DISTINCT toString(toDate32(timestamp)) FROM %s "+
		"WHERE received_at >= toDateTime64(%s, 9, 'UTC')", r.layout.Qualified("events"), instant(from)))
	if err != nil {
		return nil, fmt.Errorf("list the days of events: %w", err)
	}
	days := []string{to.Format(dayFormat)}
	for t := from; t.Before(to); t = t.AddDate(0, 0, 1) {
		days = append(days, t.Format(dayFormat))
	}
	for _, row := range rows {
		days = append(days, row[0])
	}
	slices.Sort(days)
	return slices.Compact(days), nil
}

// judgeable gives the days of which every event is still there, and reports the others.
func (r *Reconciler) judgeable(ctx context.Context, report *Report, days []string, oldest time.Time) ([]string, error) {
	first := oldest.Add(r.options.ClockSkew).Format(dayFormat) // a day of which only a part is looked back at
	days = slices.DeleteFunc(days, func(day string) bool {
		if day <= first {
			report.Unjudged = append(report.Unjudged, day)
		}
		return day <= first
	})
	if len(days) == 0 {
		return nil, nil
	}
	begin, err := time.Parse(dayFormat, days[0])
	if err != nil {
		return nil, fmt.Errorf("read an answer: %w", err)
	}
	horizon, err := r.horizon(ctx, begin.Add(-r.options.ClockSkew), report.To.Add(-24*time.Hour))
	if err != nil || horizon.IsZero() {
		return days, err
	}
	whole := horizon.Add(r.options.ClockSkew).UTC().Format(dayFormat)
	days = slices.DeleteFunc(days, func(day string) bool {
		if day <= whole {
			report.Unjudged = append(report.Unjudged, day)
		}
		return day <= whole
	})
	return days, nil
}

// daysIn lists the days of differences, in order.
func daysIn(found []Difference) []string {
	var days []string
	for _, d := range found {
		days = append(days, d.Day)
	}
	slices.Sort(days)
	return slices.Compact(days)
}

// next is the day after.
func next(day string) string {
	t, err := time.Parse(dayFormat, day)
	if err != nil {
		return ""
	}
	return t.AddDate(0, 0, 1).Format(dayFormat)
}
