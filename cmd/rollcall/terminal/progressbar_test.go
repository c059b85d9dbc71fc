package terminal

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestTheProgressBar(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var terminal bytes.Buffer

		bar := NewProgressBar(&terminal, 4)
		if _, err := io.ReadFull(bar.Reader(strings.NewReader("ab")), make([]byte, 2)); err != nil {
			t.Fatal(err)
		}

		time.Sleep(2 * time.Second) // On synctest's clock.
		bar.Settled(10)
		bar.Settled(11) // Too soon to draw again.
		bar.Line("line 1: no")
		bar.Clear()

		half := strings.Repeat("█", 15) + strings.Repeat("░", 15) + "  50%  "
		want := clearLine + half + "10 rows, 5/s, 2s left" +
			clearLine + "line 1: no\n" + clearLine + half + "11 rows, 6/s, 2s left" + clearLine

		if got := terminal.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}
