package main

import "regexp"

// explainUsage says what kong's error says without the names that its code has for
// things.
func explainUsage(err error) string {
	said := err.Error()

	for _, word := range []struct{ kong, plain string }{
		{`expected \w+ value but got "EOL" \(<EOL>\)`, `needs a value`},
		{`missing value, expecting ".*?"`, `needs a value`},
		{`bool value must be`, `must be`},
		{`expected \w+ value but got (".*") \(\w+ flag\); perhaps try (.*?)\?`, `got $1, which reads as a flag: if it is meant, write $2`},
		{`expected a valid \d+ bit uint but got`, `expected a whole number, 0 or more and not too large, but got`},
		{`expected a valid \d+ bit int but got`, `expected a whole number but got`},
		{`expected a float but got (".*") \(\w+\)`, `expected a number but got $1`},
		{`expected duration but got (".*"): time: [^(]*?( \(|$)`, `expected a duration such as 500ms, 5s or 10m but got $1$2`},
		{`from envar `, `from the environment's `},
		{`: stat (.*): no such file or directory`, `: there is no $1`},
	} {
		said = regexp.MustCompile(word.kong).ReplaceAllString(said, word.plain)
	}

	return said
}
