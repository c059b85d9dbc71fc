package subscriber

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"buf.build/go/protovalidate"
	"connectrpc.com/connect/v2"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/timestamppb"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/internal/position"
)

// lastEventID is the header in which an EventSource that comes back says where it
// was.
const lastEventID = "Last-Event-ID"

// eventsParameters read the parameters of GET /events into the request.
var eventsParameters = map[string]func(*contactv1.WatchPersonsRequest, string) error{
	"after":  readAfter,
	"last":   readLast,
	"since":  readSince,
	"all":    readAll,
	"filter": readFilter,
}

// eventsRequest reads what GET /events asks for. The error is one to answer with.
// It names the parameter and the way out: who writes a URL by hand has no library
// to do so.
func eventsRequest(r *http.Request) (*contactv1.WatchPersonsRequest, error) {
	request, err := readQuery(r.URL.RawQuery)
	if err == nil && r.Header.Get(lastEventID) != "" { // where it was counts, not where it began
		var after *contactv1.Position
		if after, err = readPosition(lastEventID, r.Header.Get(lastEventID)); err == nil {
			request.Start = &contactv1.WatchPersonsRequest_After{After: after}
		}
	}
	if err != nil {
		return nil, connect.NewError(connect.CodeInvalidArgument, err.Error())
	}
	return request, nil
}

func readQuery(text string) (*contactv1.WatchPersonsRequest, error) {
	query, err := url.ParseQuery(text)
	if err != nil {
		return nil, fmt.Errorf("query: %w: percent-encode each value, as curl --get --data-urlencode does", err)
	}
	request := &contactv1.WatchPersonsRequest{}
	start := ""
	for _, name := range slices.Sorted(maps.Keys(query)) {
		read, known := eventsParameters[name]
		value := query.Get(name)
		switch {
		case !known:
			return nil, fmt.Errorf("%q: is no parameter: a start is one of after, last, since or all, and there is filter", name)
		case len(query[name]) > 1:
			return nil, fmt.Errorf("%s: is given %d times: give it once", name, len(query[name]))
		case !utf8.ValidString(value):
			return nil, fmt.Errorf("%s: is not UTF-8: percent-encode its UTF-8 bytes", name)
		case name != "filter" && start != "":
			return nil, fmt.Errorf("%s: is a second start, beside %s: give one of them", name, start)
		case name != "filter":
			start = name
		}
		if err := read(request, value); err != nil {
			return nil, err
		}
	}
	return request, nil
}

func readAfter(request *contactv1.WatchPersonsRequest, value string) error {
	after, err := readPosition("after", value)
	request.Start = &contactv1.WatchPersonsRequest_After{After: after}
	return err
}

func readLast(request *contactv1.WatchPersonsRequest, value string) error {
	n, err := strconv.ParseUint(value, 10, 32)
	if err != nil {
		return fmt.Errorf("last: %q is not a number from 0 to 4294967295, as in last=10", value)
	}
	request.Start = &contactv1.WatchPersonsRequest_Last{Last: uint32(n)}
	return nil
}

func readSince(request *contactv1.WatchPersonsRequest, value string) error {
	at, err := time.Parse(time.RFC3339, value)
	if err != nil {
		return fmt.Errorf("since: %q is not a time as RFC 3339 has it, such as 2026-01-31T08:00:00Z (in a URL a + is written %%2B)", value)
	}
	request.Start = &contactv1.WatchPersonsRequest_Since{Since: timestamppb.New(at)}
	return nil
}

func readAll(request *contactv1.WatchPersonsRequest, value string) error {
	if value != "" {
		return fmt.Errorf("all: takes no value, and was given %q: leave it out, as in ?all", value)
	}
	request.Start = &contactv1.WatchPersonsRequest_All{All: &emptypb.Empty{}}
	return nil
}

func readFilter(request *contactv1.WatchPersonsRequest, value string) error {
	request.Filter = value
	return nil
}

// readPosition reads EPOCH:SEQUENCE.
func readPosition(name, value string) (*contactv1.Position, error) {
	read, err := position.Parse(value)
	if err != nil || !utf8.ValidString(value) {
		return nil, fmt.Errorf("%s: %q is not EPOCH:SEQUENCE: give the id of an event, or leave it out", name, value)
	}
	if err := protovalidate.Validate(read); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return read, nil
}
