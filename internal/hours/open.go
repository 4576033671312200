package hours

import "time"

// OpenAt says whether a store in loc is open at t.
//
// Opening and closing times are readings of the wall clock in loc, which where summer time is kept skips an hour once a year and
// repeats one: a time in the skipped hour is the moment of the skip, and one in the repeated hour is its first occurrence.
func (w Weekly) OpenAt(t time.Time, loc *time.Location) bool {
	year, month, day := t.In(loc).Date()
	// Yesterday's last period may reach into today.
	for offset := -1; offset <= 0; offset++ {
		for _, span := range w.spansOn(year, month, day+offset, loc) {
			if !t.Before(span.from) && t.Before(span.to) {
				return true
			}
		}
	}
	return false
}

// NextChange gives the first moment after t at which the store in loc opens or closes: the answer of OpenAt is another from then on.
// It is false where that never happens, because the store is always open or always closed.
func (w Weekly) NextChange(t time.Time, loc *time.Location) (time.Time, bool) {
	year, month, day := t.In(loc).Date()
	// One week shows every change but one that summer time swallows, which comes in the next week; and a change shows at the period
	// after it.
	const days = 15
	var end time.Time // of the time of being open that is looked at, touching periods taken as one.
	for offset := -1; offset <= days; offset++ {
		for _, span := range w.spansOn(year, month, day+offset, loc) {
			if span.from.After(end) {
				if end.After(t) {
					return end, true
				}
				if span.from.After(t) {
					return span.from, true
				}
			}
			if span.to.After(end) {
				end = span.to
			}
		}
	}
	return time.Time{}, false
}

// span is a period on a certain date.
type span struct{ from, to time.Time }

// spansOn gives the times of being open that begin on a date, in order. Those that lie in a skipped hour are left out.
func (w Weekly) spansOn(year int, month time.Month, day int, loc *time.Location) []span {
	weekday := time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Weekday()
	spans := make([]span, 0, len(w.days[weekday]))
	for _, p := range w.days[weekday] {
		s := span{wall(year, month, day, p.Open, loc), wall(year, month, day, p.Close, loc)}
		if s.from.Before(s.to) {
			spans = append(spans, s)
		}
	}
	return spans
}

// wall is the moment at which the wall clock in loc shows so many minutes after a date's midnight. time.Date promises neither which
// moment of a repeated hour it gives, nor on which side of a skipped one it lands.
func wall(year int, month time.Month, day, minute int, loc *time.Location) time.Time {
	t := time.Date(year, month, day, 0, minute, 0, 0, loc)
	wanted := reading(time.Date(year, month, day, 0, minute, 0, 0, time.UTC))
	from, to := t.ZoneBounds()
	switch {
	case reading(t) < wanted: // It landed before the skip.
		return to.In(loc)
	case reading(t) > wanted:
		return from.In(loc)
	}
	if !from.IsZero() {
		_, offset := t.Zone()
		_, offsetBefore := from.Add(-time.Nanosecond).In(loc).Zone()
		if first := t.Add(time.Duration(offset-offsetBefore) * time.Second); first.Before(from) {
			return first
		}
	}
	return t
}

// reading is what the wall clock shows at t, as seconds to compare.
func reading(t time.Time) int64 {
	_, offset := t.Zone()
	return t.Unix() + int64(offset)
}
