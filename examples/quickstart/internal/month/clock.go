package month

import "time"

// hour is one hour of the month and its share of what happens in the whole month.
type hour struct {
	start time.Time
	// office is the share of what people do: most in office hours, little at weekends.
	office float64
	// flat is the share of what machines do.
	flat float64
}

// at is a moment inside the hour.
func (h hour) at(d *dice) time.Time {
	return h.start.Add(time.Duration(d.Float64() * float64(time.Hour)))
}

// hours are the hours that the time from start to until touches, aligned to the clock.
func hours(start, until time.Time) []hour {
	var all []hour
	var sum float64
	for t := start.UTC().Truncate(time.Hour); t.Before(until); t = t.Add(time.Hour) {
		h := hour{start: t, office: office(t)}
		sum += h.office
		all = append(all, h)
	}
	for i := range all {
		all[i].office /= sum
		all[i].flat = 1 / float64(len(all))
	}
	return all
}

// byHour is how busy people are in each hour of a working day, in UTC: two peaks around lunch, somebody on call at night.
var byHour = [24]float64{
	0.05, 0.04, 0.03, 0.03, 0.04, 0.08, 0.25, 0.60, 0.95, 1.15, 1.20, 1.05,
	0.80, 1.05, 1.20, 1.10, 0.90, 0.65, 0.45, 0.35, 0.28, 0.20, 0.12, 0.08,
}

// weekend is how busy people are at weekends compared to a working day.
const weekend = 0.14

func office(t time.Time) float64 {
	busy := byHour[t.Hour()]
	if day := t.Weekday(); day == time.Saturday || day == time.Sunday {
		busy *= weekend
	}
	return busy
}
