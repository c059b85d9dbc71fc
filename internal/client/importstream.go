package client

import (
	"context"
	"errors"
	"io"
	"net"

	"connectrpc.com/connect/v2"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/gen/contact/v1/contactv1connect"
)

// importStream is a way for rows to the server and for results back.
type importStream interface {
	// Send fails when Receive tells why.
	Send(request *contactv1.ImportPersonsRequest) error
	CloseSend() error
	// Receive returns io.EOF once all is answered.
	Receive() (*contactv1.ImportPersonsResponse, error)
	Close() error
}

// batches is an importStream for where a stream upwards does not get through: each
// request is a SubmitPersons. It knows no resuming.
type batches struct {
	ctx    context.Context //nolint:containedctx // it is a call's, as a stream is
	client contactv1connect.SubmitServiceClient
	// results ends at the first request that fails, for which err is why.
	results chan *contactv1.ImportPersonsResponse
	err     error
}

func newBatches(ctx context.Context, client contactv1connect.SubmitServiceClient) *batches {
	return &batches{ctx: ctx, client: client, results: make(chan *contactv1.ImportPersonsResponse)}
}

func (b *batches) Send(request *contactv1.ImportPersonsRequest) error {
	ctx, cancel := context.WithTimeout(b.ctx, 2*AttemptTimeout)
	defer cancel()

	response, err := b.client.SubmitPersons(ctx, &contactv1.SubmitPersonsRequest{Submissions: request.GetSubmissions()})
	if err != nil {
		b.err = err
		close(b.results)

		return err
	}

	select {
	case b.results <- &contactv1.ImportPersonsResponse{Results: response.GetResults()}:
		return nil
	case <-b.ctx.Done():
		return b.ctx.Err()
	}
}

func (b *batches) CloseSend() error {
	close(b.results)

	return nil
}

func (b *batches) Receive() (*contactv1.ImportPersonsResponse, error) {
	select {
	case results, more := <-b.results:
		switch {
		case more:
			return results, nil
		case b.err != nil:
			return nil, b.err
		default:
			return nil, io.EOF
		}
	case <-b.ctx.Done():
		return nil, b.ctx.Err()
	}
}

func (*batches) Close() error { return nil }

// mayLackHTTP2 reports errors as they come where a proxy, or a server, has no
// HTTP/2, or takes no stream upwards. That the dialling failed is none.
func mayLackHTTP2(err error) bool {
	rpc, ok := errors.AsType[*connect.Error](err)
	if !ok || rpc == nil {
		return false
	}

	if operation, ok := errors.AsType[*net.OpError](err); ok && operation.Op == "dial" {
		return false
	}

	if errors.Is(err, errSilent) || !rpc.IsRemote() {
		return true
	}

	// Connect gives HTTP's statuses codes of its own: 404 and 505 come as these.
	return rpc.Code() == connect.CodeUnimplemented || rpc.Code() == connect.CodeUnknown
}
