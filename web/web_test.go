package web_test

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"rollcall/internal/server"
	"rollcall/subscriber"
	"rollcall/web"
)

func serve(t *testing.T) *httptest.Server {
	t.Helper()
	dashboard, err := web.New(20 * time.Second)
	if err != nil {
		t.Fatal(err)
	}
	mux := server.NewMux(server.Config{})
	dashboard.Mount(mux)
	page := httptest.NewServer(mux)
	t.Cleanup(page.Close)
	return page
}

// get asks with headers, given as name and value in turn. The body is as it came.
func get(t *testing.T, url string, headers ...string) (*http.Response, string) {
	t.Helper()
	request, err := http.NewRequest(http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := (&http.Transport{DisableCompression: true, DisableKeepAlives: true}).RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(body)
}

func TestPageIsForBrowsersAndTheGreetingForOthers(t *testing.T) {
	t.Parallel()
	page := serve(t)
	response, body := get(t, page.URL+"/", "Accept", "text/html,*/*")
	if response.StatusCode != http.StatusOK || !strings.Contains(body, `<div id="root">`) {
		t.Errorf("a browser got %d %q", response.StatusCode, body)
	}
	response, body = get(t, page.URL+"/", "Accept", "*/*")
	if response.StatusCode != http.StatusOK || !strings.Contains(body, "rollcall is running") {
		t.Errorf("curl got %d %q", response.StatusCode, body)
	}
	if _, body = get(t, page.URL+"/", "Accept", "text/html;q=0, text/plain"); !strings.Contains(body, "rollcall is running") {
		t.Errorf("who takes no HTML got %q", body)
	}
	if response, _ := get(t, page.URL+"/", "Accept", "text/html", "Accept-Encoding", "gzip;q=0"); response.Header.Get("Content-Encoding") != "" {
		t.Errorf("who takes no gzip got %q", response.Header.Get("Content-Encoding"))
	}
}

func TestPageIsToldTheProgressInterval(t *testing.T) {
	t.Parallel()
	page := serve(t)
	if _, body := get(t, page.URL+"/", "Accept", "text/html"); !strings.Contains(body, `<meta name="progress-interval" content="20000" />`) {
		t.Errorf("the page is not told of 20 s:\n%s", body)
	}
	source, err := os.ReadFile("index.html")
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf(`<meta name="progress-interval" content="%d" />`, subscriber.DefaultProgressInterval.Milliseconds())
	if !strings.Contains(string(source), want) {
		t.Errorf("index.html has another default than the subscriber's: want %s", want)
	}
}

func TestPageAllowsNothingButItsOwnFiles(t *testing.T) {
	t.Parallel()
	page := serve(t)
	response, body := get(t, page.URL+"/", "Accept", "text/html")
	policy := response.Header.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("the policy %q has no %q", policy, want)
		}
	}
	if strings.Contains(policy, "unsafe") || response.Header.Get("Set-Cookie") != "" {
		t.Errorf("header %v", response.Header)
	}
	if inline := regexp.MustCompile(`<script>|<style|\son[a-z]+=|https?://`).FindString(body); inline != "" {
		t.Errorf("the page has %q in it:\n%s", inline, body)
	}
}

func TestFilesOfThePageAreThereAndKept(t *testing.T) {
	t.Parallel()
	page := serve(t)
	response, html := get(t, page.URL+"/", "Accept", "text/html")
	if got := response.Header.Get("Cache-Control"); got != "no-cache" {
		t.Errorf("the page: Cache-Control %q", got)
	}
	files := regexp.MustCompile(`(?:src|href)="\./([^"]+)"`).FindAllStringSubmatch(html, -1)
	if len(files) < 3 { // script, style, icon
		t.Fatalf("the page refers to %v", files)
	}
	for _, file := range files {
		url := page.URL + "/" + file[1]
		response, plain := get(t, url)
		if response.StatusCode != http.StatusOK || !strings.Contains(response.Header.Get("Cache-Control"), "immutable") || response.Header.Get("Content-Type") == "" {
			t.Errorf("%s: got %d, %v", url, response.StatusCode, response.Header)
		}
		response, packed := get(t, url, "Accept-Encoding", "gzip, br")
		if response.Header.Get("Content-Encoding") == "gzip" {
			reader, err := gzip.NewReader(strings.NewReader(packed))
			if err != nil {
				t.Fatal(err)
			}
			unpacked, err := io.ReadAll(reader)
			if err != nil || string(unpacked) != plain {
				t.Errorf("%s: unpacked it is another file, %v", url, err)
			}
		}
		response, _ = get(t, url, "Accept-Encoding", "gzip, br", "If-None-Match", response.Header.Get("ETag"))
		if response.StatusCode != http.StatusNotModified {
			t.Errorf("%s: got %d for what the browser has", url, response.StatusCode)
		}
	}
}

func TestOtherPathsAreNotFound(t *testing.T) {
	t.Parallel()
	page := serve(t)
	for _, path := range []string{"/assets/", "/assets/none.js", "/index.html", "/assets/..%2findex.html", "/nothing"} {
		if response, _ := get(t, page.URL+path); response.StatusCode != http.StatusNotFound {
			t.Errorf("%s: got %d", path, response.StatusCode)
		}
	}
}
