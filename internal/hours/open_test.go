package hours_test

import (
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"dongxiao/internal/hours"
)

func location(t require.TestingT, name string) *time.Location {
	loc, err := time.LoadLocation(name)
	require.NoError(t, err)
	return loc
}

// moment reads a time with its offset, and none for "never".
func moment(t require.TestingT, text string) (time.Time, bool) {
	if text == "never" {
		return time.Time{}, false
	}
	at, err := time.Parse("2006-01-02 15:04:05 -0700", text)
	require.NoError(t, err)
	return at, true
}

// always and never are the hours of a store that never changes.
const (
	always = `{"sun":["00:00-24:00"],"mon":["00:00-24:00"],"tue":["00:00-24:00"],"wed":["00:00-24:00"],"thu":["00:00-24:00"],"fri":["00:00-24:00"],"sat":["00:00-24:00"]}`
	never  = `{}`
)

func TestOpening(t *testing.T) {
	t.Parallel()
	// 2026-03-01 is a Sunday.
	for _, row := range []struct {
		name, hours, zone, at string
		open                  bool
		next                  string
	}{
		{"before opening", `{"sun":["09:00-12:00","13:00-18:00"]}`, "Asia/Shanghai", "2026-03-01 08:59:59 +0800", false, "2026-03-01 09:00:00 +0800"},
		{"at opening", `{"sun":["09:00-12:00","13:00-18:00"]}`, "Asia/Shanghai", "2026-03-01 09:00:00 +0800", true, "2026-03-01 12:00:00 +0800"},
		{"at closing", `{"sun":["09:00-12:00","13:00-18:00"]}`, "Asia/Shanghai", "2026-03-01 12:00:00 +0800", false, "2026-03-01 13:00:00 +0800"},
		{"once a week", `{"sun":["09:00-12:00"]}`, "Asia/Shanghai", "2026-03-01 12:00:00 +0800", false, "2026-03-08 09:00:00 +0800"},
		{"a time of another zone", `{"sun":["09:00-12:00"]}`, "Asia/Shanghai", "2026-02-28 20:00:00 -0500", true, "2026-03-01 12:00:00 +0800"},
		{"a closed day", `{"mon":["09:00-18:00"]}`, "Asia/Shanghai", "2026-03-01 10:00:00 +0800", false, "2026-03-02 09:00:00 +0800"},

		{"before midnight", `{"sun":["22:00-02:00"]}`, "Asia/Shanghai", "2026-03-01 23:59:59 +0800", true, "2026-03-02 02:00:00 +0800"},
		{"after midnight", `{"sun":["22:00-02:00"]}`, "Asia/Shanghai", "2026-03-02 01:59:59 +0800", true, "2026-03-02 02:00:00 +0800"},
		{"the night is over", `{"sun":["22:00-02:00"]}`, "Asia/Shanghai", "2026-03-02 02:00:00 +0800", false, "2026-03-08 22:00:00 +0800"},
		{"the same hour without the evening before", `{"sun":["22:00-02:00"]}`, "Asia/Shanghai", "2026-03-01 01:00:00 +0800", false, "2026-03-01 22:00:00 +0800"},
		{"Saturday night on Sunday", `{"sat":["22:00-02:00"]}`, "Asia/Shanghai", "2026-03-01 01:00:00 +0800", true, "2026-03-01 02:00:00 +0800"},
		{"closing at midnight", `{"sun":["20:00-24:00"]}`, "Asia/Shanghai", "2026-03-02 00:00:00 +0800", false, "2026-03-08 20:00:00 +0800"},
		{"closing at midnight, the next day follows", `{"sun":["20:00-24:00"],"mon":["00:00-03:00"]}`, "Asia/Shanghai", "2026-03-01 21:00:00 +0800", true, "2026-03-02 03:00:00 +0800"},
		{"periods that touch are one", `{"sun":["09:00-12:00","12:00-15:00"]}`, "Asia/Shanghai", "2026-03-01 10:00:00 +0800", true, "2026-03-01 15:00:00 +0800"},
		{"from noon to noon", `{"sun":["12:00-11:59"]}`, "Asia/Shanghai", "2026-03-02 11:58:59 +0800", true, "2026-03-02 11:59:00 +0800"},

		{"always open", always, "Asia/Shanghai", "2026-03-01 00:00:00 +0800", true, "never"},
		{"always open where there is summer time", always, "America/New_York", "2026-03-08 01:59:00 -0500", true, "never"},
		{"always closed", never, "Asia/Shanghai", "2026-03-01 00:00:00 +0800", false, "never"},
		{"24 hours on one day", `{"sun":["00:00-24:00"]}`, "Asia/Shanghai", "2026-03-01 13:00:00 +0800", true, "2026-03-02 00:00:00 +0800"},
		{"24 hours on all days but one", `{"sun":["00:00-24:00"],"mon":["00:00-24:00"],"tue":["00:00-24:00"],"wed":["00:00-24:00"],"thu":["00:00-24:00"],"fri":["00:00-24:00"]}`, "Asia/Shanghai", "2026-03-01 13:00:00 +0800", true, "2026-03-07 00:00:00 +0800"},

		// New York skips 02:00 to 03:00 on 2026-03-08 and repeats 01:00 to 02:00 on 2026-11-01, both Sundays.
		{"a night of 23 hours", `{"sat":["22:00-06:00"]}`, "America/New_York", "2026-03-08 03:30:00 -0400", true, "2026-03-08 06:00:00 -0400"},
		{"opening in the skipped hour", `{"sun":["02:30-05:00"]}`, "America/New_York", "2026-03-08 01:59:59 -0500", false, "2026-03-08 03:00:00 -0400"},
		{"closing in the skipped hour", `{"sun":["01:00-02:30"]}`, "America/New_York", "2026-03-08 01:30:00 -0500", true, "2026-03-08 03:00:00 -0400"},
		{"open only in the skipped hour", `{"sun":["02:10-02:50"]}`, "America/New_York", "2026-03-08 01:00:00 -0500", false, "2026-03-15 02:10:00 -0400"},
		{"open only in the hour skipped next week", `{"sun":["02:10-02:50"]}`, "America/New_York", "2026-03-01 02:50:00 -0500", false, "2026-03-15 02:10:00 -0400"},
		{"closed only in the skipped hour", `{"sun":["03:00-24:00"],"mon":["00:00-24:00"],"tue":["00:00-24:00"],"wed":["00:00-24:00"],"thu":["00:00-24:00"],"fri":["00:00-24:00"],"sat":["00:00-02:00","02:00-01:59"]}`, "America/New_York", "2026-03-08 01:30:00 -0500", true, "2026-03-08 01:59:00 -0500"},
		{"opening in the repeated hour", `{"sun":["01:30-05:00"]}`, "America/New_York", "2026-11-01 01:00:00 -0400", false, "2026-11-01 01:30:00 -0400"},
		{"it stays open when the hour is repeated", `{"sun":["01:30-05:00"]}`, "America/New_York", "2026-11-01 01:00:00 -0500", true, "2026-11-01 05:00:00 -0500"},
		{"closing in the repeated hour", `{"sat":["20:00-01:30"]}`, "America/New_York", "2026-11-01 01:29:00 -0400", true, "2026-11-01 01:30:00 -0400"},
		{"it stays closed when the hour is repeated", `{"sat":["20:00-01:30"]}`, "America/New_York", "2026-11-01 01:15:00 -0500", false, "2026-11-07 20:00:00 -0500"},
		{"half an hour of summer time", `{"sun":["02:15-05:00"]}`, "Australia/Lord_Howe", "2026-10-04 01:59:00 +1030", false, "2026-10-04 02:30:00 +1100"},
		// Samoa left out 2011-12-30, a Friday.
		{"a day left out", `{"fri":["09:00-18:00"],"thu":["22:00-02:00"]}`, "Pacific/Apia", "2011-12-29 23:00:00 -1000", true, "2011-12-31 00:00:00 +1400"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w, loc := read(t, row.hours), location(t, row.zone)
			at, _ := moment(t, row.at)
			require.Equal(t, row.open, w.OpenAt(at, loc))
			want, changes := moment(t, row.next)
			next, ok := w.NextChange(at, loc)
			require.Equal(t, changes, ok)
			require.True(t, want.Equal(next), "%v", next)
		})
	}
}

