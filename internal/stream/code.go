package stream

import (
	"errors"

	"github.com/nats-io/nats.go/jetstream"
)

// JetStream's error codes that rollcall acts on, as the NATS server's errors.json has
// them.
const (
	codeAccountLimits   jetstream.ErrorCode = 10002
	codeNoPeers         jetstream.ErrorCode = 10005
	codeUnavailable     jetstream.ErrorCode = 10008
	codeNoResources     jetstream.ErrorCode = 10023
	codeNoMemory        jetstream.ErrorCode = 10028
	codeNoMessage       jetstream.ErrorCode = 10037
	codeNoStorage       jetstream.ErrorCode = 10047
	codeMessageTooLarge jetstream.ErrorCode = 10054
	codeDeleteFailed    jetstream.ErrorCode = 10057
	codeNoStream        jetstream.ErrorCode = 10059
	codeOtherStream     jetstream.ErrorCode = 10060
	codeOtherLastKey    jetstream.ErrorCode = 10070
	codeNoCluster       jetstream.ErrorCode = 10074
	codeStoreFailed     jetstream.ErrorCode = 10077
	codeSealed          jetstream.ErrorCode = 10109
	codeAccountMaxBytes jetstream.ErrorCode = 10122
	codeKeyInProcess    jetstream.ErrorCode = 10158
	codeCounts          jetstream.ErrorCode = 10169
	codeNoBatches       jetstream.ErrorCode = 10174
	codeBatchIncomplete jetstream.ErrorCode = 10176
	codeBatchKnownKey   jetstream.ErrorCode = 10201
	codeTooManyBatches  jetstream.ErrorCode = 10210
)

// meanings are the errors behind the codes that mean the same wherever they come.
var meanings = map[jetstream.ErrorCode]error{
	codeAccountLimits:   ErrFull,
	codeNoPeers:         ErrTooFewServers,
	codeUnavailable:     ErrUnavailable,
	codeNoResources:     ErrFull,
	codeNoMemory:        ErrFull,
	codeNoStorage:       ErrFull,
	codeNoMessage:       ErrNotStored,
	codeMessageTooLarge: ErrTooLarge,
	codeNoStream:        ErrNoStream,
	codeOtherStream:     ErrOtherStream,
	codeSealed:          ErrSealed,
	codeKeyInProcess:    ErrKeyInProcess,
	codeCounts:          ErrCounts,
	codeNoBatches:       ErrNoBatches,
	codeBatchIncomplete: ErrIncomplete,
	codeBatchKnownKey:   ErrKnownKey,
	codeTooManyBatches:  ErrBusy,
}

func isCode(err error, code jetstream.ErrorCode) bool {
	api, ok := errors.AsType[*jetstream.APIError](err)
	return ok && api.ErrorCode == code
}
