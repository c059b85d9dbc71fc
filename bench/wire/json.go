package wire

import (
	"bytes"
	"strconv"
)

var (
	jsonEvents   = []byte(`{"events":[`)
	jsonSequence = []byte(`{"sequence":"`)
	jsonName     = []byte(`"name":"`)
)

// jsonResponses reads contact.v1.WatchPersonsResponse messages in JSON by looking
// for what begins each event.
type jsonResponses struct {
	watcher Watcher
	message []byte
}

func (r *jsonResponses) feed(piece []byte) error {
	r.message = append(r.message, piece...)
	return nil
}

func (r *jsonResponses) end() error {
	rest := r.message
	r.message = r.message[:0]
	if !bytes.HasPrefix(rest, jsonEvents) {
		return nil // progress
	}
	for {
		_, after, found := bytes.Cut(rest, jsonSequence)
		if !found {
			return nil
		}
		rest = after
		digits := bytes.IndexByte(rest, '"')
		if digits < 0 {
			return errFormat
		}
		sequence, err := strconv.ParseUint(string(rest[:digits]), 10, 64)
		if err != nil {
			return errFormat
		}
		if !r.watcher.Saw(sequence) {
			continue
		}
		_, name, _ := bytes.Cut(rest, jsonName)
		if err := sample(r.watcher, name); err != nil {
			return err
		}
	}
}
