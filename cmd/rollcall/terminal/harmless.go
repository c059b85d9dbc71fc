package terminal

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// controlPictures is where Unicode's pictures of the C0 controls begin: ␛ for
	// ESC.
	controlPictures = '\u2400'
	deletePicture   = '\u2421'
	lastC0          = '\u001f'
	del             = '\u007f'
)

// Harmless makes text safe to show on a terminal: control characters become
// pictures of themselves, so that a name can neither move the cursor nor send
// escape sequences nor begin a line, and what would reorder the text around it, or
// takes no place and so hides in it, is replaced.
func Harmless(text string) string {
	if utf8.ValidString(text) && strings.IndexFunc(text, acts) < 0 {
		return text
	}

	var before shape

	return strings.Map(func(char rune) rune {
		if before.shows(char) {
			return char
		}

		return picture(char)
	}, text)
}

// picture is what is shown in place of a character.
func picture(char rune) rune {
	switch {
	case char <= lastC0:
		return controlPictures + char
	case char == del:
		return deletePicture
	default:
		return utf8.RuneError
	}
}

// acts reports characters that do something instead of showing: C0 and C1 controls,
// line and paragraph separators, and all that is invisible, such as marks of
// direction, joiners, fillers and tags.
func acts(char rune) bool {
	if char < utf8.RuneSelf {
		return char <= lastC0 || char == del
	}

	return unicode.In(char, unicode.Cc, unicode.Zl, unicode.Zp, unicode.Cf,
		unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point, unicode.Noncharacter_Code_Point)
}

// shape knows what comes before a character. Some scripts, and emoji, are written with
// joiners and variation selectors: each may come once behind what it can shape, and
// hides in the text anywhere else.
type shape struct {
	base             rune
	selected, joined bool
}

// shows reports whether the next character shows, or shapes one that does.
func (s *shape) shows(char rune) bool {
	switch {
	case unicode.Is(unicode.Variation_Selector, char):
		fits := s.selectable() && !s.selected && !s.joined
		s.selected = true

		return fits
	case unicode.Is(unicode.Join_Control, char):
		fits := s.joinable() && !s.joined
		s.joined = true

		return fits
	case acts(char):
		*s = shape{}

		return false
	case !unicode.Is(unicode.Inherited, char): // a mark belongs to the character before it
		*s = shape{base: char}
	}

	return true
}

// joinable reports whether a joiner changes how the base is drawn.
func (s *shape) joinable() bool {
	switch {
	case s.base < utf8.RuneSelf:
		return false
	case unicode.IsSymbol(s.base):
		return true
	default:
		return unicode.In(s.base, unicode.L, unicode.M) && !unicode.In(s.base, unicode.Latin, unicode.Greek, unicode.Cyrillic,
			unicode.Armenian, unicode.Georgian, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana)
	}
}

// selectable reports whether there are variants of the base: emoji and text, keycaps,
// ideographs, and letters that can be joined.
func (s *shape) selectable() bool {
	return s.joinable() || unicode.Is(unicode.Han, s.base) || strings.ContainsRune("0123456789#*‼⁉", s.base)
}
