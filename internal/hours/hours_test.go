package hours_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"dongxiao/internal/apperr"
	"dongxiao/internal/hours"
)

// read makes opening hours from their JSON.
func read(t require.TestingT, text string) hours.Weekly {
	var w hours.Weekly
	require.NoError(t, json.Unmarshal([]byte(text), &w))
	return w
}

func TestPeriodsAreRead(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]hours.Period{
		"09:00-18:30": {Open: 540, Close: 1110},
		"00:00-24:00": {Open: 0, Close: 1440},
		"22:00-02:00": {Open: 1320, Close: 1560},
		"22:00-24:00": {Open: 1320, Close: 1440},
		"00:00-00:01": {Open: 0, Close: 1},
		"23:59-23:58": {Open: 1439, Close: 2878},
	} {
		got, err := hours.ParsePeriod(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
		require.Equal(t, text, got.String())
	}
	midnight, err := hours.ParsePeriod("22:00-00:00")
	require.NoError(t, err)
	require.Equal(t, "22:00-24:00", midnight.String())

	for _, text := range []string{
		"", "-", "09:00", "9:00-18:00", "09:00-18:0", "09:00–18:00", "09:00-18:00-19:00", "09:60-18:00", "24:00-25:00", "24:00-02:00",
		"24:01-02:00", "09:00-24:01", "00:00-00:00", "09:00-09:00", "+9:00-18:00", "09.00-18.00", " 09:00-18:00", "09:00-18:00 ", "0９:0-18:00",
	} {
		_, err := hours.ParsePeriod(text)
		require.Equal(t, apperr.InvalidInput, apperr.CodeOf(err), text)
	}
}

func TestWeeklyIsWrittenAsItWasRead(t *testing.T) {
	t.Parallel()
	w := read(t, `{"sat":["22:00-02:00"],"mon":["13:00-18:00","09:00-12:00"],"tue":[]}`)
	out, err := json.Marshal(w)
	require.NoError(t, err)
	require.JSONEq(t, `{"mon":["09:00-12:00","13:00-18:00"],"sat":["22:00-02:00"]}`, string(out))
	require.Equal(t, []hours.Period{{Open: 540, Close: 720}, {Open: 780, Close: 1080}}, w.On(time.Monday))
	require.Empty(t, w.On(time.Tuesday))

	w.On(time.Monday)[0].Open = 0
	require.Equal(t, 540, w.On(time.Monday)[0].Open, "the periods are a copy")

	for _, text := range []string{`{}`, `null`, `{"mon":[],"tue":null}`} {
		require.True(t, read(t, text).IsZero(), text)
	}
	out, err = json.Marshal(hours.Weekly{})
	require.NoError(t, err)
	require.Equal(t, `{}`, string(out))
}

