package subscriber

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"

	"connectrpc.com/connect/v2"
	"connectrpc.com/connect/v2/connectgzip"
)

const (
	// leastPacked is the least that is compressed, in bytes, and the least that it is
	// compressed to: Connect says of a message below it that it is not.
	leastPacked = 512
	// keptPacked is how many stretches are kept compressed: those that watches are at
	// now. With the bytes they were made from they take 8 MiB at most.
	keptPacked = 64
)

// packed is a response that is compressed already.
type packed []byte

// packer compresses each stretch once for all who are sent it.
type packer struct {
	// made counts how often it was compressed.
	made atomic.Int64

	writers sync.Pool

	mu   sync.Mutex
	kept [keptPacked]*pack
	next int
}

// pack is one stretch. Two are the same if they are the same memory, which nothing
// else can be while it is held here.
type pack struct {
	raw  []byte
	once sync.Once
	gzip packed
}

func newPacker() *packer {
	return &packer{writers: sync.Pool{New: func() any {
		w, err := gzip.NewWriterLevel(io.Discard, gzip.BestSpeed)
		if err != nil {
			panic(fmt.Sprintf("make a gzip writer of a level that there is: %v", err))
		}
		return w
	}}}
}

// pack returns the response of a shared stretch, compressed.
func (p *packer) pack(shared []byte, chosen encoding) packed {
	one := p.find(shared)
	one.once.Do(func() { one.gzip = p.compress(shared, chosen) })
	return one.gzip
}

func (p *packer) find(shared []byte) *pack {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := slices.IndexFunc(p.kept[:], func(one *pack) bool {
		return one != nil && len(one.raw) == len(shared) && &one.raw[0] == &shared[0]
	})
	if i >= 0 {
		return p.kept[i]
	}
	one := &pack{raw: shared}
	p.kept[p.next] = one
	p.next = (p.next + 1) % keptPacked
	return one
}

func (p *packer) compress(shared []byte, chosen encoding) packed {
	p.made.Add(1)
	all := p.gzip(shared, chosen, 0)
	if len(all) < leastPacked {
		all = p.gzip(shared, chosen, leastPacked-len(all))
	}
	return all
}

// gzip compresses a response, with so many bytes in the header that mean nothing.
func (p *packer) gzip(shared []byte, chosen encoding, padding int) packed {
	w := p.writers.Get().(*gzip.Writer) //nolint:errcheck // the pool holds nothing else
	defer p.writers.Put(w)
	var all bytes.Buffer
	w.Reset(&all)
	if padding > 0 {
		w.Extra = make([]byte, padding)
	}
	_ = writeResponse(w, shared, chosen) // a buffer takes all
	_ = w.Close()
	return all.Bytes()
}

// gzipped reports whether Connect has agreed on gzip for the response. It says so in
// the header, before the handler is called.
func gzipped(response http.Header) bool {
	return response.Get("Connect-Content-Encoding") == connect.CompressionNameGzip ||
		response.Get("Grpc-Encoding") == connect.CompressionNameGzip
}

// passingGzip is gzip that leaves alone what is compressed already. No message
// begins as that does: in Protobuf 0x1f has a wire type that does not exist, and
// JSON begins with a brace.
type passingGzip struct{ *connectgzip.Compressor }

func newPassingGzip() connect.Compressor {
	return passingGzip{connectgzip.New(connectgzip.WithLevel(gzip.BestSpeed))}
}

// Compress implements connect.Compressor.
func (c passingGzip) Compress(dst io.Writer) (io.WriteCloser, error) {
	return &passing{compressor: c.Compressor, dst: dst}, nil
}

// passing decides by the beginning of a message, which comes in one piece.
type passing struct {
	compressor *connectgzip.Compressor
	dst        io.Writer
	gzip       io.WriteCloser // nil before the first write, and when it passes
	begun      bool
}

func (p *passing) Write(b []byte) (int, error) {
	if !p.begun && len(b) > 0 {
		p.begun = true
		if !bytes.HasPrefix(b, []byte{0x1f, 0x8b}) {
			w, err := p.compressor.Compress(p.dst)
			if err != nil {
				return 0, err
			}
			p.gzip = w
		}
	}
	if p.gzip != nil {
		return p.gzip.Write(b)
	}
	return p.dst.Write(b)
}

func (p *passing) Close() error {
	if p.gzip == nil {
		return nil
	}
	return p.gzip.Close()
}
