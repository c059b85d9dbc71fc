package watchtest

import (
	"google.golang.org/protobuf/types/known/emptypb"

	contactv1 "rollcall/gen/contact/v1"
)

// All asks for everything there is.
func All() *contactv1.WatchPersonsRequest {
	return &contactv1.WatchPersonsRequest{Start: &contactv1.WatchPersonsRequest_All{All: &emptypb.Empty{}}}
}

// Last asks for the last n.
func Last(n uint32) *contactv1.WatchPersonsRequest {
	return &contactv1.WatchPersonsRequest{Start: &contactv1.WatchPersonsRequest_Last{Last: n}}
}

// After asks for what follows a position.
func After(epoch string, sequence uint64) *contactv1.WatchPersonsRequest {
	return &contactv1.WatchPersonsRequest{Start: &contactv1.WatchPersonsRequest_After{
		After: &contactv1.Position{Epoch: epoch, Sequence: sequence},
	}}
}
