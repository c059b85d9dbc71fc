package client

import (
	"errors"
	"testing"

	"connectrpc.com/connect/v2"
)

func TestWhereAFilterIsRefused(t *testing.T) {
	t.Parallel()

	refused := func(message string) error {
		return explained("watching", connect.NewError(connect.CodeInvalidArgument, message))
	}

	for name, test := range map[string]struct {
		err  error
		want FilterPlace
	}{
		"a column":              {refused("filter: column 8: undefined field"), FilterPlace{1, 8}},
		"a line, too":           {refused("filter: line 2, column 3: unknown"), FilterPlace{2, 3}},
		"no column":             {refused("filter: too long"), FilterPlace{}},
		"of another thing":      {refused("after.sequence: 7"), FilterPlace{}},
		"another code":          {connect.NewError(connect.CodeInternal, "filter: column 1: odd"), FilterPlace{}},
		"no error of an RPC":    {errors.New("filter: column 1: odd"), FilterPlace{}},
		"none":                  {nil, FilterPlace{}},
		"a number beyond bound": {refused("filter: column 99999999999999999999: odd"), FilterPlace{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			got, ok := PlaceInFilter(test.err)
			if ok != (test.want != FilterPlace{}) || ok && got != test.want {
				t.Errorf("got %v, %v; want %v", got, ok, test.want)
			}
		})
	}
}
