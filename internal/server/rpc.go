package server

import (
	"connectrpc.com/connect/v2/connecthttp"
	"connectrpc.com/connect/v2/connectproto"
)

// maxMessageBytes bounds a message of an RPC, decompressed.
const maxMessageBytes = 1 << 20

// RPCOptions is what every RPC of ours is mounted with: Protobuf and [StrictJSON],
// messages of at most 1 MiB.
func RPCOptions() []connecthttp.Option {
	return []connecthttp.Option{
		connecthttp.WithCodecs(connectproto.NewBinaryCodec(), StrictJSON()),
		connecthttp.WithReadMaxBytes(maxMessageBytes),
	}
}

// StrictJSON is the JSON codec of our RPCs. A field that the API does not have is
// refused as INVALID_ARGUMENT, naming it: a typo must not lose data. Protobuf
// keeps to its own rule, which lets newer clients send what an older server does
// not know.
func StrictJSON() *connectproto.JSONCodec {
	json := connectproto.NewJSONCodec()
	json.UnmarshalOptions.DiscardUnknown = false
	return json
}
