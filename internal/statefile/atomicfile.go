package statefile

import (
	"errors"
	"os"
	"path/filepath"
)

// atomicFile is replaced as a whole: whoever reads it finds the old content or
// the new, also after a crash of the machine. One process at a time may write it.
type atomicFile struct{ path string }

// replace puts new content in the file's place, and returns once it would outlive
// a crash.
func (f atomicFile) replace(content []byte) error {
	if err := f.writeBeside(content); err != nil {
		return err
	}

	if err := os.Rename(f.beside(), f.path); err != nil {
		return err
	}

	return syncDir(filepath.Dir(f.path))
}

// probe finds out whether replace could write this much, and leaves the file
// alone.
func (f atomicFile) probe(content []byte) error {
	err := f.writeBeside(content)

	return errors.Join(err, removeIfThere(f.beside()))
}

// beside has a name of its own rather than a random one: what a killed process
// left is written over.
func (f atomicFile) beside() string { return f.path + ".new" }

func (f atomicFile) writeBeside(content []byte) error {
	file, err := os.OpenFile(f.beside(), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}

	_, err = file.Write(content)
	if err == nil {
		err = file.Sync()
	}

	return errors.Join(err, file.Close())
}

// syncDir makes a rename last.
func syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}

	return errors.Join(dir.Sync(), dir.Close())
}

func removeIfThere(path string) error {
	if err := os.Remove(path); !errors.Is(err, os.ErrNotExist) {
		return err
	}

	return nil
}
