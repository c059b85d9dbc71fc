package gateway

import (
	"context"

	"connectrpc.com/connect/v2"

	contactv1 "rollcall/gen/contact/v1"
)

// keyHeader is where a submission's key may be given beside its field.
const keyHeader = "Idempotency-Key"

// takeKey gives a submission the key from its headers; false if they have none. The
// key is not looked at yet. The error is one to answer with.
func takeKey(request *contactv1.SubmitPersonRequest, headers []string) (given bool, err error) {
	switch field := request.GetIdempotencyKey(); {
	case len(headers) == 0:
		return false, nil
	case len(headers) > 1:
		return false, connect.Errorf(connect.CodeInvalidArgument, "%s: the header is given %d times: give it once", keyHeader, len(headers))
	case headers[0] == "":
		return false, connect.Errorf(connect.CodeInvalidArgument, "%s: the header is empty: give a key, such as a UUID, or leave it out", keyHeader)
	case field != "" && field != headers[0]:
		return false, connect.Errorf(connect.CodeInvalidArgument,
			"idempotency_key: the field is %q and the header %s is %q: give one of them, or the same in both", field, keyHeader, headers[0])
	}
	request.IdempotencyKey = headers[0]
	return true, nil
}

// keysOf returns the keys in a call's headers.
func keysOf(ctx context.Context) []string {
	info, ok := connect.CallInfoForServerContext(ctx)
	if !ok {
		return nil
	}
	return info.RequestHeader().Values(keyHeader)
}

// refuseKey is the answer to a call of many persons whose headers have a key: it
// could not be that of each.
func refuseKey(ctx context.Context) error {
	if len(keysOf(ctx)) == 0 {
		return nil
	}
	return connect.Errorf(connect.CodeInvalidArgument,
		"%s: the header is for one person: leave it out, and give each submission its own idempotency_key", keyHeader)
}
