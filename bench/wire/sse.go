package wire

import "bytes"

var (
	eventEnd  = []byte("\n\n")
	eventData = []byte("data: ")
)

// serverSentEvents reads a subscription to a Mercure hub.
type serverSentEvents struct {
	head head
	body chunked
	cutter

	watcher Watcher
}

// NewSSE subscribes to a topic of a Mercure hub.
func NewSSE(w Watcher) Reader {
	s := &serverSentEvents{head: head{status: "200"}, watcher: w}
	s.format = s
	s.body.body = &s.cutter
	return s
}

func (s *serverSentEvents) Open() []byte {
	return []byte("GET /.well-known/mercure?topic=persons HTTP/1.1\r\nHost: bench\r\nAccept: text/event-stream\r\n\r\n")
}

// Ready is after the response's head, which a hub sends once it has subscribed us.
func (s *serverSentEvents) Ready() bool { return s.head.done }

func (s *serverSentEvents) Feed(piece []byte) ([]byte, error) {
	if !s.head.done {
		body, err := s.head.feed(piece)
		if err != nil {
			return nil, err
		}
		piece = body
	}
	return nil, s.body.feed(piece)
}

func (s *serverSentEvents) size(head []byte) (int, error) {
	end := bytes.Index(head, eventEnd)
	if end < 0 {
		return 0, nil
	}
	return end + len(eventEnd), nil
}

func (s *serverSentEvents) item(event []byte) error {
	_, data, found := bytes.Cut(event, eventData)
	if !found {
		return nil // a comment
	}
	return stamped(s.watcher, data)
}
