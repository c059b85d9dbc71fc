package wire

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"sync"
)

// NewConnectGzip watches with binary messages that may be compressed.
func NewConnectGzip(w Watcher, filter string) Reader {
	c := newConnect("application/connect+proto", watchRequest(filter), &compressed{messages: newResponses(w)})
	c.open = bytes.Replace(c.open, []byte("\r\n\r\n"), []byte("\r\nConnect-Accept-Encoding: gzip\r\n\r\n"), 1)
	return c
}

// compressed decompresses messages on their way.
type compressed struct {
	messages messages
	message  []byte
}

func (c *compressed) feed(piece []byte) error {
	c.message = append(c.message, piece...)
	return nil
}

func (c *compressed) end() error {
	message := c.message
	c.message = c.message[:0]
	if bytes.HasPrefix(message, []byte{0x1f, 0x8b}) {
		plain, err := decompressed.of(message)
		if err != nil {
			return err
		}
		message = plain
	}
	if err := c.messages.feed(message); err != nil {
		return err
	}
	return c.messages.end()
}

// decompressed are the latest messages, which all watchers are sent alike: each
// would else cost the clients more than it costs the server.
var decompressed latest

const latestMessages = 256

type latest struct {
	mu    sync.Mutex
	plain map[string][]byte
	order [latestMessages]string
	next  int
}

func (l *latest) of(message []byte) ([]byte, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if plain, ok := l.plain[string(message)]; ok {
		return plain, nil
	}
	r, err := gzip.NewReader(bytes.NewReader(message))
	if err != nil {
		return nil, fmt.Errorf("decompress a message: %w", err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("decompress a message: %w", err)
	}
	if l.plain == nil {
		l.plain = make(map[string][]byte)
	}
	delete(l.plain, l.order[l.next])
	l.order[l.next] = string(message)
	l.plain[l.order[l.next]] = plain
	l.next = (l.next + 1) % latestMessages
	return plain, nil
}
