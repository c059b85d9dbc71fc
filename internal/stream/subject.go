package stream

import "strings"

// publishable reports whether a text is a subject that a message can have.
func publishable(subject string) bool {
	if strings.ContainsAny(subject, " \t\r\n*>") || strings.HasPrefix(subject, "$") {
		return false
	}
	for token := range strings.SplitSeq(subject, ".") {
		if token == "" {
			return false
		}
	}
	return true
}

// matches reports whether a subject falls under a NATS subject pattern.
func matches(pattern, subject string) bool {
	want, have := strings.Split(pattern, "."), strings.Split(subject, ".")
	for i, token := range want {
		switch {
		case token == ">":
			return len(have) > i
		case i >= len(have), token != "*" && token != have[i]:
			return false
		}
	}
	return len(want) == len(have)
}
