package subscriber

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"sync"
	"testing"

	"pgregory.net/rapid"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/internal/person"
	"rollcall/internal/stream"
)

func unpacked(tb testing.TB, b []byte) string {
	tb.Helper()
	r, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		tb.Fatal(err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		tb.Fatal(err)
	}
	return string(plain)
}

func TestPackedIsTheResponse(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		shared := rapid.SliceOfN(rapid.Byte(), 1, 4*leastPacked).Draw(t, "shared")
		shared = bytes.Repeat(shared, rapid.IntRange(1, 50).Draw(t, "times"))
		chosen := rapid.SampledFrom([]encoding{inBinary, inJSON}).Draw(t, "encoding")
		var want bytes.Buffer
		if err := writeResponse(&want, shared, chosen); err != nil {
			t.Fatal(err)
		}
		all := newPacker().pack(shared, chosen)
		if len(all) < leastPacked {
			t.Errorf("%d bytes, less than Connect takes for compressed", len(all))
		}
		r, err := gzip.NewReader(bytes.NewReader(all))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, want.Bytes()) {
			t.Errorf("got %q, %v, want %q", got, err, want.Bytes())
		}
	})
}

func TestEachStretchIsPackedOnce(t *testing.T) {
	t.Parallel()
	p := newPacker()
	buf := bytes.Repeat([]byte("abcdefgh"), 1000)
	stretches := [][]byte{buf[:1000], buf[:2000], buf[1000:2000], bytes.Clone(buf[:1000])}
	var running sync.WaitGroup
	for range 100 {
		for _, stretch := range stretches {
			running.Go(func() {
				if got := unpacked(t, p.pack(stretch, inBinary)); got != string(stretch) {
					t.Errorf("got %d bytes, want %d", len(got), len(stretch))
				}
			})
		}
	}
	running.Wait()
	if made := p.made.Load(); made != int64(len(stretches)) {
		t.Errorf("compressed %d times, want %d", made, len(stretches))
	}
}

func TestPackerForgetsTheOldest(t *testing.T) {
	t.Parallel()
	p := newPacker()
	for range 2 {
		for range keptPacked + 1 {
			p.pack(bytes.Repeat([]byte("x"), leastPacked), inBinary)
		}
	}
	if made := p.made.Load(); made != 2*(keptPacked+1) {
		t.Errorf("compressed %d times", made)
	}
}

func TestGzipPassesWhatIsGzip(t *testing.T) {
	t.Parallel()
	packed := newPacker().pack(bytes.Repeat([]byte("x"), 1000), inBinary)
	for _, test := range []struct{ name, message, want string }{
		{"compressed already", string(packed), string(bytes.Repeat([]byte("x"), 1000))},
		{"not compressed", "plain", "plain"},
		{"nothing", "", ""},
		{"one byte of the two", "\x1f", "\x1f"},
	} {
		var got bytes.Buffer
		w, err := newPassingGzip().Compress(&got)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, test.message); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if test.message == "" {
			continue // Connect compresses no empty message
		}
		if plain := unpacked(t, got.Bytes()); plain != test.want {
			t.Errorf("%s: got %q", test.name, plain)
		}
	}
}

// BenchmarkPack compresses what a replay or a busy watch sends at once.
func BenchmarkPack(b *testing.B) {
	p := newPacker()
	var shared []byte
	for n := uint64(1); len(shared) < 64<<10; n++ {
		payload, err := person.Encode(nil, &contactv1.Person{
			Name: fmt.Sprintf("Person %x", n*0x9e3779b97f4a7c15), Email: fmt.Sprintf("p%d@example.org", n),
			Phones: []*contactv1.PhoneNumber{{Number: fmt.Sprintf("+49 30 %d", n*7919%10_000_000)}},
		})
		if err != nil {
			b.Fatal(err)
		}
		shared = appendEvent(shared, stream.Message{Sequence: n, Payload: payload})
	}
	b.SetBytes(int64(len(shared)))
	var all packed
	for b.Loop() {
		all = p.compress(shared, inBinary)
	}
	b.ReportMetric(float64(len(shared))/float64(len(all)), "ratio")
}
