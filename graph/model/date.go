package model

import (
	"fmt"
	"io"
	"strconv"
	"time"
)

// Date is a calendar day as YYYY-MM-DD.
type Date string

// MarshalGQL writes the day as a JSON string.
func (d Date) MarshalGQL(w io.Writer) { _, _ = io.WriteString(w, strconv.Quote(string(d))) }

// UnmarshalGQL accepts an existing day between 1900 and 2100.
func (d *Date) UnmarshalGQL(v any) error {
	s, ok := v.(string)
	if !ok {
		return fmt.Errorf("a Date is a string YYYY-MM-DD")
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil || t.Year() < 1900 || t.Year() > 2100 {
		return fmt.Errorf("a Date is a day YYYY-MM-DD between 1900 and 2100")
	}
	*d = Date(s)
	return nil
}
