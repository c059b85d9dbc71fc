package subscriber

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	contactv1 "rollcall/gen/contact/v1"
)

// writes keeps what is written at a time.
type writes struct {
	*httptest.ResponseRecorder

	texts []string
}

func (w *writes) Write(p []byte) (int, error) {
	w.texts = append(w.texts, string(p))
	return w.ResponseRecorder.Write(p)
}

// TestBlockIsOneWrite: a connection that breaks between a changed epoch's gap and the
// progress behind it must not lose the one and keep the other.
func TestBlockIsOneWrite(t *testing.T) {
	t.Parallel()
	gap := &contactv1.WatchPersonsResponse{Gaps: []*contactv1.Gap{{First: 4, Reason: contactv1.GapReason_GAP_REASON_EPOCH_CHANGED}}}
	progress := &contactv1.WatchPersonsResponse{Progress: &contactv1.Progress{Position: &contactv1.Position{Epoch: "next", Sequence: 7}}}
	for _, chosen := range []encoding{inSSE, inNDJSON} {
		w := &writes{ResponseRecorder: httptest.NewRecorder()}
		s := newEventStream(w, chosen)
		if err := s.Send(block{gap, progress}); err != nil {
			t.Fatal(err)
		}
		if len(w.texts) != 1 || !strings.Contains(w.texts[0], "EPOCH_CHANGED") || !strings.Contains(w.texts[0], `"sequence":"7"`) || w.Code != http.StatusOK {
			t.Errorf("wrote %q", w.texts)
		}
		if chosen == inSSE && strings.Index(w.texts[0], "id: next:7") < strings.Index(w.texts[0], "EPOCH_CHANGED") {
			t.Errorf("the gap has the id of what comes after it: %q", w.texts[0])
		}
	}
}
