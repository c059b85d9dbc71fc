package terminal

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	barWidth = 30
	// barEvery is how often the bar is drawn at most: often enough for eyes.
	barEvery = 100 * time.Millisecond
	// clearLine goes to the line's beginning and clears it.
	clearLine = "\r\x1b[K"
)

// ProgressBar shows on a terminal how far an import is: the part of the input
// that was read, and the rows settled with their rate. It is ours because lines
// about refused rows have to go in between, and because what it measures (bytes)
// is not what it counts (rows).
type ProgressBar struct {
	terminal io.Writer
	total    int64
	began    time.Time
	read     atomic.Int64

	mu    sync.Mutex
	drawn time.Time
	rows  uint64
}

// NewProgressBar returns a bar over an input of so many bytes; 0 is unknown, and
// then only rows and rate are shown.
func NewProgressBar(terminal io.Writer, total int64) *ProgressBar {
	return &ProgressBar{terminal: terminal, total: total, began: time.Now()}
}

// Reader counts what is read through it, and reads in small pieces, lest a small
// input be all read before its first row is settled.
func (b *ProgressBar) Reader(in io.Reader) io.Reader {
	const piece = 16 << 10

	return readerFunc(func(buffer []byte) (int, error) {
		n, err := in.Read(buffer[:min(len(buffer), piece)])
		b.read.Add(int64(n))

		return n, err
	})
}

// Settled is told how many rows are settled by now, and draws the bar, unless it was
// just drawn.
func (b *ProgressBar) Settled(rows uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()

	b.rows = rows

	if now := time.Now(); now.Sub(b.drawn) >= barEvery {
		b.drawn = now
		b.draw()
	}
}

// Line prints a line, made harmless, above the bar.
func (b *ProgressBar) Line(line string) {
	b.mu.Lock()
	defer b.mu.Unlock()

	_, _ = fmt.Fprintf(b.terminal, "%s%s\n", clearLine, Harmless(line))
	b.draw()
}

// Clear takes the bar away. Nothing may be settled any more.
func (b *ProgressBar) Clear() {
	b.mu.Lock()
	defer b.mu.Unlock()

	_, _ = io.WriteString(b.terminal, clearLine)
}

// draw ignores errors of the terminal: a bar that can't be drawn is no reason to
// stop.
func (b *ProgressBar) draw() {
	rate := float64(b.rows) / max(time.Since(b.began).Seconds(), barEvery.Seconds())
	_, _ = fmt.Fprintf(b.terminal, "%s%s%d rows, %.0f/s%s", clearLine, b.bar(), b.rows, rate, b.left())
}

// left is how long the rest takes, if it is as fast as what was read; "" where that
// can't be told.
func (b *ProgressBar) left() string {
	read := b.read.Load()
	if b.total <= 0 || read <= 0 {
		return ""
	}

	left := time.Duration(float64(time.Since(b.began)) * float64(max(b.total-read, 0)) / float64(read))

	return fmt.Sprintf(", %v left", left.Round(time.Second))
}

func (b *ProgressBar) bar() string {
	if b.total <= 0 {
		return ""
	}

	part := min(float64(b.read.Load())/float64(b.total), 1)
	full := int(part * barWidth)

	return fmt.Sprintf("%s%s %3.0f%%  ", strings.Repeat("█", full), strings.Repeat("░", barWidth-full), 100*part)
}

type readerFunc func(buffer []byte) (int, error)

func (f readerFunc) Read(buffer []byte) (int, error) { return f(buffer) }
