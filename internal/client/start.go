package client

import (
	"fmt"
	"time"

	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/timestamppb"

	contactv1 "rollcall/gen/contact/v1"
)

// Start sets where the first request of a watch begins.
type Start func(request *contactv1.WatchPersonsRequest)

// StartNew begins after the last person there is when the watch opens.
func StartNew() Start {
	return func(*contactv1.WatchPersonsRequest) {}
}

// StartAll begins with the first person that still exists.
func StartAll() Start {
	return func(request *contactv1.WatchPersonsRequest) {
		request.Start = &contactv1.WatchPersonsRequest_All{All: &emptypb.Empty{}}
	}
}

// StartLast begins with the last n stored persons.
func StartLast(n uint32) Start {
	return func(request *contactv1.WatchPersonsRequest) {
		request.Start = &contactv1.WatchPersonsRequest_Last{Last: n}
	}
}

// StartSince begins with the first person published at this time or later.
func StartSince(since time.Time) Start {
	return func(request *contactv1.WatchPersonsRequest) {
		request.Start = &contactv1.WatchPersonsRequest_Since{Since: timestamppb.New(since)}
	}
}

// StartAfter begins right after a position.
func StartAfter(position *contactv1.Position) Start {
	return func(request *contactv1.WatchPersonsRequest) {
		request.Start = &contactv1.WatchPersonsRequest_After{After: position}
	}
}

// ParseSince reads how long ago (1h, 30m) or a point in time (RFC 3339, such as
// 2026-05-17T08:00:00Z). A time that lies ahead of now is an error.
func ParseSince(text string, now time.Time) (time.Time, error) {
	if ago, err := time.ParseDuration(text); err == nil {
		if ago <= 0 {
			return time.Time{}, fmt.Errorf("%q must be longer ago than now, such as 1h", text)
		}

		return now.Add(-ago), nil
	}

	since, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is neither how long ago (1h, 30m) nor a time such as 2026-05-17T08:00:00Z", text)
	}

	if since.After(now) {
		return time.Time{}, fmt.Errorf("%q lies in the future", text)
	}

	return since, nil
}