// TestOpenAtReadsTheWeek compares with the minute of the week, which is all there is to it where no clock changes.
func TestOpenAtReadsTheWeek(t *testing.T) {
	t.Parallel()
	loc := location(t, "Asia/Shanghai")
	sunday := time.Date(2026, 3, 1, 0, 0, 0, 0, loc)
	rapid.Check(t, func(t *rapid.T) {
		w := weeklies().Draw(t, "hours")
		second := rapid.IntRange(0, 7*24*60*60-1).Draw(t, "second")
		open := false
		for day := time.Sunday; day <= time.Saturday; day++ {
			for _, p := range w.On(day) {
				for _, minute := range []int{second / 60, second/60 + 7*hours.Day} {
					from := int(day) * hours.Day
					open = open || from+p.Open <= minute && minute < from+p.Close
				}
			}
		}
		require.Equal(t, open, w.OpenAt(sunday.Add(time.Duration(second)*time.Second), loc))
	})
}

// TestNextChangeIsTheFirst: until then nothing changes, and then it does; in zones that change their clocks too.
func TestNextChangeIsTheFirst(t *testing.T) {
	t.Parallel()
	var zones []*time.Location
	for _, name := range []string{"UTC", "Asia/Shanghai", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo", "Pacific/Apia"} {
		zones = append(zones, location(t, name))
	}
	rapid.Check(t, func(t *rapid.T) {
		w, loc := weeklies().Draw(t, "hours"), rapid.SampledFrom(zones).Draw(t, "zone")
		at := time.Unix(rapid.Int64Range(1_300_000_000, 1_800_000_000).Draw(t, "at"), 0)
		if rapid.Bool().Draw(t, "near a change of the clock") {
			if _, end := at.In(loc).ZoneBounds(); !end.IsZero() {
				at = end.Add(time.Duration(rapid.IntRange(-180, 180).Draw(t, "minutes")) * time.Minute)
			}
		}
		open := w.OpenAt(at, loc)
		next, ok := w.NextChange(at, loc)
		until := at.Add(15 * 24 * time.Hour)
		if ok {
			require.True(t, next.After(at))
			require.Equal(t, !open, w.OpenAt(next, loc))
			require.Equal(t, open, w.OpenAt(next.Add(-time.Nanosecond), loc))
			until = next
		}
		for range 50 {
			between := at.Add(time.Duration(rapid.Int64Range(0, int64(until.Sub(at))-1).Draw(t, "between")))
			require.Equal(t, open, w.OpenAt(between, loc), "%v", between)
		}
	})
}
