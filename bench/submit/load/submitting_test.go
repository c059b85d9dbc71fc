package load

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// submitTo makes a load for a moment on a server that answers by a handler.
func submitTo(t *testing.T, what Submissions, handler http.HandlerFunc) Result {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	what.Address, what.Plain = server.Listener.Addr().String(), true
	l, err := newSubmitting(what)
	if err != nil {
		t.Fatal(err)
	}
	l.measure(true)
	l.start()
	time.Sleep(100 * time.Millisecond)
	return l.finish(5 * time.Second)
}

func TestAnswersAreToldApart(t *testing.T) {
	t.Parallel()
	var n atomic.Int64
	got := submitTo(t, Submissions{Connections: 3}, func(w http.ResponseWriter, _ *http.Request) {
		switch n.Add(1) % 4 {
		case 0:
			w.WriteHeader(http.StatusTooManyRequests)
		case 1:
			_, _ = w.Write([]byte("something else"))
		case 2:
			w.WriteHeader(http.StatusInternalServerError)
		default:
			_, _ = w.Write([]byte("ok"))
		}
	})
	all := got.OK + got.Refused + got.Failed
	if all != n.Load() || all < 8 {
		t.Fatalf("%d answers of %d", all, n.Load())
	}
	for what, count := range map[string]int64{"OK": got.OK, "refused": got.Refused, "half of the failed": got.Failed / 2} {
		if count < all/4-1 || count > all/4+1 {
			t.Errorf("%s: %d of %d", what, count, all)
		}
	}
	if got.Accepted.Total != uint64(got.OK) || got.Refusals.Total != uint64(got.Refused) || !strings.HasPrefix(got.Cause, "status ") {
		t.Errorf("%d and %d times, cause %q", got.Accepted.Total, got.Refusals.Total, got.Cause)
	}
}

func TestBrokenConnectionsFail(t *testing.T) {
	t.Parallel()
	got := submitTo(t, Submissions{Connections: 3}, func(http.ResponseWriter, *http.Request) {
		panic(http.ErrAbortHandler)
	})
	if got.OK != 0 || got.Failed != 3 {
		t.Errorf("%d OK, %d failed", got.OK, got.Failed)
	}
}

func TestWhoIsPatientSendsLater(t *testing.T) {
	t.Parallel()
	for _, patient := range []bool{true, false} {
		got := submitTo(t, Submissions{Connections: 1, Rate: 1000, Patient: patient}, func(w http.ResponseWriter, _ *http.Request) {
			time.Sleep(20 * time.Millisecond)
			_, _ = w.Write([]byte("ok"))
		})
		if got.OK == 0 || got.Failed > 0 || (got.Unsent > 0) == patient {
			t.Errorf("patient %t: %d OK, %d unsent, %d failed: %s", patient, got.OK, got.Unsent, got.Failed, got.Cause)
		}
		if late := got.Late.Quantile(1); (late > 20*time.Millisecond) != patient {
			t.Errorf("patient %t: sent up to %s late", patient, late)
		}
	}
}
