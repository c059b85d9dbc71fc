// Package filter chooses persons by a CEL expression over `person`, such as
// `person.email.endsWith("@example.org")`.
//
// It offers CEL's standard library and macros, and of the strings extension what
// makes no string longer: lowerAscii, upperAscii, trim, substring, charAt, indexOf
// and lastIndexOf. An unset message reads as zeros; has(person.birthdate) tells.
package filter

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/decls"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/ext"
	"google.golang.org/protobuf/proto"

	contactv1 "rollcall/gen/contact/v1"
)

// MaxLength is the longest text that is compiled, in characters: what the API
// says of WatchPersonsRequest.filter.
const MaxLength = 4096

const (
	// maxDepth bounds how deep an expression is nested: the parser and the
	// evaluation recurse.
	maxDepth = 50
	// maxNodes bounds what macros expand to: nested ones multiply.
	maxNodes = 10_000
	// maxLoops bounds how deep all, exists, map and filter stand in one another.
	maxLoops = 3
	// maxSize bounds the person looked at, in bytes. The gateway takes none of a
	// fifth of it, but others publish too, and a cost counts once it has been paid.
	maxSize = 16 << 10

	variable = "person"
)

// stringFunctions are those of the strings extension that are offered. The others
// (replace, join, format, repeat, …) can make a huge string in a single step,
// before its cost counts.
var stringFunctions = [...]string{"charAt", "indexOf", "lastIndexOf", "lowerAscii", "substring", "trim", "upperAscii"} //nolint:gochecknoglobals // a constant table

// Compiler makes filters. It may be used by many at once.
type Compiler struct {
	env       *cel.Env
	costLimit uint64
}

// NewCompiler returns a compiler of filters that stop with an error when looking
// at one person costs more than costLimit, in CEL's units: about one an
// operation, and one for each ten characters it runs through.
func NewCompiler(costLimit uint64) (*Compiler, error) {
	offered, err := stringFunctionsOffered()
	if err != nil {
		return nil, err
	}
	env, err := cel.NewEnv(
		cel.Types(new(contactv1.Person)),
		cel.Variable(variable, cel.ObjectType(string(new(contactv1.Person).ProtoReflect().Descriptor().FullName()))),
		offered,
		cel.DefaultUTCTimeZone(true),
		cel.ParserExpressionSizeLimit(MaxLength),
		cel.ParserRecursionLimit(maxDepth),
		cel.ExpressionNodeLimit(maxNodes),
		cel.ASTValidators(
			cel.ValidateTimestampLiterals(),
			cel.ValidateDurationLiterals(),
			cel.ValidateComprehensionNestingLimit(maxLoops),
		),
	)
	if err != nil {
		return nil, fmt.Errorf("set up CEL: %w", err)
	}
	return &Compiler{env: env, costLimit: costLimit}, nil
}

func stringFunctionsOffered() (cel.EnvOption, error) {
	extension, err := cel.NewCustomEnv(ext.Strings())
	if err != nil {
		return nil, fmt.Errorf("set up CEL's strings extension: %w", err)
	}
	all := extension.Functions()
	offered := make([]*decls.FunctionDecl, 0, len(stringFunctions))
	for _, name := range stringFunctions {
		function, ok := all[name]
		if !ok {
			return nil, fmt.Errorf("CEL's strings extension has no %s", name)
		}
		offered = append(offered, function)
	}
	return cel.FunctionDecls(offered...), nil
}

// Compile reads an expression, which must be a bool. What is wrong with the text
// is an [*Error].
func (c *Compiler) Compile(text string) (*Filter, error) {
	if length := utf8.RuneCountInString(text); length > MaxLength {
		return nil, newError(text, 0, fmt.Sprintf("must be at most %d characters long, is %d", MaxLength, length))
	}
	if strings.TrimSpace(text) == "" {
		return nil, newError(text, 0, "must not be empty")
	}
	ast, issues := c.env.Compile(text)
	if issues.Err() != nil {
		return nil, firstOf(text, issues.Errors())
	}
	if out := ast.OutputType(); !out.IsExactType(cel.BoolType) {
		return nil, newError(text, 0, "must be bool, is "+cel.FormatCELType(out))
	}
	if err := checkRegexps(text, ast); err != nil {
		return nil, err
	}
	program, err := c.env.Program(ast,
		cel.EvalOptions(cel.OptOptimize),
		cel.CostLimit(c.costLimit),
		cel.CostTracking(sizes{}),
	)
	if err != nil {
		return nil, newError(text, 0, plain(err.Error()))
	}
	return &Filter{program: program}, nil
}

// Filter is a compiled expression. It may be used by many at once.
type Filter struct{ program cel.Program }

// Matches says whether the expression is true of a person. The error is one of
// the evaluation (an index out of range, a division by zero) or says that it cost
// too much, or that the person is too large; the person is then no match.
func (f *Filter) Matches(person *contactv1.Person) (bool, error) {
	if size := proto.Size(person); size > maxSize {
		return false, fmt.Errorf("the person is larger than %d bytes, which is the most a filter looks at: %d", maxSize, size)
	}
	result, _, err := f.program.Eval(vars{person})
	if err != nil {
		return false, fmt.Errorf("evaluate the filter: %w", err)
	}
	matches, ok := result.(types.Bool)
	if !ok {
		return false, errNotBool
	}
	return bool(matches), nil
}

// errNotBool can't be: what is not a bool does not compile.
var errNotBool = errors.New("evaluate the filter: the result is not a bool")

// vars is what an expression can name; a map would be made for each person.
type vars struct{ person *contactv1.Person }

// ResolveName is how CEL asks for a variable.
func (v vars) ResolveName(name string) (any, bool) {
	if name != variable {
		return nil, false
	}
	return v.person, true
}

// Parent is the scope around this one: none.
func (vars) Parent() cel.Activation { return nil }
