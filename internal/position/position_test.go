package position

import (
	"testing"

	"google.golang.org/protobuf/proto"

	contactv1 "rollcall/gen/contact/v1"
)

func TestPositions(t *testing.T) {
	t.Parallel()

	for text, want := range map[string]*contactv1.Position{
		"e1:7":                    {Epoch: "e1", Sequence: 7},
		"2026-05-17T08:00:00Z:0":  {Epoch: "2026-05-17T08:00:00Z"},
		"":                        nil,
		"7":                       nil,
		":7":                      nil,
		"e1:":                     nil,
		"e1:-1":                   nil,
		"e1:18446744073709551616": nil,
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()

			got, err := Parse(text)
			if (err == nil) != (want != nil) || !proto.Equal(got, want) {
				t.Errorf("got %v, %v; want %v", got, err, want)
			}

			if err == nil && Format(got.GetEpoch(), got.GetSequence()) != text {
				t.Errorf("written again as %s", Format(got.GetEpoch(), got.GetSequence()))
			}
		})
	}
}
