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
		return s.sendResponse(msg)
	default:
		return fmt.Errorf("no watch sends a %T", msg)
	}
}

// sendResponse sends gaps, or a progress, each with the position that it brings its
// reader to: never past what was sent or said to be gone.
func (s *eventStream) sendResponse(response *contactv1.WatchPersonsResponse) error {
	for _, gap := range response.GetGaps() {
		if gap.GetReason() == contactv1.GapReason_GAP_REASON_EPOCH_CHANGED {
			s.epoch = "" // until a progress says where the watch is in the next
		}
		if err := s.sendMessage("gap", gap.GetLast(), gap); err != nil {
			return err
		}
	}
	if progress := response.GetProgress(); progress != nil {
		s.epoch = progress.GetPosition().GetEpoch()
		return s.sendMessage("progress", progress.GetPosition().GetSequence(), progress)
	}
	return nil
}

func (s *eventStream) sendMessage(name string, sequence uint64, msg proto.Message) error {
	var before, text []byte
	if s.encoding == inSSE {
		before = appendID(s.retry(), s.epoch, sequence)
	}
	apart(func() { text = appendMessageJSON(nil, msg) })
	return s.write(s.appendNamed(before, name, text))
}

// retry is, before all else, the line that says when to come back.
func (s *eventStream) retry() []byte {
	if s.begun {
		return nil
	}
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
	s.begin()
	if _, err := s.w.Write(text); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	if err := s.flusher.Flush(); err != nil {
		return fmt.Errorf("flush: %w", err)
	}
	return nil
}
