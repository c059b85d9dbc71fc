package e2e

import (
	"strings"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"rollcall/e2e/clients"
)

// requireSame compares messages.
func requireSame(t *testing.T, got, want proto.Message) {
	t.Helper()

	if !proto.Equal(got, want) {
		t.Fatalf("got  %s\nwant %s", clients.ToJSON(got), clients.ToJSON(want))
	}
}

// requireRefused checks the code and the reason of a refusal.
func requireRefused(t *testing.T, err error, code codes.Code, reason string) {
	t.Helper()

	if status.Code(err) != code {
		t.Fatalf("%v, not %v", err, code)
	}

	info, ok := clients.Detail[*errdetails.ErrorInfo](err)
	if !ok || info.GetReason() != reason {
		t.Fatalf("%v has the reason %q, not %q", err, info.GetReason(), reason)
	}
}

// requireRetryHint checks that a refusal says when to come again.
func requireRetryHint(t *testing.T, err error) {
	t.Helper()

	info, ok := clients.Detail[*errdetails.RetryInfo](err)
	if !ok || info.GetRetryDelay().AsDuration() <= 0 || info.GetRetryDelay().AsDuration() > time.Minute {
		t.Fatalf("%v has the RetryInfo %v", err, info)
	}
}

// requireOrderly checks that the server ended a watch because it stops. A connection
// that broke off is reported by grpc-go by the same code.
func requireOrderly(t *testing.T, err error) {
	t.Helper()

	if ended := status.Convert(err); ended.Code() != codes.Unavailable || !strings.Contains(ended.Message(), "stopping") {
		t.Errorf("the watch ended with %v", err)
	}
}
