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
// escape sequences nor begin a line, and what would reorder the text around it is
// replaced.
func Harmless(text string) string {
	if utf8.ValidString(text) && strings.IndexFunc(text, obeyed) < 0 {
		return text
	}

	return strings.Map(picture, text)
}

func picture(char rune) rune {
	switch {
	case char <= lastC0:
		return controlPictures + char
	case char == del:
		return deletePicture
	case obeyed(char):
		return utf8.RuneError
	default:
		return char
	}
}

// obeyed reports characters that act instead of showing: C0 and C1 controls, line
// and paragraph separators, and marks that change the direction of text.
func obeyed(char rune) bool {
	switch char {
	case '\u2028', '\u2029':
		return true
	default:
		return unicode.IsControl(char) || unicode.Is(unicode.Bidi_Control, char)
	}
}
