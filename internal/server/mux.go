package server

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// kind is how long a route's requests and responses may be.
type kind int

const (
	// unary has both of them short.
	unary kind = iota
	// stream answers for any time. Over HTTP/1.1 its connection ends with the
	// response, and costs little while it is idle.
	stream
	// upload takes a request of any length, for any time. Its handler bounds what it
	// keeps of it.
	upload
	// page is unary, for people with a browser.
	page
)

// route is a line of the table of what is served.
type route struct {
	// method is empty for any.
	method, path string
	kind         kind
	// service is the RPC service that the route belongs to; empty for plain HTTP.
	service string
	// framed is set for procedures that stream, whose messages come in frames.
	framed  bool
	handler http.Handler
}

// Mux is the table of all that is served. Each route is stated once, with what it
// is; which services there are and how long a request may be follow from that.
type Mux struct {
	config  Config
	routes  []route
	byPath  map[string]route
	pattern *http.ServeMux
	// bounded is pattern with what bounds requests before it.
	bounded http.Handler
}

// NewMux returns a table without routes. Of the configuration it takes what
// bounds requests.
func NewMux(config Config) *Mux {
	m := &Mux{config: config.withDefaults(), byPath: make(map[string]route), pattern: http.NewServeMux()}
	m.pattern.HandleFunc("/", m.refusePath)
	m.bounded = m.limitBody(m.pattern)
	return m
}

// RPC adds a procedure of the API, such as /contact.v1.SubmitService/SubmitPerson.
// Whether it streams its descriptor says. A procedure that the API does not have
// is a panic.
func (m *Mux) RPC(procedure string, handler http.Handler) {
	name := strings.ReplaceAll(strings.TrimPrefix(procedure, "/"), "/", ".")
	descriptor, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(name))
	method, ok := descriptor.(protoreflect.MethodDescriptor)
	if err != nil || !ok {
		panic(fmt.Sprintf("server: the API has no procedure %s", procedure))
	}
	m.addRPC(procedure, kindOf(method), method.IsStreamingClient() || method.IsStreamingServer(), handler)
}

func kindOf(method protoreflect.MethodDescriptor) kind {
	switch {
	case method.IsStreamingClient():
		return upload
	case method.IsStreamingServer():
		return stream
	default:
		return unary
	}
}

// addRPC adds a procedure, of the API or not.
func (m *Mux) addRPC(procedure string, kind kind, framed bool, handler http.Handler) {
	service, _, _ := strings.Cut(strings.TrimPrefix(procedure, "/"), "/")
	one := route{http.MethodPost, procedure, kind, service, framed, handler}
	one.handler = m.speaking(one)
	m.add(one)
}

// Unary adds a plain route, such as "POST /persons".
func (m *Mux) Unary(pattern string, handler http.Handler) { m.addPlain(pattern, unary, handler) }

// Stream adds a plain route whose response is a long stream.
func (m *Mux) Stream(pattern string, handler http.Handler) { m.addPlain(pattern, stream, handler) }

// Upload adds a plain route whose request is a long stream.
func (m *Mux) Upload(pattern string, handler http.Handler) { m.addPlain(pattern, upload, handler) }

// Page adds a page, or a file that pages are made of.
func (m *Mux) Page(pattern string, handler http.Handler) { m.addPlain(pattern, page, handler) }

func (m *Mux) addPlain(pattern string, kind kind, handler http.Handler) {
	method, path, both := strings.Cut(pattern, " ")
	if !both {
		method, path = "", pattern
	}
	m.add(route{method: method, path: path, kind: kind, handler: uncoded(handler)})
}

func (m *Mux) add(r route) {
	if _, again := m.byPath[r.path]; r.method != "" && !again {
		m.pattern.HandleFunc(r.path, m.refuseMethod)
	}
	m.routes = append(m.routes, r)
	m.byPath[r.path] = r
	m.pattern.Handle(strings.TrimPrefix(r.method+" "+r.path, " "), r.handler)
}

// ServeHTTP serves what the routes take.
func (m *Mux) ServeHTTP(w http.ResponseWriter, r *http.Request) { m.bounded.ServeHTTP(w, r) }

// services returns the RPC services that the routes belong to, each once.
func services(routes []route) []string {
	var names []string
	for _, r := range routes {
		if r.service != "" && !slices.Contains(names, r.service) {
			names = append(names, r.service)
		}
	}
	return names
}
