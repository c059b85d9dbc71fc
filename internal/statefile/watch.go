package statefile

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/internal/position"
)

// watchContent is what the file holds. A filter belongs to it: the position says
// that all was shown up to there, and that is true of the one filter alone.
type watchContent struct {
	Version  int    `json:"version"`
	Position string `json:"position"`
	Filter   string `json:"filter"`
}

// Watch keeps a watch's position in a file, so that a watch started later goes on
// where this one was.
type Watch struct {
	file   atomicFile
	filter string
	start  *contactv1.Position
	lock   *os.File

	mu sync.Mutex
	// position is the newest, saved or not.
	position string
	saved    string
	savedAt  time.Time
	// later is set while a save is due.
	later *time.Timer
	err   error
}

// OpenWatch locks a watch's state file and reads it if it is there. It makes sure that
// it could be written. [ErrUnfit] means that the file is not for this watch.
func OpenWatch(path, filter string) (*Watch, error) {
	file, held, err := lock(path, "another watch: stop that one, or give this one its own")
	if err != nil {
		return nil, err
	}

	s := &Watch{file: file, filter: filter, lock: held}

	if err := s.load(); err != nil {
		return nil, errors.Join(err, held.Close())
	}

	return s, nil
}

func (s *Watch) load() error {
	text, err := os.ReadFile(s.file.path)

	switch {
	case errors.Is(err, os.ErrNotExist):
	case err != nil:
		return fmt.Errorf("state file: %w", err)
	default:
		if err := s.parse(text); err != nil {
			return fmt.Errorf("%w %s: %w", ErrUnfit, s.file.path, err)
		}
	}

	probe := position.Format(s.start.GetEpoch(), s.start.GetSequence())
	if err := s.file.probe(s.content(probe)); err != nil {
		return fmt.Errorf("state file %s cannot be saved: %w", s.file.path, err)
	}

	return nil
}

func (s *Watch) parse(text []byte) error {
	const wayOut = "give another file; or remove this one, and the watch starts anew"

	if len(text) == 0 {
		return errors.New("it is empty: " + wayOut)
	}

	var saved watchContent
	if err := json.Unmarshal(text, &saved); err != nil {
		return fmt.Errorf("it holds no JSON as rollcall writes it (%w): %s", err, wayOut)
	}

	if saved.Version != version {
		return fmt.Errorf("its version is %d, and this rollcall knows %d: %s", saved.Version, version, wayOut)
	}

	start, err := position.Parse(saved.Position)
	if err != nil {
		return fmt.Errorf("%w: %s", err, wayOut)
	}

	if saved.Filter != s.filter {
		return fmt.Errorf("it belongs to a watch %s, and this one is %s: give the same filter, or another file",
			describeFilter(saved.Filter), describeFilter(s.filter))
	}

	s.start, s.position, s.saved = start, saved.Position, saved.Position

	return nil
}

func describeFilter(filter string) string {
	if filter == "" {
		return "without a filter"
	}

	return "with the filter '" + filter + "'"
}

// Start is the position to go on after; nil when there was no file.
func (s *Watch) Start() *contactv1.Position {
	return s.start
}

// Path is the file's.
func (s *Watch) Path() string {
	return s.file.path
}

// Moved notes how far the watch is, once all up to there was shown and flushed.
// It saves now or, if it has just saved, a little later. The error is that of a
// save, perhaps an earlier one.
func (s *Watch) Moved(to *contactv1.Position) error {
	s.mu.Lock()
	defer s.mu.Unlock()

	s.position = position.Format(to.GetEpoch(), to.GetSequence())

	if s.err != nil || s.position == s.saved || s.later != nil {
		return s.err
	}

	if wait := SaveInterval - time.Since(s.savedAt); wait > 0 {
		s.later = time.AfterFunc(wait, s.saveLater)

		return nil
	}

	s.save()

	return s.err
}

func (s *Watch) saveLater() {
	s.mu.Lock()
	defer s.mu.Unlock()

	s.later = nil
	s.save()
}

// save is called with the lock held. After an error it is not tried again: the
// watch is about to end, and Close says why.
func (s *Watch) save() {
	if s.err != nil || s.position == s.saved || s.lock == nil {
		return
	}

	if err := s.file.replace(s.content(s.position)); err != nil {
		s.err = fmt.Errorf("saving the position: %w", err)

		return
	}

	s.saved, s.savedAt = s.position, time.Now()
}

func (s *Watch) content(at string) []byte {
	// Strings and a number can always be written.
	content, _ := json.MarshalIndent(watchContent{version, at, s.filter}, "", "  ") //nolint:errchkjson // as said

	return append(content, '\n')
}

// Close saves a last time, and lets another watch have the file.
func (s *Watch) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()

	if s.later != nil {
		s.later.Stop()
	}

	s.save()

	err := errors.Join(s.err, s.lock.Close())
	s.lock = nil

	return err
}
