package terminal

import (
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	contactv1 "rollcall/gen/contact/v1"
)

// screen is a terminal that is written to from several goroutines.
type screen struct {
	mu    sync.Mutex
	bytes []byte
}

func (s *screen) Write(written []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()

	s.bytes = append(s.bytes, written...)

	return len(written), nil
}

// take returns what was written since it was last called.
func (s *screen) take() string {
	s.mu.Lock()
	defer s.mu.Unlock()

	written := string(s.bytes)
	s.bytes = nil

	return written
}

// linePrinter prints a line for each thing, at once.
type linePrinter struct{ out io.Writer }

func (p linePrinter) Event(event *contactv1.PersonEvent) error {
	_, err := io.WriteString(p.out, event.GetPerson().GetName()+"\n")

	return err
}

func (p linePrinter) Gap(*contactv1.Gap) error {
	_, err := io.WriteString(p.out, "gap\n")

	return err
}

func (linePrinter) Progress(*contactv1.Progress) error { return nil }
func (linePrinter) Flush() error                       { return nil }

func TestAWatchSaysThatItWaits(t *testing.T) {
	t.Parallel()

	ada := personEvent(1, &contactv1.Person{Name: "Ada"})
	lost := &contactv1.Progress{Source: contactv1.Source_SOURCE_DISCONNECTED}

	for name, test := range map[string]struct {
		wanted uint64
		show   func(s *StatusLine) error
		want   string
	}{
		"before the server has answered": {0, func(*StatusLine) error { return nil }, ""},
		"nothing yet":                    {0, func(s *StatusLine) error { return s.Progress(progress("e1", 0)) }, clearLine + "connected, waiting"},
		"nothing yet of six":             {6, func(s *StatusLine) error { return s.Progress(progress("e1", 0)) }, clearLine + "connected, 0 of 6, waiting"},
		"one of six": {6, func(s *StatusLine) error {
			return errors.Join(s.Progress(progress("e1", 0)), s.Event(ada))
		}, "Ada\n" + clearLine + "1 of 6, waiting"},
		"two of any number": {0, func(s *StatusLine) error {
			return errors.Join(s.Progress(progress("e1", 0)), s.Event(ada), s.Gap(nil), s.Event(ada))
		}, "Ada\ngap\nAda\n" + clearLine + "2 shown, waiting"},
		"the server without its source": {0, func(s *StatusLine) error { return s.Progress(lost) }, ""},
		"the source is back": {0, func(s *StatusLine) error {
			return errors.Join(s.Progress(lost), s.Flush(), s.Progress(progress("e1", 0)))
		}, clearLine + "connected, waiting"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				screen := &screen{}

				status := NewStatusLine(screen, linePrinter{screen}, test.wanted)
				if err := errors.Join(test.show(status), status.Flush()); err != nil {
					t.Fatal(err)
				}

				time.Sleep(quiet - time.Millisecond) // on synctest's clock
				synctest.Wait()

				before := screen.take()
				if strings.Contains(before, "waiting") {
					t.Errorf("got %q too soon", before)
				}

				time.Sleep(time.Millisecond)
				synctest.Wait()

				if got := before + screen.take(); got != test.want {
					t.Errorf("got %q, want %q", got, test.want)
				}

				status.Clear()
			})
		})
	}
}

func TestTheStatusIsGoneBeforeAnythingElseIsPrinted(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		next func(s *StatusLine) error
		want string
	}{
		"an event":         {func(s *StatusLine) error { return s.Event(personEvent(1, &contactv1.Person{Name: "Ada"})) }, clearLine + "Ada\n"},
		"a gap":            {func(s *StatusLine) error { return s.Gap(nil) }, clearLine + "gap\n"},
		"a line":           {func(s *StatusLine) error { s.Line("lost\x1b"); return nil }, clearLine + "lost␛\n"},
		"a progress alone": {func(s *StatusLine) error { return errors.Join(s.Progress(progress("e1", 0)), s.Flush()) }, clearLine + clearLine + "connected, waiting"},
		"the end":          {func(s *StatusLine) error { s.Clear(); return nil }, clearLine},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				screen := &screen{}

				status := NewStatusLine(screen, linePrinter{screen}, 0)
				if err := errors.Join(status.Progress(progress("e1", 0)), status.Flush()); err != nil {
					t.Fatal(err)
				}

				time.Sleep(quiet)
				synctest.Wait()
				screen.take()

				if err := test.next(status); err != nil {
					t.Fatal(err)
				}

				now := screen.take()

				time.Sleep(time.Minute)
				synctest.Wait()

				if later := screen.take(); now != test.want || later != "" {
					t.Errorf("got %q and later %q, want %q at once", now, later, test.want)
				}
			})
		})
	}
}
