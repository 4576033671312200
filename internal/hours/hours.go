// Package hours holds a store's weekly opening hours (营业时间) and says when it is open.
package hours

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"dongxiao/internal/apperr"
)

const (
	// Day is a day in minutes, and the latest closing time that is not after midnight.
	Day  = 24 * 60
	week = 7 * Day
	// maxPeriods is the most periods on one day.
	maxPeriods = 8
)

// Period is one time of being open on a weekday, [Open, Close) in minutes after that day's midnight. A Close after 24:00 is in the
// next morning: 22:00 to 02:00 is {1320, 1560}. A period is shorter than 24 hours, or the whole day {0, 1440}.
type Period struct {
	Open, Close int
}

// String writes the period as ParsePeriod reads it: 22:00-02:00, and 24:00 for closing at midnight.
func (p Period) String() string {
	end := p.Close
	if end > Day {
		end -= Day
	}
	return fmt.Sprintf("%02d:%02d-%02d:%02d", p.Open/60, p.Open%60, end/60, end%60)
}

// ParsePeriod reads HH:MM-HH:MM. Closing earlier than opening is in the next morning; 00:00 and 24:00 both close at midnight; the
// whole day is 00:00-24:00, and opening and closing at the same time is refused, since it may mean always or never. It gives
// INVALID_INPUT.
func ParsePeriod(text string) (Period, error) {
	from, to, found := strings.Cut(text, "-")
	opening, ok := minutes(from)
	closing, valid := minutes(to)
	if !found || !ok || !valid || opening == Day || opening == closing {
		return Period{}, invalid("HH:MM-HH:MM")
	}
	if closing < opening {
		closing += Day
	}
	return Period{opening, closing}, nil
}

// minutes reads HH:MM, 00:00 to 24:00.
func minutes(text string) (int, bool) {
	if len(text) != 5 || text[2] != ':' {
		return 0, false
	}
	var digits [4]int
	for i, position := range []int{0, 1, 3, 4} {
		if text[position] < '0' || text[position] > '9' {
			return 0, false
		}
		digits[i] = int(text[position] - '0')
	}
	hour, minute := digits[0]*10+digits[1], digits[2]*10+digits[3]
	total := hour*60 + minute
	return total, minute < 60 && total <= Day
}

// Weekly is the opening hours of each weekday, always valid: periods are in order and none overlaps another, of the next day neither.
// The zero Weekly is always closed. Copies share their periods, which nobody changes.
//
// As JSON it is an object of the open weekdays, {"mon":["09:00-12:00","13:00-18:00"],"sat":["22:00-02:00"]}, and {} is always closed.
type Weekly struct {
	days [7][]Period // by time.Weekday.
}

// New makes the opening hours from the periods of each weekday; a weekday that is missing or has none is closed. It gives INVALID_INPUT
// where a weekday has more than 8 periods, a period is empty, too long or does not open between 00:00 and 23:59, or two periods
// overlap. Periods may touch: each day 00:00-24:00 is always open.
func New(days map[time.Weekday][]Period) (Weekly, error) {
	var w Weekly
	for day, periods := range days {
		if day < time.Sunday || day > time.Saturday {
			return Weekly{}, invalid("0–6")
		}
		if len(periods) > maxPeriods {
			return Weekly{}, invalid(fmt.Sprintf("≤ %d", maxPeriods))
		}
		for _, p := range periods {
			if !p.valid() {
				return Weekly{}, invalid("HH:MM-HH:MM")
			}
		}
		w.days[day] = slices.SortedFunc(slices.Values(periods), func(a, b Period) int { return a.Open - b.Open })
	}
	all := w.inWeek()
	for i, p := range all {
		next := all[(i+1)%len(all)]
		if i == len(all)-1 {
			next.Open += week
		}
		if p.Close > next.Open {
			return Weekly{}, invalid(fmt.Sprintf("%v × %v", inDay(p), inDay(next)))
		}
	}
	return w, nil
}

// valid says whether the period is one that ParsePeriod could have read.
func (p Period) valid() bool {
	return p == Period{0, Day} || (p.Open >= 0 && p.Open < Day && p.Close > p.Open && p.Close < p.Open+Day)
}

// inWeek is all periods in order, in minutes after Sunday's midnight.
func (w Weekly) inWeek() []Period {
	var all []Period
	for day, periods := range w.days {
		for _, p := range periods {
			all = append(all, Period{day*Day + p.Open, day*Day + p.Close})
		}
	}
	return all
}

// inDay undoes inWeek for showing.
func inDay(p Period) Period {
	open := p.Open % Day
	return Period{open, open + p.Close - p.Open}
}

// On gives the periods that begin on a weekday, in order.
func (w Weekly) On(day time.Weekday) []Period {
	return slices.Clone(w.days[day])
}

// IsZero says whether it is always closed.
func (w Weekly) IsZero() bool {
	return len(w.inWeek()) == 0
}

// names are the weekdays in JSON, by time.Weekday.
var names = [7]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// MarshalJSON implements json.Marshaler.
func (w Weekly) MarshalJSON() ([]byte, error) {
	days := make(map[string][]string)
	for day, periods := range w.days {
		for _, p := range periods {
			days[names[day]] = append(days[names[day]], p.String())
		}
	}
	return json.Marshal(days)
}

// UnmarshalJSON implements json.Unmarshaler. It refuses with INVALID_INPUT what New and ParsePeriod refuse, and what is not of the
// form above.
func (w *Weekly) UnmarshalJSON(data []byte) error {
	var texts map[string][]string
	if err := json.Unmarshal(data, &texts); err != nil {
		return invalid(`{"mon":["HH:MM-HH:MM"]}`)
	}
	days := make(map[time.Weekday][]Period, len(texts))
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		day := slices.Index(names[:], name)
		if day < 0 {
			return invalid(strings.Join(names[:], " "))
		}
		for _, text := range texts[name] {
			p, err := ParsePeriod(text)
			if err != nil {
				return err
			}
			days[time.Weekday(day)] = append(days[time.Weekday(day)], p)
		}
	}
	read, err := New(days)
	if err != nil {
		return err
	}
	*w = read
	return nil
}

func invalid(reason string) error {
	return apperr.New(apperr.InvalidInput, "field", "openingHours", "reason", reason)
}
