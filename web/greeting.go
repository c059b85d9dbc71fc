package web

import (
	"fmt"
	"net/http"
)

// greet answers who asks for the server's address without a browser.
func greet(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	//nolint:gosec // it is plain text, and said to be
	_, _ = fmt.Fprintf(w, `rollcall is running.

Open http://%[1]s in a browser to submit persons and watch them arrive, or submit one:

    curl -s http://%[1]s/contact.v1.SubmitService/SubmitPerson \
      -H 'Content-Type: application/json' \
      -d '{"person": {"name": "Ada Lovelace", "email": "ada@example.org"}, "idempotencyKey": "first-try"}'

and watch:

    rollcall watch --last 10 --server http://%[1]s
`, r.Host)
}
