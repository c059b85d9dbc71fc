package subscriber

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	"connectrpc.com/connect/v2"
	"google.golang.org/protobuf/proto"

	contactv1 "rollcall/gen/contact/v1"
)

var contentTypes = map[encoding]string{
	inSSE:    "text/event-stream",
	inNDJSON: "application/x-ndjson",
}

// An EventSource comes back after a time between these: were it the same for all,
// those whom a server's end has cut off would come at once.
const (
	minRetry = time.Second
	maxRetry = 3 * time.Second
)

// eventStream sends a watch as server-sent events, or as lines of JSON. Each
// message goes out at once.
type eventStream struct {
	w        http.ResponseWriter
	flusher  *http.ResponseController
	encoding encoding
	begun    bool
	// epoch is that of the last position told; empty where none is known. A gap's
	// sequences are in it.
	epoch string
}

func newEventStream(w http.ResponseWriter, chosen encoding) *eventStream {
	return &eventStream{w: w, flusher: http.NewResponseController(w), encoding: chosen}
}

// begin sends the header, with the first that is sent.
func (s *eventStream) begin() {
	if s.begun {
		return
	}
	s.begun = true
	header := s.w.Header()
	header.Set("Content-Type", contentTypes[s.encoding])
	header.Set("X-Accel-Buffering", "no") // nginx would wait for its buffer to fill
	s.w.WriteHeader(http.StatusOK)
}

// Send implements sender.
func (s *eventStream) Send(msg any) error {
	switch msg := msg.(type) {
	case events:
		return s.write(msg)
	case *contactv1.WatchPersonsResponse:
		return s.write(s.appendResponse(nil, msg))
	case block:
		var text []byte
		for _, response := range msg {
			text = s.appendResponse(text, response)
		}
		return s.write(text)
	default:
		return fmt.Errorf("no watch sends a %T", msg)
	}
}

// appendResponse appends gaps, or a progress, each with the position that it brings
// its reader to: never past what was sent or said to be gone.
func (s *eventStream) appendResponse(dst []byte, response *contactv1.WatchPersonsResponse) []byte {
	for _, gap := range response.GetGaps() {
		if gap.GetReason() == contactv1.GapReason_GAP_REASON_EPOCH_CHANGED {
			s.epoch = "" // until a progress says where the watch is in the next
		}
		dst = s.appendMessage(dst, "gap", gap.GetLast(), gap)
	}
	if progress := response.GetProgress(); progress != nil {
		s.epoch = progress.GetPosition().GetEpoch()
		dst = s.appendMessage(dst, "progress", progress.GetPosition().GetSequence(), progress)
	}
	return dst
}

func (s *eventStream) appendMessage(dst []byte, name string, sequence uint64, msg proto.Message) []byte {
	if s.encoding == inSSE {
		dst = appendID(dst, s.epoch, sequence)
	}
	var text []byte
	apart(func() { text = appendMessageJSON(nil, msg) })
	return s.appendNamed(dst, name, text)
}

// retry is, before all else, the line that says when to come back.
func retry() []byte {
	after := minRetry + rand.N(maxRetry-minRetry) //nolint:gosec // nobody gains by guessing it
	return []byte("retry: " + strconv.FormatInt(after.Milliseconds(), 10) + "\n")
}

// appendNamed appends what is no person's event.
func (s *eventStream) appendNamed(dst []byte, name string, text []byte) []byte {
	if s.encoding == inSSE {
		return fmt.Appendf(dst, "event: %s\ndata: %s\n\n", name, text)
	}
	return fmt.Appendf(dst, "{%q:%s}\n", name, text)
}

// end says why the watch is over, unless the client can't be told.
func (s *eventStream) end(err error) {
	if errors.Is(err, errSend) {
		return
	}
	failure := struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	}{connect.CodeOf(err).String(), err.Error()}
	if rpc, ok := errors.AsType[*connect.Error](err); ok {
		failure.Message = rpc.Message()
	}
	text, err := json.Marshal(failure)
	if err != nil {
		panic(fmt.Sprintf("encode two texts: %v", err))
	}
	_ = s.write(s.appendNamed(nil, "error", text)) // the client may have left
}

func (s *eventStream) write(text []byte) error {
	if !s.begun && s.encoding == inSSE {
		text = append(retry(), text...)
	}
	s.begin()
	if _, err := s.w.Write(text); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	if err := s.flusher.Flush(); err != nil {
		return fmt.Errorf("flush: %w", err)
	}
	return nil
}
