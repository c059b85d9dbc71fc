package load

import (
	"bytes"

	"google.golang.org/protobuf/encoding/protowire"
)

// confirms reports whether the body of an answer says that the submission was taken.
type confirms func(body []byte) bool

// confirming is how a server confirms: one that knows no submissions says ok.
func confirming(encoding string, plain bool) confirms {
	switch {
	case plain:
		return func(body []byte) bool { return string(body) == "ok" }
	case encoding == Binary:
		return hasSequence
	default:
		return hasJSONSequence
	}
}

var jsonSequence = []byte(`"sequence":"`)

func hasJSONSequence(body []byte) bool {
	at := bytes.Index(body, jsonSequence)
	if at < 0 || at+len(jsonSequence) == len(body) {
		return false
	}
	first := body[at+len(jsonSequence)]
	return '1' <= first && first <= '9'
}

// fieldSequence is SubmitPersonResponse.sequence.
const fieldSequence protowire.Number = 2

func hasSequence(body []byte) bool {
	for len(body) > 0 {
		field, kind, n := protowire.ConsumeTag(body)
		if n < 0 {
			return false
		}
		body = body[n:]
		if field == fieldSequence && kind == protowire.VarintType {
			sequence, n := protowire.ConsumeVarint(body)
			return n > 0 && sequence > 0
		}
		if n = protowire.ConsumeFieldValue(field, kind, body); n < 0 {
			return false
		}
		body = body[n:]
	}
	return false
}
