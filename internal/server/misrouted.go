package server

import (
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"connectrpc.com/connect/v2"
)

// refusePath answers where there is no route, and says which there are.
func (m *Mux) refusePath(w http.ResponseWriter, r *http.Request) {
	service, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	there := m.listed(func(one route) bool { return one.service == service })
	if service == "" || there == nil {
		there = m.listed(func(one route) bool { return one.kind != page && !strings.HasPrefix(one.service, "grpc.") })
	}
	refuseWith(http.StatusNotFound, w, r, connect.Errorf(connect.CodeUnimplemented,
		"%s: there is no such path here: there are %s", quoted(r.URL.Path), strings.Join(there, ", ")))
}

// listed returns the routes that are chosen, as people write them.
func (m *Mux) listed(chosen func(route) bool) []string {
	var all []string
	for _, one := range m.routes {
		if chosen(one) {
			all = append(all, strings.TrimPrefix(one.method+" "+one.path, " "))
		}
	}
	return all
}

// refuseMethod answers where there is a route for another method.
func (m *Mux) refuseMethod(w http.ResponseWriter, r *http.Request) {
	var methods []string
	hint := ""
	for _, one := range m.routes {
		if one.path != r.Pattern {
			continue
		}
		methods = append(methods, one.method)
		if one.method == http.MethodGet {
			methods = append(methods, http.MethodHead)
		}
		if one.service != "" {
			hint = ", with Content-Type: " + wayIn[one.framed]
		}
	}
	allowed := strings.Join(methods, ", ")
	w.Header().Set("Allow", allowed)
	refuseWith(http.StatusMethodNotAllowed, w, r, connect.Errorf(connect.CodeUnimplemented,
		"%s: this path takes %s%s", quoted(r.Method), allowed, hint))
}

// wayIn is the content type for whom has no library, in a procedure that is framed
// or not.
var wayIn = map[bool]string{false: "application/json", true: "application/connect+json"}

// spoken are the content types of a procedure.
var spoken = map[bool][]string{
	false: append([]string{"application/json", "application/proto"}, spokenByGRPC...),
	true:  append([]string{"application/connect+json", "application/connect+proto"}, spokenByGRPC...),
}

var spokenByGRPC = []string{ //nolint:gochecknoglobals // it is only read
	"application/grpc", "application/grpc+proto", "application/grpc+json",
	"application/grpc-web", "application/grpc-web+proto", "application/grpc-web+json",
}

// speaking serves a procedure's requests if they are in one of its protocols. Connect
// would refuse the others without a word.
func (m *Mux) speaking(one route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !speaks(one.framed, r.Header.Get("Content-Type")):
			m.refuseType(one, w, r)
		case !isTimeout(r.Header.Get("Connect-Timeout-Ms")):
			refuseWith(http.StatusBadRequest, w, r, connect.Errorf(connect.CodeInvalidArgument,
				"Connect-Timeout-Ms: is %s: it must be a whole number of milliseconds, of at most ten digits", quoted(r.Header.Get("Connect-Timeout-Ms"))))
		case one.kind == upload && r.ProtoMajor < 2:
			w.Header().Set("Connection", "close") // the client may never stop sending
			refuseWith(http.StatusHTTPVersionNotSupported, w, r, connect.Errorf(connect.CodeUnimplemented,
				"%s: sends and receives at the same time, which needs HTTP/2 all the way", r.URL.Path))
		default:
			plainCodings(r.Header)
			one.handler.ServeHTTP(w, r)
		}
	})
}

func speaks(framed bool, contentType string) bool {
	if slices.Contains(spoken[framed], contentType) {
		return true
	}
	base, parameters, err := mime.ParseMediaType(contentType)
	if strings.EqualFold(parameters["charset"], "utf-8") {
		delete(parameters, "charset")
	}
	return err == nil && len(parameters) == 0 && slices.Contains(spoken[framed], base)
}

// isTimeout is true for what Connect takes for a time, and for none.
func isTimeout(text string) bool {
	return len(text) <= 10 && strings.Trim(text, "0123456789") == ""
}

// refuseType answers a request that is in no protocol of its procedure, such as one
// with curl's own content type.
func (m *Mux) refuseType(one route, w http.ResponseWriter, r *http.Request) {
	wayOut := "for JSON it must be " + wayIn[one.framed]
	if one.framed {
		wayOut += ", each message behind five bytes with its length, as Connect has it"
	}
	if plain := m.listed(func(other route) bool { return other.kind == stream && other.service == "" }); one.kind == stream && plain != nil {
		wayOut += "; without a library there is " + plain[0]
	}
	RefuseType(w, r, wayOut, spoken[one.framed]...)
}

// RefuseType answers a request whose content type is not one of those taken.
func RefuseType(w http.ResponseWriter, r *http.Request, wayOut string, taken ...string) {
	w.Header().Set("Accept-Post", strings.Join(taken, ", "))
	given := "is not given"
	if header := r.Header.Get("Content-Type"); header != "" {
		given = "is " + quoted(header)
	}
	if given == `is "application/x-www-form-urlencoded"` {
		wayOut += " (curl -d says the former unless told: add -H 'Content-Type: " + taken[0] + "')"
	}
	refuseWith(http.StatusUnsupportedMediaType, w, r, connect.Errorf(connect.CodeInvalidArgument, "Content-Type: %s: %s", given, wayOut))
}

// quoted is what a client sent, as much of it as an answer should repeat.
func quoted(text string) string {
	const most = 200
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return strconv.Quote(text)
}
