package client

import (
	"context"
	"errors"
	"fmt"
	"strings"

	validatepb "buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"buf.build/go/protovalidate"
	"connectrpc.com/connect/v2"
	"connectrpc.com/connect/v2/connectproto"
	"google.golang.org/protobuf/proto"
)

// Explain says in one line why an RPC failed: every broken rule with its field
// where the server named them, and what the network said where no server
// answered. It may hold what the server was sent, such as a name: whoever shows it
// makes it harmless.
func Explain(err error) string {
	if failed, ok := errors.AsType[*failure](err); ok {
		return failed.Error()
	}

	rpc, ok := errors.AsType[*connect.Error](err)
	if !ok || rpc == nil {
		return explainOther(err)
	}

	if rules := brokenRules(rpc); rules != "" {
		return rules
	}

	if !rpc.IsRemote() {
		return explainNetwork(rpc)
	}

	if rpc.Message() == "" {
		return wireName(rpc.Code())
	}

	return fmt.Sprintf("%s (%s)", rpc.Message(), wireName(rpc.Code()))
}

func explainOther(err error) string {
	if errors.Is(err, context.Canceled) {
		return "interrupted"
	}

	return err.Error()
}

// failure is an error whose text is already the explanation.
type failure struct {
	doing string
	err   error
}

func explained(doing string, err error) error {
	return &failure{doing: doing, err: err}
}

func (f *failure) Error() string { return f.doing + ": " + Explain(f.err) }
func (f *failure) Unwrap() error { return f.err }

// wireName is the code as the API's documentation writes it: INVALID_ARGUMENT.
func wireName(code connect.Code) string {
	return strings.ToUpper(code.String())
}

// brokenRules lists the violations among an error's details as
// `path: message; path: message`, or "" when there are none.
func brokenRules(rpc *connect.Error) string {
	var all []*validatepb.Violation

	for violations := range details[*validatepb.Violations](rpc) {
		all = append(all, violations.GetViolations()...)
	}

	return describeViolations(all)
}

func describeViolations(all []*validatepb.Violation) string {
	broken := make([]string, 0, len(all))

	for _, violation := range all {
		path := protovalidate.FieldPathString(violation.GetField())
		if path == "" {
			broken = append(broken, violation.GetMessage())
		} else {
			broken = append(broken, path+": "+violation.GetMessage())
		}
	}

	return strings.Join(broken, "; ")
}

// details yields an error's details of one type. A detail that cannot be read is
// left out: it was to help people, and its error's code still counts.
func details[M proto.Message](rpc *connect.Error) func(yield func(M) bool) {
	return func(yield func(M) bool) {
		for _, detail := range rpc.Details() {
			message, err := connectproto.UnmarshalErrorDetail(detail)
			if err != nil {
				continue
			}

			if wanted, ok := message.(M); ok && !yield(wanted) {
				return
			}
		}
	}
}
