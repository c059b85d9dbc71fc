package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// openTerminal returns a terminal and what is behind it: keys go in there, and what is
// shown comes out. The test is skipped where there are no terminals.
func openTerminal(t *testing.T) (behind, terminal *os.File) {
	t.Helper()

	behind, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip("no terminals here:", err)
	}

	t.Cleanup(func() { _ = behind.Close() })

	number, err := unix.IoctlGetInt(int(behind.Fd()), unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(behind.Fd()), unix.TIOCSPTLCK, 0)
	}

	if err != nil {
		t.Skip("no terminals here:", err)
	}

	terminal, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("no terminals here:", err)
	}

	t.Cleanup(func() { _ = terminal.Close() })

	return behind, terminal
}

// readUntil reads until what was read holds a text.
func readUntil(t *testing.T, from *os.File, text string) string {
	t.Helper()

	var read strings.Builder

	timeout := time.AfterFunc(20*time.Second, func() { _ = from.Close() })
	defer timeout.Stop()

	for !strings.Contains(read.String(), text) {
		buffer := make([]byte, 4096)

		n, err := from.Read(buffer)
		read.Write(buffer[:n])

		if err != nil {
			t.Fatalf("read %q, %v; want %q", read.String(), err, text)
		}
	}

	return read.String()
}

const clearLine = "\r\x1b[K"

func TestAWatchSaysOnATerminalThatItWaits(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		last   uint64
		args   []string
		status string
	}{
		"five of six": {5, []string{"--count", "6"}, "5 of 6, waiting"},
		"none of six": {0, []string{"--count", "6"}, "connected, 0 of 6, waiting"},
		"none":        {0, nil, "connected, waiting"},
		"as JSON":     {1, []string{"--output", "json"}, "1 shown, waiting"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			f := newFixture(t)
			f.last.Store(test.last)
			behind, terminal := openTerminal(t)

			command := rollcall(t, append([]string{"watch", "--all", "--server", f.url}, test.args...)...)
			command.Stdout, command.Stderr = terminal, terminal

			if err := command.Start(); err != nil {
				t.Fatal(err)
			}

			if shown := readUntil(t, behind, "waiting"); !strings.HasSuffix(shown, clearLine+test.status) {
				t.Errorf("shown %q, want %q at the end", shown, test.status)
			}

			if err := command.Process.Signal(os.Interrupt); err != nil {
				t.Fatal(err)
			}

			if err := command.Wait(); err != nil {
				t.Error(err)
			}

			if shown := readUntil(t, behind, clearLine); !strings.HasSuffix(shown, clearLine) {
				t.Errorf("at the end %q was left", shown)
			}
		})
	}
}

// TestAWatchSaysNothingOfWaitingElsewhere has its output, or its errors, piped.
func TestAWatchSaysNothingOfWaitingElsewhere(t *testing.T) {
	t.Parallel()

	for name, piped := range map[string]struct{ stdout, stderr bool }{
		"output piped": {stdout: true},
		"errors piped": {stderr: true},
		"both piped":   {stdout: true, stderr: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			f := newFixture(t)
			f.last.Store(1)
			behind, terminal := openTerminal(t)

			out, in, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}

			t.Cleanup(func() { _ = out.Close() })

			command := rollcall(t, "watch", "--all", "--server", f.url, "--output", "json")
			command.Stdout, command.Stderr = terminal, terminal

			if piped.stdout {
				command.Stdout = in
			}

			if piped.stderr {
				command.Stderr = in
			}

			if err := command.Start(); err != nil {
				t.Fatal(err)
			}

			_ = in.Close()

			shownAt := behind
			if piped.stdout {
				shownAt = out
			}

			readUntil(t, shownAt, "Ada")
			time.Sleep(500 * time.Millisecond) // in which it would be said

			if err := command.Process.Signal(os.Interrupt); err != nil {
				t.Fatal(err)
			}

			if err := command.Wait(); err != nil {
				t.Error(err)
			}

			_, _ = terminal.WriteString("the end")
			rest, err := io.ReadAll(out)

			if shown := readUntil(t, behind, "the end") + string(rest); err != nil || strings.Contains(shown, "waiting") || strings.Contains(shown, "\x1b") {
				t.Errorf("shown %q, %v", shown, err)
			}
		})
	}
}
