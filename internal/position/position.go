// Package position reads and writes positions as people see them: EPOCH:SEQUENCE.
package position

import (
	"fmt"
	"strconv"
	"strings"

	contactv1 "rollcall/gen/contact/v1"
)

// Parse reads EPOCH:SEQUENCE. The sequence follows the last colon, since an epoch may
// hold colons itself.
func Parse(text string) (*contactv1.Position, error) {
	colon := strings.LastIndexByte(text, ':')
	if colon < 1 {
		return nil, fmt.Errorf("position %q is not EPOCH:SEQUENCE", text)
	}

	sequence, err := strconv.ParseUint(text[colon+1:], 10, 64)
	if err != nil {
		return nil, fmt.Errorf("position %q is not EPOCH:SEQUENCE with a whole number at the end", text)
	}

	return &contactv1.Position{Epoch: text[:colon], Sequence: sequence}, nil
}

// Format writes what [Parse] reads.
func Format(epoch string, sequence uint64) string {
	return epoch + ":" + strconv.FormatUint(sequence, 10)
}
