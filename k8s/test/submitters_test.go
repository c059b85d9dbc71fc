package k8stest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"
)

// submitters submit persons through a Service without a pause, each until it is
// acknowledged, under one key however often that takes.
type submitters struct {
	url string

	mu sync.Mutex
	// acknowledged are the e-mail addresses by sequence.
	acknowledged map[uint64]string
	again        int   // how many submissions were sent again
	trouble      error // why the last of them was
	broken       error // what must not be

	stop  context.CancelFunc
	group sync.WaitGroup
}

// answerTimeout is how long a submission is waited for before it is sent again.
const answerTimeout = 10 * time.Second

func submitTo(t *testing.T, address string, many int) *submitters {
	t.Helper()

	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	s := &submitters{url: "http://" + address + "/contact.v1.SubmitService/SubmitPerson", acknowledged: map[uint64]string{}, stop: stop}

	for n := range many {
		s.group.Go(func() {
			client := &http.Client{Timeout: answerTimeout, Transport: &http.Transport{}}
			defer client.CloseIdleConnections()

			for number := 0; ctx.Err() == nil; number++ {
				s.submit(client, fmt.Sprintf("person-%d-%d", n, number))
			}
		})
	}

	t.Cleanup(s.end)

	return s
}

// end lets each submission that is under way come to its end.
func (s *submitters) end() {
	s.stop()
	s.group.Wait()
}

// submit goes on until the person is acknowledged: it is not to be unknown.
func (s *submitters) submit(client *http.Client, key string) {
	for attempt := range 1000 {
		sequence, err := post(client, s.url, key)

		s.mu.Lock()
		if attempt == 1 {
			s.again++
		}

		switch {
		case err != nil:
			s.trouble = err
		case s.acknowledged[sequence] != "":
			s.broken = fmt.Errorf("%s and %s were both acknowledged at %d", s.acknowledged[sequence], key, sequence)
		default:
			s.acknowledged[sequence] = emailOf(key)
		}
		s.mu.Unlock()

		if err == nil {
			return
		}

		time.Sleep(100 * time.Millisecond) // others are waiting, too
	}
}

func emailOf(key string) string { return key + "@example.org" }

func post(client *http.Client, url, key string) (uint64, error) {
	request := fmt.Sprintf(`{"person":{"name":%q,"email":%q},"idempotencyKey":%q}`, key, emailOf(key), key)

	response, err := client.Post(url, "application/json", bytes.NewBufferString(request))
	if err != nil {
		return 0, fmt.Errorf("submit %s: %w", key, err)
	}
	defer response.Body.Close()

	body, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, fmt.Errorf("submit %s: %w", key, err)
	}

	var answer answer
	if err := json.Unmarshal(body, &answer); err != nil || response.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("submit %s: %s: %s", key, response.Status, body)
	}

	sequence, err := strconv.ParseUint(answer.Sequence, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("submit %s: %s: %w", key, body, err)
	}

	return sequence, nil
}

// count is how many are acknowledged.
func (s *submitters) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()

	return len(s.acknowledged)
}

// repeated is how many had to be sent again.
func (s *submitters) repeated() int {
	s.mu.Lock()
	defer s.mu.Unlock()

	return s.again
}

// awaitMore waits until so many more are acknowledged.
func (s *submitters) awaitMore(t *testing.T, more int) {
	t.Helper()

	wanted := s.count() + more

	eventually(t, rollout, func() error {
		if n := s.count(); n < wanted {
			s.mu.Lock()
			defer s.mu.Unlock()

			return fmt.Errorf("%d of %d are acknowledged; last: %w", n, wanted, s.trouble)
		}

		return nil
	})
}
