// Package web is the dashboard: files that a browser loads once, and that then speak to
// the API as any other client. `npm run build` makes them, into dist/, from src/; they
// are committed, so that building the binary needs Go alone.
package web

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"net/http"
	"regexp"
	"time"

	"rollcall/internal/server"
)

//go:embed all:dist
var dist embed.FS

// policy lets the page load what this server has, and nothing else: no inline script,
// no other origin, and no other page may show it in a frame.
const policy = "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// page is the file that holds the others together.
const page = "index.html"

// progressInterval is where the page says it.
var progressInterval = regexp.MustCompile(`<meta name="progress-interval" content="\d+" />`)

// Dashboard serves the files. It sets no cookie.
type Dashboard struct{ files map[string]*file }

// New reads the files, and tells the page how often an idle watch hears something, which
// is the progress interval of the subscriber beside it: the page calls itself live for
// no longer than that is true.
func New(interval time.Duration) (*Dashboard, error) {
	built, err := fs.Sub(dist, "dist")
	if err != nil {
		return nil, err
	}
	files, err := readFiles(built)
	if err != nil {
		return nil, err
	}
	files[page], err = withInterval(files[page], interval)
	if err != nil {
		return nil, err
	}
	return &Dashboard{files: files}, nil
}

// withInterval returns the page with the interval in it, in milliseconds.
func withInterval(f *file, interval time.Duration) (*file, error) {
	if f == nil {
		return nil, fmt.Errorf("the dashboard has no %s", page)
	}
	meta := fmt.Appendf(nil, `<meta name="progress-interval" content="%d" />`, interval.Milliseconds())
	content := progressInterval.ReplaceAll(f.plain, meta)
	if !bytes.Contains(content, meta) {
		return nil, fmt.Errorf("%s has no place for the progress interval", page)
	}
	return newFile(page, content), nil
}

// Mount adds the page and its files to mux.
func (d *Dashboard) Mount(mux *server.Mux) {
	mux.Page("GET /{$}", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Vary", "Accept, Accept-Encoding")
		if server.Preference(r.Header.Values("Accept"), "text/html") == 0 {
			greet(w, r)
			return
		}
		d.serve(w, r, page)
	}))
	mux.Page("GET /assets/{name}", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Vary", "Accept-Encoding")
		d.serve(w, r, "assets/"+r.PathValue("name"))
	}))
}

func (d *Dashboard) serve(w http.ResponseWriter, r *http.Request, name string) {
	f := d.files[name]
	if f == nil {
		http.NotFound(w, r)
		return
	}
	header := w.Header()
	header.Set("Content-Security-Policy", policy)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	f.serve(w, r)
}
