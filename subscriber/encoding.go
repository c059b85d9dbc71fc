package subscriber

import (
	"strconv"
	"strings"
	"unicode"

	"rollcall/subscriber/fanout"
)

// encoding is one of the ways in which events go on the wire.
type encoding int

const (
	// inBinary and inJSON are the RPC's: a WatchPersonsResponse, and what stands in
	// the brackets of its events.
	inBinary encoding = iota
	inJSON
	// inSSE and inNDJSON are those of GET /events.
	inSSE
	inNDJSON

	encodings int = iota
)

// views are a log in each encoding; nil is the log's own bytes.
type views [encodings]*fanout.View

// newViews returns the views of a log, or of what a filter shows of it. They cost
// next to nothing until someone watches.
func newViews(log *fanout.Log, binary *fanout.View, epoch string) views {
	json := log.NewView(binary, jsonOf)
	return views{
		inBinary: binary,
		inJSON:   json,
		inSSE: log.NewView(json, func(dst []byte, sequence uint64, json []byte) []byte {
			return appendSSE(dst, epoch, sequence, json)
		}),
		inNDJSON: log.NewView(json, func(dst []byte, _ uint64, json []byte) []byte {
			return appendNDJSON(dst, json)
		}),
	}
}

// close lets go of what was made, by no cursor in use any more.
func (v views) close() {
	for _, e := range []encoding{inNDJSON, inSSE, inJSON, inBinary} { // what is made from another first
		v[e].Close()
	}
}

// appendSSE appends an event for an EventSource, from its JSON and the comma after
// it.
func appendSSE(dst []byte, epoch string, sequence uint64, json []byte) []byte {
	dst = appendID(dst, epoch, sequence)
	dst = append(dst, "data: "...)
	dst = append(dst, json[:len(json)-1]...)
	return append(dst, "\n\n"...)
}

// appendID appends the line from which an EventSource knows where to resume. There
// is none where no position is known, or where it would not come back as it was.
func appendID(dst []byte, epoch string, sequence uint64) []byte {
	if !fitsID(epoch) {
		return dst
	}
	dst = append(dst, "id: "...)
	dst = append(dst, epoch...)
	dst = append(dst, ':')
	dst = strconv.AppendUint(dst, sequence, 10)
	return append(dst, '\n')
}

// fitsID reports whether an epoch survives the way through an id and the header
// Last-Event-ID.
func fitsID(epoch string) bool {
	return epoch != "" && strings.TrimSpace(epoch) == epoch && !strings.ContainsFunc(epoch, unicode.IsControl)
}

// appendNDJSON appends an event as a line, from its JSON and the comma after it.
func appendNDJSON(dst, json []byte) []byte {
	dst = append(dst, json[:len(json)-1]...)
	return append(dst, '\n')
}
