// Package statefile keeps in files how far a watch or an import is, so that one that
// is started later goes on there. A file is replaced as a whole and is locked by the
// one that has it.
package statefile

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"rollcall/internal/filelock"
)

// SaveInterval is how often a state is saved at most, if an import does not settle many
// rows: what a killed watch shows again is what it had shown within this time.
const SaveInterval = time.Second

// ErrUnfit says that a state file is there and can't be gone on from: it is damaged,
// or belongs to another watch or import.
var ErrUnfit = errors.New("cannot go on from the state file")

// version is that of the files' format.
const version = 1

// lock locks a state file, by whichever of its names: two are one lock. If it is held,
// the error says by whom, and the way out.
func lock(path, holder string) (atomicFile, *os.File, error) {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}

	held, err := filelock.Lock(path + ".lock")
	if errors.Is(err, filelock.ErrHeld) {
		return atomicFile{}, nil, fmt.Errorf("state file %s is in use by %s", path, holder)
	}

	if err != nil {
		return atomicFile{}, nil, fmt.Errorf("state file %s: %w", path, err)
	}

	return atomicFile{path}, held, nil
}
