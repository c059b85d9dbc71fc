package subscriber

import (
	"fmt"
	"net/http"
)

// index greets whoever opens the server's address in a browser.
func index(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	//nolint:gosec // it is plain text, and said to be
	_, _ = fmt.Fprintf(w, `rollcall is running.

Submit a person:

    curl -s http://%[1]s/contact.v1.SubmitService/SubmitPerson \
      -H 'Content-Type: application/json' \
      -d '{"person": {"name": "Ada Lovelace", "email": "ada@example.org"}, "idempotencyKey": "first-try"}'

Watch persons arrive:

    rollcall watch --last 10 --server http://%[1]s
`, r.Host)
}
