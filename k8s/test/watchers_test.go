package k8stest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"testing"
)

// watcher is `rollcall watch`, held to what a watch promises: each sequence once, in
// order, and a word where one is missing.
type watcher struct {
	name string

	mu     sync.Mutex
	emails []string // of sequence 1, 2, …
	broken error
	said   bytes.Buffer
}

// watchFrom watches all through a Service. The watcher resumes by itself; ends is
// called with what went wrong.
func watchFrom(t *testing.T, address, protocol string) *watcher {
	t.Helper()

	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	w := &watcher{name: "watch by " + protocol}
	command := exec.CommandContext(ctx, "rollcall", "watch", "--all", "--output", "json", "--server", "http://"+address, "--protocol", protocol)
	command.Stderr = &w.said

	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}

	if err := command.Start(); err != nil {
		t.Fatal(err)
	}

	ended := make(chan struct{})
	go func() {
		defer close(ended)

		w.follow(stdout)
		_ = command.Wait() // it is killed
	}()

	t.Cleanup(func() {
		cancel()
		<-ended

		if t.Failed() {
			t.Logf("%s: %d persons; it said:\n%s", w.name, len(w.emails), w.said.String())
		}
	})

	return w
}

func (w *watcher) follow(lines io.Reader) {
	for scanner := bufio.NewScanner(lines); scanner.Scan(); {
		w.mu.Lock()
		if w.broken == nil {
			w.broken = w.take(scanner.Bytes())
		}
		w.mu.Unlock()
	}
}

func (w *watcher) take(line []byte) error {
	var event struct {
		Sequence uint64 `json:"sequence,string"`
		Person   *struct {
			Email string `json:"email"`
		} `json:"person"`
	}

	err := json.Unmarshal(line, &event)

	switch wanted := uint64(len(w.emails)) + 1; {
	case err != nil, event.Person == nil:
		return fmt.Errorf("%s: %s is no person (%w)", w.name, line, errors.Join(err))
	case event.Sequence != wanted:
		return fmt.Errorf("%s: %d came after %d", w.name, event.Sequence, wanted-1)
	}

	w.emails = append(w.emails, event.Person.Email)

	return nil
}

// has says what of the persons acknowledged the watcher was not shown at their places.
func (w *watcher) has(acknowledged map[uint64]string) error {
	w.mu.Lock()
	defer w.mu.Unlock()

	if w.broken != nil {
		return w.broken
	}

	for sequence, email := range acknowledged {
		switch {
		case sequence > uint64(len(w.emails)):
			return fmt.Errorf("%s: %s, acknowledged at %d, was not shown; the last was %d", w.name, email, sequence, len(w.emails))
		case w.emails[sequence-1] != email:
			return fmt.Errorf("%s: %s was shown at %d, where %s was acknowledged", w.name, w.emails[sequence-1], sequence, email)
		}
	}

	return nil
}

// unasked are persons that were shown and never acknowledged, or twice.
func (w *watcher) unasked(acknowledged map[uint64]string) (found []string) {
	w.mu.Lock()
	defer w.mu.Unlock()

	for i, email := range w.emails {
		if acknowledged[uint64(i)+1] == "" && strings.HasPrefix(email, "person-") {
			found = append(found, fmt.Sprintf("%s at %d", email, i+1))
		}
	}

	return found
}
