package client

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// NewKey is an idempotency key that no other submission has.
func NewKey() string {
	return rand.Text()
}

// NewImportID names an import of which nothing can be known before it is read, such
// as standard input. Run again, it is another import.
func NewImportID() string {
	return rand.Text()
}

// maxImportID leaves room in a key, which the API takes up to 128 characters of, for
// any line's number.
const maxImportID = 100

// IsImportID reports whether rows' keys can begin with a text; "" is none chosen.
func IsImportID(text string) bool {
	return len(text) <= maxImportID && strings.IndexFunc(text, func(char rune) bool { return char <= ' ' || char > '~' }) < 0
}

// FileImportID names the import of exactly these bytes, and leaves the file at
// its beginning. Run again, it is the same import: within the stream's duplicate
// window each person is stored once.
func FileImportID(file io.ReadSeeker) (string, error) {
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return "", fmt.Errorf("reading the file for its hash: %w", err)
	}

	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return "", fmt.Errorf("going back to the file's beginning: %w", err)
	}

	return hex.EncodeToString(hash.Sum(nil)), nil
}

// rowKey is the idempotency key of one line of an import.
func rowKey(importID string, line int) string {
	return importID + "-" + strconv.Itoa(line)
}
