package terminal

import "testing"

func TestHarmless(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct{ text, want string }{
		"plain":                   {"Ada", "Ada"},
		"other scripts":           {"Zoë 山田 שלום", "Zoë 山田 שלום"},
		"joined emoji":            {"👩‍👧", "👩‍👧"},
		"escape sequence":         {"\x1b[31mred", "␛[31mred"},
		"line break and tab":      {"a\r\n\tb", "a␍␊␉b"},
		"delete":                  {"a\x7f", "a␡"},
		"C1 control":              {"\u009b31m", "�31m"},
		"right-to-left override":  {"a\u202eb", "a�b"},
		"line separator":          {"a\u2028b", "a�b"},
		"not UTF-8":               {"a\x9bb", "a�b"},
		"zero byte, in the midst": {"a\x00b", "a␀b"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			if got := Harmless(test.text); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