func TestBadHoursAreRefused(t *testing.T) {
	t.Parallel()
	many := `{"mon":["` + strings.Join([]string{"01:00-01:30", "02:00-02:30", "03:00-03:30", "04:00-04:30", "05:00-05:30", "06:00-06:30", "07:00-07:30", "08:00-08:30", "09:00-09:30"}, `","`) + `"]}`
	for name, text := range map[string]string{
		"a list":                            `[]`,
		"a text":                            `"09:00-18:00"`,
		"a weekday of another name":         `{"monday":["09:00-18:00"]}`,
		"a weekday in capitals":             `{"MON":["09:00-18:00"]}`,
		"a number":                          `{"mon":[900]}`,
		"no time":                           `{"mon":["secret"]}`,
		"more than eight periods":           many,
		"overlap on a day":                  `{"mon":["09:00-12:00","11:59-18:00"]}`,
		"the same twice":                    `{"mon":["09:00-12:00","09:00-12:00"]}`,
		"overlap with the next day":         `{"mon":["22:00-02:00"],"tue":["01:59-05:00"]}`,
		"overlap of Saturday with Sunday":   `{"sat":["22:00-02:00"],"sun":["01:00-05:00"]}`,
		"overlap of a night with its night": `{"fri":["22:00-21:00","00:00-06:00"],"sat":["20:00-22:00"]}`,
	} {
		w := read(t, `{"sun":["10:00-11:00"]}`)
		err := json.Unmarshal([]byte(text), &w)
		require.Equal(t, apperr.InvalidInput, apperr.CodeOf(err), name)
		require.NotContains(t, err.Error(), "secret")
		require.Equal(t, read(t, `{"sun":["10:00-11:00"]}`), w, "what is refused changes nothing")
	}
	for name, days := range map[string]map[time.Weekday][]hours.Period{
		"an unknown weekday":     {7: {{Open: 0, Close: 1}}},
		"a negative weekday":     {-1: {{Open: 0, Close: 1}}},
		"an empty period":        {1: {{Open: 60, Close: 60}}},
		"a period backwards":     {1: {{Open: 60, Close: 30}}},
		"a negative opening":     {1: {{Open: -1, Close: 30}}},
		"opening the next day":   {1: {{Open: 1440, Close: 1500}}},
		"more than a whole day":  {1: {{Open: 0, Close: 1441}}},
		"24 hours from one":      {1: {{Open: 60, Close: 60 + 1440}}},
		"a whole day and a part": {1: {{Open: 0, Close: 1440}, {Open: 30, Close: 90}}},
	} {
		_, err := hours.New(days)
		require.Equal(t, apperr.InvalidInput, apperr.CodeOf(err), name)
	}
}

// weeklies draws valid opening hours: periods that do not overlap, cut from one week.
func weeklies() *rapid.Generator[hours.Weekly] {
	return rapid.Custom(func(t *rapid.T) hours.Weekly {
		const week = 7 * hours.Day
		shift := rapid.IntRange(0, week-1).Draw(t, "shift")
		cuts := rapid.SliceOfNDistinct(rapid.IntRange(0, week), 0, 12, rapid.ID).Draw(t, "cuts")
		slices.Sort(cuts)
		days := map[time.Weekday][]hours.Period{}
		for i := 0; i+1 < len(cuts); i += rapid.IntRange(1, 2).Draw(t, "step") { // By one, periods touch.
			from := (cuts[i] + shift) % week
			day, open := time.Weekday(from/hours.Day), from%hours.Day
			length := min(cuts[i+1]-cuts[i], hours.Day)
			if open > 0 {
				length = min(length, hours.Day-1)
			}
			if len(days[day]) < 8 {
				days[day] = append(days[day], hours.Period{Open: open, Close: open + length})
			}
		}
		w, err := hours.New(days)
		require.NoError(t, err)
		return w
	})
}

func TestJSONGoesThereAndBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := weeklies().Draw(t, "hours")
		out, err := json.Marshal(w)
		require.NoError(t, err)
		again, err := json.Marshal(read(t, string(out)))
		require.NoError(t, err)
		require.Equal(t, string(out), string(again))
		for day := time.Sunday; day <= time.Saturday; day++ {
			require.Equal(t, w.On(day), read(t, string(out)).On(day))
		}
	})
}

func FuzzWeekly(f *testing.F) {
	for _, seed := range []string{`{}`, `{"mon":["09:00-12:00"]}`, `{"sat":["22:00-02:00"],"sun":["02:00-24:00"]}`, `{"mon":["00:00-00:00"]}`, `null`, `{"mon":["9:0-1:0"]}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var w hours.Weekly
		if !json.Valid([]byte(text)) {
			return
		}
		if err := json.Unmarshal([]byte(text), &w); err != nil {
			require.Equal(t, apperr.InvalidInput, apperr.CodeOf(err))
			return
		}
		out, err := json.Marshal(w)
		require.NoError(t, err)
		require.Equal(t, w, read(t, string(out)))
		at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
		if next, ok := w.NextChange(at, time.UTC); ok {
			require.NotEqual(t, w.OpenAt(at, time.UTC), w.OpenAt(next, time.UTC))
		}
	})
}
