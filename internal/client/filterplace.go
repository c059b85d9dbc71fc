package client

import (
	"errors"
	"regexp"
	"strconv"

	"connectrpc.com/connect/v2"
)

// FilterPlace is where in a filter its mistake is, in characters.
type FilterPlace struct {
	// Line and Column count from 1.
	Line, Column int
}

// filterPlace is how the server says it.
var filterPlace = regexp.MustCompile(`^filter: (?:line (\d+), )?column (\d+): `)

// PlaceInFilter is where the filter has the mistake that the server has refused it
// for; false if the error says nothing of the sort.
func PlaceInFilter(err error) (FilterPlace, bool) {
	rpc, ok := errors.AsType[*connect.Error](err)
	if !ok || rpc.Code() != connect.CodeInvalidArgument {
		return FilterPlace{}, false
	}

	place := filterPlace.FindStringSubmatch(rpc.Message())
	if place == nil {
		return FilterPlace{}, false
	}

	line, _ := strconv.Atoi(place[1]) // where none is said, it is the first
	column, err := strconv.Atoi(place[2])

	return FilterPlace{Line: max(line, 1), Column: column}, err == nil
}
