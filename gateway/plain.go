package gateway

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"

	"connectrpc.com/connect/v2"
	"google.golang.org/protobuf/encoding/protojson"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/internal/jsonmistakes"
	"rollcall/internal/person"
	"rollcall/internal/server"
)

const (
	capnpType = "application/x-capnp"
	// maxNumbers bounds the older frontend's body: an array spends up to five
	// characters a byte.
	maxNumbers = 6 * person.MaxPayload
)

// postPersons takes the Cap'n Proto message itself and stores it as it came.
func (g *Gateway) postPersons(w http.ResponseWriter, r *http.Request) {
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != capnpType {
		server.RefuseType(w, r, "it must be "+capnpType+"; for JSON there is /contact.v1.SubmitService/SubmitPerson", capnpType)
		return
	}
	payload, err := readBody(r, person.MaxPayload)
	g.answer(w, r, payload, err)
}

// postDatasNumber takes what the older frontend sends: {"dude":[0,0,0,0,…]}, the
// message as an array of byte values. The message is stored, not the array.
func (g *Gateway) postDatasNumber(w http.ResponseWriter, r *http.Request) {
	body, err := readBody(r, maxNumbers)
	var payload []byte
	if err == nil {
		payload, err = readNumbers(body)
	}
	g.answer(w, r, payload, err)
}

func readNumbers(body []byte) ([]byte, error) {
	const form = `body: must be JSON such as {"dude":[0,0,0,0]}`
	members, err := jsonmistakes.Members(body)
	if err != nil {
		return nil, connect.Errorf(connect.CodeInvalidArgument, form+": %s", err)
	}
	var numbers []byte
	for _, member := range members {
		switch {
		case member.Name != "dude": // a typo must not lose data
			return nil, connect.Errorf(connect.CodeInvalidArgument, form+": unknown field %q", member.Name)
		case numbers != nil:
			return nil, connect.NewError(connect.CodeInvalidArgument, "dude: is given twice: give it once")
		}
		numbers = member.Text
	}
	payload, err := person.DecodeJSONArray(numbers)
	if errors.Is(err, person.ErrTooLarge) {
		return nil, server.TooLarge("dude:", 0, person.MaxPayload).WithCause(err)
	}
	if err != nil {
		return nil, connect.Errorf(connect.CodeInvalidArgument, "dude: %s", err)
	}
	return payload, nil
}

// readBody reads up to so many bytes. The error is one to answer with.
func readBody(r *http.Request, limit int64) ([]byte, error) {
	server.LimitBody(r, limit)
	body, err := io.ReadAll(r.Body)
	if _, told := errors.AsType[*connect.Error](err); err != nil && !told {
		return nil, connect.NewError(connect.CodeInvalidArgument, "body: its end did not come in time").WithCause(err)
	}
	return body, err
}

// answer stores the message, unless reading it failed, and says where.
func (g *Gateway) answer(w http.ResponseWriter, r *http.Request, payload []byte, err error) {
	var response *contactv1.SubmitPersonResponse
	if err == nil {
		response, err = g.storeMessage(r, payload)
	}
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	body, err := protojson.Marshal(response)
	if err != nil {
		g.refuse(w, r, fmt.Errorf("encode answer: %w", err))
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusCreated)
	_, _ = w.Write(body) //nolint:gosec // it is JSON, and a client that left has no use for it
}

func (g *Gateway) storeMessage(r *http.Request, payload []byte) (*contactv1.SubmitPersonResponse, error) {
	if len(payload) > 0 && payload[0] == '[' { // which Decode reads, for the older publishers
		return nil, connect.NewError(connect.CodeInvalidArgument, "person: must be the Cap'n Proto message itself, not an array of numbers")
	}
	decoded, err := person.Decode(payload)
	if err != nil {
		return nil, connect.Errorf(connect.CodeInvalidArgument, "person: %s", err)
	}
	request := &contactv1.SubmitPersonRequest{Person: decoded}
	if _, err := takeKey(request, r.Header.Values(keyHeader)); err != nil {
		return nil, err
	}
	if err := server.Validate(g.validator, request); err != nil {
		return nil, err
	}
	if err := g.allow(r.Context(), 1); err != nil {
		return nil, err
	}
	return g.settle(r.Context(), g.dispatchEncoded(r.Context(), request, payload))
}

// refuse writes an error as Connect would, as JSON.
func (g *Gateway) refuse(w http.ResponseWriter, r *http.Request, err error) {
	if hint, ok := retryAfter(err); ok {
		w.Header().Set("Retry-After", hint)
	}
	server.Refuse(w, r, err)
}
