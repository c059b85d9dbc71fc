package filter

import (
	"regexp/syntax"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/overloads"
	"cel.dev/cel-go/common/types"
)

// maxRegexp bounds a regular expression, in instructions: it may take as many
// steps for each character it looks at, and "(a?){1000}" is short.
const maxRegexp = 200

// checkRegexps refuses regular expressions that could take long. Only those that
// are written out can be judged. (CEL's own limit on their size panics on {100}.)
func checkRegexps(text string, checked *cel.Ast) error {
	tree := checked.NativeRep()
	for _, call := range ast.MatchDescendants(ast.NavigateAST(tree), ast.FunctionMatcher(overloads.Matches)) {
		arguments := call.AsCall().Args()
		pattern := arguments[len(arguments)-1]
		if problem := regexpProblem(pattern); problem != "" {
			return newError(text, offsetOf(text, tree.SourceInfo().GetStartLocation(pattern.ID())), problem)
		}
	}
	return nil
}

func regexpProblem(pattern ast.Expr) string {
	if pattern.Kind() != ast.LiteralKind {
		return "a regular expression must be written out, as in matches('^A')"
	}
	literal, ok := pattern.AsLiteral().(types.String)
	if !ok {
		return "a regular expression must be a string"
	}
	parsed, err := syntax.Parse(string(literal), syntax.Perl)
	if err != nil {
		return "the regular expression is wrong: " + err.Error()
	}
	program, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		return "the regular expression is wrong: " + err.Error()
	}
	if len(program.Inst) > maxRegexp {
		return "the regular expression is too large: repeat less in it, as by {100}"
	}
	return ""
}
