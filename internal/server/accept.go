package server

import (
	"strconv"
	"strings"
)

// Preference is how much a header such as Accept or Accept-Encoding wants one of the
// things it lists, from 0, which is not at all, to 1. It is 0 for what it does not
// name.
func Preference(header []string, name string) float64 {
	for _, line := range header {
		for listed := range strings.SplitSeq(line, ",") {
			what, parameters, _ := strings.Cut(listed, ";")
			if strings.EqualFold(strings.TrimSpace(what), name) {
				return quality(parameters)
			}
		}
	}
	return 0
}

// quality reads the parameter q; 1 where there is none that can be read.
func quality(parameters string) float64 {
	for parameter := range strings.SplitSeq(parameters, ";") {
		key, value, _ := strings.Cut(parameter, "=")
		if !strings.EqualFold(strings.TrimSpace(key), "q") {
			continue
		}
		if q, err := strconv.ParseFloat(strings.TrimSpace(value), 64); err == nil && q >= 0 && q <= 1 {
			return q
		}
	}
	return 1
}
