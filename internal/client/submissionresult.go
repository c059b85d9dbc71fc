package client

import (
	"strings"

	"connectrpc.com/connect/v2"
	"connectrpc.com/connect/v2/connectproto"
	"google.golang.org/genproto/googleapis/rpc/errdetails"

	contactv1 "rollcall/gen/contact/v1"
)

// isRowsOwn reports errors that are this one person's: the next may be fine.
func isRowsOwn(failed *contactv1.SubmissionError) bool {
	return failed.GetCode() == connect.CodeInvalidArgument.String() || failed.GetCode() == connect.CodeAlreadyExists.String()
}

// explainResult says in one line why a row was refused.
func explainResult(failed *contactv1.SubmissionError) string {
	if rules := describeViolations(failed.GetViolations()); rules != "" {
		return rules
	}

	return failed.GetMessage() + " (" + strings.ToUpper(failed.GetCode()) + ")"
}

// submissionError is a result that is the whole import's, as the error it stands
// for.
func submissionError(failed *contactv1.SubmissionError) error {
	var code connect.Code
	if code.UnmarshalText([]byte(failed.GetCode())) != nil {
		code = connect.CodeUnknown
	}

	err := connect.NewError(code, failed.GetMessage()).WithRemote()

	if failed.GetRetryDelay() != nil {
		if detail, packErr := connectproto.NewErrorDetail(&errdetails.RetryInfo{RetryDelay: failed.GetRetryDelay()}); packErr == nil {
			err = err.WithDetail(detail)
		}
	}

	return err
}
