package terminal

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/displaywidth"

	"rollcall/internal/person/persontest"
)

func TestHarmless(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct{ text, want string }{
		"plain":                        {"Ada", "Ada"},
		"other scripts":                {"Zoë 山田 שלום", "Zoë 山田 שלום"},
		"escape sequence":              {"\x1b[31mred", "␛[31mred"},
		"line break and tab":           {"a\r\n\tb", "a␍␊␉b"},
		"delete":                       {"a\x7f", "a␡"},
		"zero byte, in the midst":      {"a\x00b", "a␀b"},
		"C1 control":                   {"\u009b31m", "�31m"},
		"next line":                    {"a\u0085b", "a�b"},
		"line separator":               {"a\u2028b", "a�b"},
		"paragraph separator":          {"a\u2029b", "a�b"},
		"right-to-left override":       {"a\u202eb", "a�b"},
		"embedding and its end":        {"\u202aa\u202b\u202c", "�a��"},
		"isolates":                     {"\u2066a\u2067\u2068\u2069", "�a���"},
		"marks of direction":           {"a\u200e\u200f\u061c", "a���"},
		"zero-width space":             {"A\u200bda", "A�da"},
		"joiners within Latin":         {"A\u200cd\u200da", "A�d�a"},
		"joiner behind an accent":      {"e\u0301\u200da", "e\u0301�a"},
		"word joiner":                  {"A\u2060da", "A�da"},
		"byte order mark":              {"\ufeffAda", "�Ada"},
		"soft hyphen":                  {"A\u00adda", "A�da"},
		"grapheme joiner":              {"A\u034fda", "A�da"},
		"Mongolian vowel separator":    {"A\u180eda", "A�da"},
		"invisible operators":          {"A\u2061\u2062\u2063\u2064da", "A����da"},
		"Hangul fillers":               {"\u115f\u1160\u3164\uffa0", "����"},
		"tags":                         {"A\U000e0041\U000e0064\U000e0061", "A���"},
		"variation selector alone":     {"A\ufe0f\U000e0100da", "A��da"},
		"annotation":                   {"a\ufff9b\ufffac\ufffb", "a�b�c�"},
		"not UTF-8":                    {"a\x9bb", "a�b"},
		"joined emoji":                 {"👩‍👧", "👩‍👧"},
		"emoji with skin and gender":   {"🏋🏽‍♀️", "🏋🏽‍♀️"},
		"emoji with selector, joined":  {"👁️‍🗨️", "👁️‍🗨️"},
		"keycap":                       {"1️⃣", "1️⃣"},
		"bytes hidden behind an emoji": {"😀\ufe0f\ufe01\ufe02\u200d\u200d", "😀\ufe0f��\u200d�"},
		"Persian":                      {"می\u200cخواهم", "می\u200cخواهم"},
		"Persian, joined twice":        {"می\u200c\u200cخ", "می\u200c�خ"},
		"Malayalam":                    {"മോഹന്\u200d", "മോഹന്\u200d"},
		"Sinhala":                      {"ශ්\u200dරී", "ශ්\u200dරී"},
		"ideograph's variant":          {"葛\U000e0100城", "葛\U000e0100城"},
		"no character at all":          {"a\uffffb", "a�b"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			if got := Harmless(test.text); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// TestNothingHidesInText goes through all of Unicode: behind a Latin letter a
// character takes a column, or is an accent, or is replaced.
func TestNothingHidesInText(t *testing.T) {
	t.Parallel()

	for char := rune(0); char <= unicode.MaxRune; char++ {
		if !utf8.ValidRune(char) {
			continue
		}

		text := "a" + string(char) + "b"
		replaced := Harmless(text) != text
		hides := displaywidth.Rune(char) == 0 && !unicode.IsMark(char) || unicode.IsControl(char)

		if hides && !replaced {
			t.Errorf("%U takes no place, and is shown as it is", char)
		}

		blank := strings.ContainsRune("\u115f\u1160\u3164\uffa0", char) // Hangul's fillers
		if replaced && unicode.IsPrint(char) && displaywidth.Rune(char) > 0 && !blank {
			t.Errorf("%U can be seen, and is replaced", char)
		}
	}
}

// TestWhatTheAPICallsInvisibleIsReplaced goes by the ranges that lie beside the API:
// all but spaces, which take their place.
func TestWhatTheAPICallsInvisibleIsReplaced(t *testing.T) {
	t.Parallel()

	const brailleBlank = '\u2800'

	names := persontest.ReadNames(t)

	for _, char := range slices.Concat(names.Invisible.All(), names.Controls.All(), names.Directions.All()) {
		if unicode.Is(unicode.Zs, char) || char == brailleBlank {
			continue
		}

		if text := "a" + string(char) + "b"; Harmless(text) == text {
			t.Errorf("%U is shown as it is", char)
		}
	}
}
