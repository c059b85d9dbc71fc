package filter

import (
	"cel.dev/cel-go/common"
	"cel.dev/cel-go/common/overloads"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// sizes charges by size what CEL would charge one for: functions that run
// through a whole string, and putting lists together. Without it a short text could
// make a list of millions, for a few hundred, and then search it.
type sizes struct{}

// CallCost is nil where CEL's own estimate will do.
func (sizes) CallCost(function, overload string, args []ref.Val, result ref.Val) *uint64 {
	var elements int
	switch {
	case overload == overloads.AddList:
		if _, building := args[0].(traits.MutableLister); building { // map and filter add an element at a time
			return nil
		}
		elements = sizeOf(result)
	case function == overloads.Matches:
		text, ok := args[0].(types.String)
		if !ok {
			return nil
		}
		elements = len(text) // ten times CEL's rate: a character may take maxRegexp steps
	case function == overloads.Size || isStringFunction(function):
		text, ok := args[0].(types.String)
		if !ok {
			return nil
		}
		elements = int(float64(len(text)) * common.StringTraversalCostFactor)
	default:
		return nil
	}
	cost := 1 + uint64(max(elements, 0))
	return &cost
}

func sizeOf(value ref.Val) int {
	list, ok := value.(traits.Sizer)
	if !ok {
		return 0
	}
	size, ok := list.Size().(types.Int)
	if !ok {
		return 0
	}
	return int(size)
}

func isStringFunction(name string) bool {
	for _, offered := range stringFunctions {
		if name == offered {
			return true
		}
	}
	return false
}
