package natsserver

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"rollcall/internal/filelock"
)

// lockDir keeps a second process from opening the same files, which would
// corrupt them.
func lockDir(dir string) (*os.File, error) {
	lock, err := filelock.Lock(filepath.Join(dir, "lock"))
	if errors.Is(err, filelock.ErrHeld) {
		return nil, fmt.Errorf("%s is %w: stop it, or use another folder", dir, ErrInUse)
	}
	if err != nil {
		return nil, fmt.Errorf("data directory: %w", err)
	}
	return lock, nil
}
