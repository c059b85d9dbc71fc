package watchtest

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"connectrpc.com/connect/v2"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	contactv1 "rollcall/gen/contact/v1"
)

// EventStream reads GET /events as a client without a library does: an EventSource,
// to the letter of its standard, or one that reads lines.
type EventStream struct {
	// SSE is set for an EventSource.
	SSE   bool
	body  io.ReadCloser
	lines *bufio.Reader
	// LastID is what an EventSource would come back with.
	LastID string
}

// OpenEvents asks for what a request does: an EventSource resumes by the header,
// the other by the query.
func OpenEvents(ctx context.Context, client *http.Client, base string, sse bool, request *contactv1.WatchPersonsRequest) (*EventStream, error) {
	get, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/events?"+eventsQuery(request).Encode(), http.NoBody)
	if err != nil {
		return nil, err
	}
	s := &EventStream{SSE: sse}
	if sse {
		get.Header.Set("Accept", "text/event-stream")
	}
	if position := request.GetAfter(); sse && position != nil {
		s.LastID = fmt.Sprintf("%s:%d", position.GetEpoch(), position.GetSequence())
		get.Header.Set("Last-Event-ID", s.LastID)
		get.URL.RawQuery = eventsQuery(&contactv1.WatchPersonsRequest{Filter: request.GetFilter()}).Encode()
	}
	response, err := client.Do(get)
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		defer response.Body.Close()
		text, err := io.ReadAll(response.Body)
		return nil, errors.Join(err, Failure(text))
	}
	s.body, s.lines = response.Body, bufio.NewReader(response.Body)
	return s, nil
}

// NewEventSource is an EventSource that reads a response.
func NewEventSource(body io.ReadCloser, lastID string) *EventStream {
	return &EventStream{SSE: true, body: body, lines: bufio.NewReader(body), LastID: lastID}
}

func eventsQuery(request *contactv1.WatchPersonsRequest) url.Values {
	query := url.Values{}
	switch start := request.GetStart().(type) {
	case *contactv1.WatchPersonsRequest_After:
		query.Set("after", fmt.Sprintf("%s:%d", start.After.GetEpoch(), start.After.GetSequence()))
	case *contactv1.WatchPersonsRequest_Last:
		query.Set("last", fmt.Sprint(start.Last))
	case *contactv1.WatchPersonsRequest_Since:
		query.Set("since", start.Since.AsTime().Format(time.RFC3339Nano))
	case *contactv1.WatchPersonsRequest_All:
		query.Set("all", "")
	}
	if request.GetFilter() != "" {
		query.Set("filter", request.GetFilter())
	}
	return query
}

// Failure is an error from its JSON.
func Failure(text []byte) error {
	var failed struct {
		Code    connect.Code `json:"code"`
		Message string       `json:"message"`
	}
	if err := json.Unmarshal(text, &failed); err != nil || failed.Message == "" {
		return fmt.Errorf("%q is no error in JSON: %w", text, err)
	}
	return connect.NewError(failed.Code, failed.Message)
}

// Close ends the watch.
func (s *EventStream) Close() error { return s.body.Close() }

// Receive returns one event, gap or progress.
func (s *EventStream) Receive() (*contactv1.WatchPersonsResponse, error) {
	kind, text, err := s.next()
	if err != nil {
		return nil, err
	}
	response := &contactv1.WatchPersonsResponse{}
	var msg proto.Message
	switch kind {
	case "message":
		response.Events = []*contactv1.PersonEvent{{}}
		msg = response.Events[0]
	case "gap":
		response.Gaps = []*contactv1.Gap{{}}
		msg = response.Gaps[0]
	case "progress":
		response.Progress = &contactv1.Progress{}
		msg = response.Progress
	case "error":
		if rest, err := io.ReadAll(s.lines); err != nil || len(rest) > 0 {
			return nil, fmt.Errorf("after the error came %q, %w", rest, err)
		}
		return nil, Failure([]byte(text))
	default:
		return nil, fmt.Errorf("what is a %q? %s", kind, text)
	}
	return response, protojson.Unmarshal([]byte(text), msg)
}

func (s *EventStream) next() (kind, text string, err error) {
	if s.SSE {
		return s.nextDispatched()
	}
	line, err := s.line()
	var named map[string]json.RawMessage
	if err == nil {
		err = json.Unmarshal([]byte(line), &named)
	}
	if len(named) == 1 { // an event has more
		for name, value := range named {
			return name, string(value), err
		}
	}
	return "message", line, err
}

// nextDispatched is "event stream interpretation" of the HTML standard.
func (s *EventStream) nextDispatched() (kind, data string, err error) {
	id := s.LastID
	for {
		line, err := s.line()
		if err != nil {
			return "", "", err // a last event that is not whole is none
		}
		if line == "" {
			s.LastID = id
			if data == "" {
				kind = ""
				continue
			}
			if kind == "" {
				kind = "message"
			}
			return kind, data[:len(data)-1], nil
		}
		field, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch field {
		case "event":
			kind = value
		case "data":
			data += value + "\n"
		case "id":
			id = value
		case "retry":
		default:
			return "", "", fmt.Errorf("what is the field %q?", line)
		}
	}
}

// line returns the next line; a stream that ends without an error was broken off.
func (s *EventStream) line() (string, error) {
	line, err := s.lines.ReadString('\n')
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return strings.TrimSuffix(line, "\n"), err
}
