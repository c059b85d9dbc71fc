package gateway_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"connectrpc.com/connect/v2"
	"connectrpc.com/connect/v2/connecthttp"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/gen/contact/v1/contactv1connect"
)

// withHeaders is a call's context with these values of the header.
func withHeaders(ctx context.Context, keys ...string) context.Context {
	ctx, info := connect.NewClientContext(ctx)
	info.RequestHeader().SetValues("Idempotency-Key", keys)
	return ctx
}

// TestKeyAsAHeader gives keys by each way on each route that stores.
func TestKeyAsAHeader(t *testing.T) {
	f := newFixture(t)
	ways := map[string]func(field string, headers []string) error{
		"/persons":      f.plainWith("/persons", capnpType, encoded(t, ada())),
		"/datas/number": f.plainWith("/datas/number", "application/json", dude(t, encoded(t, ada()))),
	}
	for protocol, options := range map[string][]connecthttp.Option{
		"Connect": nil, "JSON": {connecthttp.WithSendCodec(connect.CodecNameJSON)}, "gRPC-Web": {connecthttp.WithGRPCWeb()},
	} {
		client := contactv1connect.NewSubmitServiceClient(connect.NewClient(connecthttp.NewTransport(f.http, f.url, options...)))
		ways[protocol] = func(field string, headers []string) error {
			_, err := client.SubmitPerson(withHeaders(t.Context(), headers...), &contactv1.SubmitPersonRequest{Person: ada(), IdempotencyKey: field})
			return err
		}
	}
	for _, test := range []struct {
		name    string
		field   string
		headers []string
		says    string // empty where it is stored, under the key
	}{
		{"the header alone", "", []string{"by-header"}, ""},
		{"both the same", "by-header", []string{"by-header"}, ""},
		{"both, and different", "by-field", []string{"by-header"}, `idempotency_key: the field is "by-field" and the header Idempotency-Key is "by-header"`},
		{"two headers", "", []string{"one", "two"}, "Idempotency-Key: the header is given 2 times"},
		{"two headers that are the same", "", []string{"one", "one"}, "Idempotency-Key: the header is given 2 times"},
		{"an empty header", "", []string{""}, "Idempotency-Key: the header is empty"},
		{"an empty header beside the field", "by-field", []string{""}, "Idempotency-Key: the header is empty"},
		{"a key that is too long", "", []string{strings.Repeat("k", 129)}, "idempotency_key: must be 1 to 128 printable"},
		{"a key that is not ASCII", "", []string{"kéy"}, "idempotency_key: must be 1 to 128 printable"},
	} {
		for way, submit := range ways {
			if test.field != "" && way[0] == '/' {
				continue // it has no field
			}
			before := f.info().State.Msgs
			err := submit(test.field, test.headers)
			switch {
			case test.says == "" && err != nil:
				t.Errorf("%s, %s: %v", test.name, way, err)
			case test.says != "" && (connect.CodeOf(err) != connect.CodeInvalidArgument || !strings.Contains(err.Error(), test.says)):
				t.Errorf("%s, %s: got %v, want %q", test.name, way, err, test.says)
			case test.says != "" && f.info().State.Msgs != before:
				t.Errorf("%s, %s: it was stored all the same", test.name, way)
			}
		}
	}
	f.expectStored(1) // under the one key, by whatever way
}

// plainWith posts a body with headers.
func (f *fixture) plainWith(path, contentType string, body []byte) func(string, []string) error {
	return func(_ string, headers []string) error {
		request, err := http.NewRequestWithContext(context.Background(), http.MethodPost, f.url+path, bytes.NewReader(body))
		if err != nil {
			return err
		}
		request.Header["Content-Type"], request.Header["Idempotency-Key"] = []string{contentType}, headers
		status, _, answer := f.do(request)
		if status == http.StatusCreated {
			return nil
		}
		if status != http.StatusBadRequest {
			return fmt.Errorf("got %d %v", status, answer)
		}
		return connect.NewError(connect.CodeInvalidArgument, fmt.Sprint(answer["message"]))
	}
}

func TestKeyOfManyAsAHeaderIsRefused(t *testing.T) {
	f := newFixture(t)
	ctx := withHeaders(t.Context(), "one for all")
	const says = "leave it out, and give each submission its own idempotency_key"
	_, err := f.client.SubmitPersons(ctx, &contactv1.SubmitPersonsRequest{Submissions: some(1, 2)})
	if connect.CodeOf(err) != connect.CodeInvalidArgument || !strings.Contains(err.Error(), says) {
		t.Errorf("SubmitPersons: got %v", err)
	}
	_, err = f.client.SubmitPersons(ctx, &contactv1.SubmitPersonsRequest{Submissions: some(1, 2), AllOrNothing: true})
	if connect.CodeOf(err) != connect.CodeInvalidArgument {
		t.Errorf("all or nothing: got %v", err)
	}
	s := f.startImportWith(ctx)
	_ = s.stream.Send(&contactv1.ImportPersonsRequest{Submissions: some(1, 1)}) // the end says what became of it
	if _, err := s.end(); connect.CodeOf(err) != connect.CodeInvalidArgument || !strings.Contains(err.Error(), says) {
		t.Errorf("ImportPersons: got %v", err)
	}
	f.expectStored(0)
}
