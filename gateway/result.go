package gateway

import (
	"errors"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"connectrpc.com/connect/v2"
	"google.golang.org/genproto/googleapis/rpc/errdetails"

	contactv1 "rollcall/gen/contact/v1"
)

// resultOf is the answer to one of many submissions.
func resultOf(response *contactv1.SubmitPersonResponse, err error) *contactv1.SubmissionResult {
	if err != nil {
		return &contactv1.SubmissionResult{Result: &contactv1.SubmissionResult_Error{Error: submissionError(err)}}
	}
	return &contactv1.SubmissionResult{Result: &contactv1.SubmissionResult_Stored{Stored: response}}
}

// submissionError is an error to answer with, as a message.
func submissionError(err error) *contactv1.SubmissionError {
	rpc, ok := errors.AsType[*connect.Error](err)
	if !ok {
		return &contactv1.SubmissionError{Code: connect.CodeOf(err).String(), Message: err.Error()}
	}
	said := &contactv1.SubmissionError{Code: rpc.Code().String(), Message: rpc.Message()}
	for _, detail := range details(rpc) {
		switch detail := detail.(type) {
		case *validate.Violations:
			said.Violations = detail.GetViolations()
		case *errdetails.ErrorInfo:
			said.Reason = detail.GetReason()
		case *errdetails.RetryInfo:
			said.RetryDelay = detail.GetRetryDelay()
		}
	}
	return said
}
