package statefile

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/internal/position"
)

// SaveRows is after how many settled rows an import's state is saved, if not by the
// time.
const SaveRows = 1000

// importContent is what the file holds.
type importContent struct {
	Version int `json:"version"`
	// Import is the ID of the rows' keys.
	Import string `json:"import"`
	// Line is the last one that is settled, as all before it are.
	Line int `json:"line"`
	// After is a position after which all that follow are stored, if they are.
	After string `json:"after"`
	Done  bool   `json:"done"`
}

// Import keeps in a file how far an import is, so that one started later goes on
// where this one was.
type Import struct {
	file atomicFile
	id   string
	lock *os.File
	// loaded is set if the file was there: an earlier run has begun.
	loaded bool
	done   bool

	line  int
	after *contactv1.Position

	savedLine int
	savedAt   time.Time
}

// OpenImport locks an import's state file and reads it if it is there. [ErrUnfit] means
// that the file is not for this import.
func OpenImport(path, id string) (*Import, error) {
	file, held, err := lock(path, "another import: wait for it, or give this one its own")
	if err != nil {
		return nil, err
	}

	s := &Import{file: file, id: id, lock: held}

	if err := s.load(); err != nil {
		return nil, errors.Join(err, held.Close())
	}

	return s, nil
}

func (s *Import) load() error {
	text, err := os.ReadFile(s.file.path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}

	if err != nil {
		return fmt.Errorf("state file: %w", err)
	}

	if err := s.parse(text); err != nil {
		return fmt.Errorf("%w %s: %w", ErrUnfit, s.file.path, err)
	}

	return nil
}

func (s *Import) parse(text []byte) error {
	const wayOut = "give another file; or remove this one, and the import begins anew"

	var saved importContent
	if err := json.Unmarshal(text, &saved); err != nil {
		return fmt.Errorf("it holds no JSON as rollcall writes it (%w): %s", err, wayOut)
	}

	if saved.Version != version || saved.Import == "" || saved.Line < 0 {
		return errors.New("it is not the state of an import that this rollcall knows: " + wayOut)
	}

	if saved.Import != s.id {
		return fmt.Errorf("it belongs to another import (%.16s…), and this is %.16s…: the file to import has changed, or give another state file", saved.Import, s.id)
	}

	after, err := position.Parse(saved.After)
	if err != nil {
		return fmt.Errorf("%w: %s", err, wayOut)
	}

	s.loaded, s.done, s.line, s.after = true, saved.Done, saved.Line, after
	s.savedLine = saved.Line

	return nil
}

// GoesOn reports whether an earlier run has begun the import. It may be called on
// nil, as of an import without a state, and so may SettledUpTo, Done and Close.
func (s *Import) GoesOn() bool { return s != nil && s.loaded }

// SettledUpTo returns the last line that is settled, as all before it are, and a
// position after which all that follow are stored, if they are.
func (s *Import) SettledUpTo() (line int, after *contactv1.Position) {
	if s == nil {
		return 0, nil
	}

	return s.line, s.after
}

// Done reports whether an earlier run has finished the import.
func (s *Import) Done() bool { return s != nil && s.done }

// Begin saves where the stream is before the first row is sent.
func (s *Import) Begin(head *contactv1.Position) error {
	s.after = head

	return s.save(false)
}

// Moved notes that all rows up to a line are settled, and saves it now and then.
// Saving waits for the disk.
func (s *Import) Moved(line int, after *contactv1.Position) error {
	s.line, s.after = line, after

	if line-s.savedLine < SaveRows && time.Since(s.savedAt) < SaveInterval {
		return nil
	}

	return s.save(false)
}

// Ended saves how far the import is, and whether nothing is left to do.
func (s *Import) Ended(line int, after *contactv1.Position, done bool) error {
	s.line, s.after = line, after

	return s.save(done)
}

func (s *Import) save(done bool) error {
	// Strings and a number can always be written.
	content, _ := json.MarshalIndent(importContent{ //nolint:errchkjson // as said
		Version: version, Import: s.id, Line: s.line, Done: done,
		After: position.Format(s.after.GetEpoch(), s.after.GetSequence()),
	}, "", "  ")

	if err := s.file.replace(append(content, '\n')); err != nil {
		return fmt.Errorf("saving the import's state: %w", err)
	}

	s.savedLine, s.savedAt = s.line, time.Now()

	return nil
}

// Close lets another import have the file.
func (s *Import) Close() error {
	if s == nil {
		return nil
	}

	return s.lock.Close()
}
