package main

import (
	"fmt"
	"time"
)

// positiveDuration is a flag that makes no sense at zero or below.
type positiveDuration time.Duration

// UnmarshalText reads what the user wrote.
func (d *positiveDuration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	if err != nil || parsed <= 0 {
		return fmt.Errorf("%q is not a duration above zero such as 500ms, 5s or 10m", text)
	}
	*d = positiveDuration(parsed)
	return nil
}
