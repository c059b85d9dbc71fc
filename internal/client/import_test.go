package client

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	validatepb "buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"connectrpc.com/connect/v2"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/gen/contact/v1/contactv1connect"
)

func newImport(rpc *connect.Client) (*Import, *[]string) {
	refused := &[]string{}

	return &Import{
		Submitter: &Submitter{Client: contactv1connect.NewSubmitServiceClient(rpc), RetryFor: time.Second},
		ID:        "import-1",
		InFlight:  4,
		Refused:   func(line int, why string) { *refused = append(*refused, fmt.Sprintf("line %d: %s", line, why)) },
	}, refused
}

func violation(message string, fields ...string) *validatepb.Violation {
	path := &validatepb.FieldPath{}
	for _, field := range fields {
		path.Elements = append(path.Elements, &validatepb.FieldPathElement{FieldName: new(field)})
	}

	return &validatepb.Violation{Field: path, Message: new(message)}
}

func TestAnImportGoesOnPastRefusedLines(t *testing.T) {
	t.Parallel()

	invalid := failing(t, connect.CodeInvalidArgument, &validatepb.Violations{Violations: []*validatepb.Violation{
		violation("must be a valid email address", "person", "email"),
		violation("must not be blank", "person", "name"),
	}})
	server := &scripted{submit: func(_ context.Context, _ int, request *contactv1.SubmitPersonRequest) (*contactv1.SubmitPersonResponse, error) {
		switch request.GetPerson().GetName() {
		case "bad":
			return nil, invalid
		case "again":
			return &contactv1.SubmitPersonResponse{Duplicate: true}, nil
		default:
			return &contactv1.SubmitPersonResponse{}, nil
		}
	}}
	imported, refused := newImport(server.listen(t, ProtocolConnect))

	summary, err := imported.Run(t.Context(), strings.NewReader(strings.Join([]string{
		`{"name":"Ada"}`, ``, `{"name":"bad"}`, `{"nme":"Ada"}`, `{"name":"again"}`, `{"name":"Bea"}`,
	}, "\n")))
	if err != nil {
		t.Fatal(err)
	}

	slices.Sort(*refused)
	wantLines(t, *refused, []string{
		"line 3: person.email: must be a valid email address; person.name: must not be blank",
		`line 4: unknown field "nme" (column 2)`,
	})

	summary.Took = 1200 * time.Millisecond
	if got, want := summary.String(), "stored 2, duplicates 1, refused 2 in 1.2 s"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}

	var keys []string
	for _, submission := range server.submissions {
		keys = append(keys, submission.GetIdempotencyKey())
	}

	slices.Sort(keys)
	wantLines(t, keys, []string{"import-1-1", "import-1-3", "import-1-5", "import-1-6"})
}

func TestAnImportKeepsABoundedNumberInFlight(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var flying, most atomic.Int64

		server := &scripted{submit: func(ctx context.Context, _ int, _ *contactv1.SubmitPersonRequest) (*contactv1.SubmitPersonResponse, error) {
			most.Store(max(most.Load(), flying.Add(1)))
			defer flying.Add(-1)

			return &contactv1.SubmitPersonResponse{}, pause(ctx, time.Second)
		}}
		imported, _ := newImport(server.direct())
		began := time.Now()

		summary, err := imported.Run(t.Context(), strings.NewReader(strings.Repeat("{\"name\":\"Ada\"}\n", 20)))
		if err != nil || summary.Stored != 20 {
			t.Errorf("got %v, %v", summary, err)
		}

		if took := time.Since(began); most.Load() != 4 || took != 5*time.Second {
			t.Errorf("%d at once in %v, want 4 in 5 s", most.Load(), took)
		}
	})
}

func TestAnImportStopsWhereEveryLineWouldFail(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &scripted{submit: func(context.Context, int, *contactv1.SubmitPersonRequest) (*contactv1.SubmitPersonResponse, error) {
			return nil, connect.NewError(connect.CodePermissionDenied, "no")
		}}
		imported, _ := newImport(server.direct())
		imported.InFlight = 1

		summary, err := imported.Run(t.Context(), strings.NewReader(strings.Repeat("{}\n", 1000)))
		if err == nil || err.Error() != "submitting line 1: no (PERMISSION_DENIED)" {
			t.Errorf("got %v", err)
		}

		if summary.Failed == 0 || summary.Rows() > 2 {
			t.Errorf("got %v, want it to stop at the first", summary)
		}
	})
}
