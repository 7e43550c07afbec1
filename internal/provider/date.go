package provider

import (
	"errors"
	"time"
)

// A Date is a day. The zero Date means that none is stated.
type Date struct{ text string }

// ParseDate reads a day in the form 2006-01-31.
func ParseDate(s string) (Date, error) {
	if _, err := time.Parse(time.DateOnly, s); err != nil {
		return Date{}, errors.New("invalid date; use the form 2006-01-31")
	}
	return Date{s}, nil
}

// String returns the day in the form 2006-01-31; "" for the zero Date.
func (d Date) String() string { return d.text }

// IsZero reports whether no day is stated.
func (d Date) IsZero() bool { return d.text == "" }
