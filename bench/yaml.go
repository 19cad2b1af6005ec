package bench

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// MaxYAML is the largest file in YAML, a plan or a list of claims, in bytes. It bounds the work of the parser.
const MaxYAML = 64 << 10

// readYAML reads one YAML document; name and what, such as a plan, stand in errors, which are [*SyntaxError]s.
func readYAML(r io.Reader, name, what string) (ast.Node, error) {
	text, err := io.ReadAll(io.LimitReader(r, MaxYAML+1))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	if len(text) > MaxYAML {
		return nil, &SyntaxError{name, 1, 1, fmt.Errorf("expected %s of at most %d bytes", what, MaxYAML)}
	}
	tokens := lexer.Tokenize(string(text))
	if t := tooDeep(tokens); t != nil {
		return nil, &SyntaxError{name, t.Position.Line, t.Position.Column, fmt.Errorf("expected %s, found lists within lists", what)}
	}
	file, err := parser.Parse(tokens, 0)
	if err != nil {
		return nil, yamlError(name, err)
	}
	body, err := document(file, what)
	if err != nil {
		return nil, &SyntaxError{name, 1, 1, err}
	}
	return body, nil
}

// tooDeep is the token with which a nesting begins that no file of ours needs. The time that the parser takes grows with the square
// of the depth.
func tooDeep(tokens token.Tokens) *token.Token {
	const most = 8
	brackets, dashes, line := 0, 0, 0
	for _, t := range tokens {
		if t.Position.Line != line {
			dashes, line = 0, t.Position.Line
		}
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			brackets++
		case token.SequenceEndType, token.MappingEndType:
			brackets--
		case token.SequenceEntryType, token.MappingKeyType:
			dashes++
		}
		if brackets > most || dashes > most {
			return t
		}
	}
	return nil
}

// yamlError takes place and text out of an error of the YAML parser.
func yamlError(name string, err error) error {
	var syntax interface {
		GetToken() *token.Token
		GetMessage() string
	}
	if errors.As(err, &syntax) {
		if t := syntax.GetToken(); t != nil && t.Position != nil {
			return &SyntaxError{name, t.Position.Line, t.Position.Column, fmt.Errorf("expected YAML: %s", syntax.GetMessage())}
		}
		return &SyntaxError{name, 1, 1, fmt.Errorf("expected YAML: %s", syntax.GetMessage())}
	}
	return &SyntaxError{name, 1, 1, fmt.Errorf("expected YAML: %w", err)}
}

// document is the one document of a file; what names it in errors.
func document(file *ast.File, what string) (ast.Node, error) {
	var body ast.Node
	for _, d := range file.Docs {
		switch {
		case d.Body == nil:
		case d.Body.Type() == ast.CommentType: // a file of nothing but comments
		case body != nil:
			return nil, errors.New("expected one YAML document, found several")
		default:
			body = d.Body
		}
	}
	if body == nil {
		return nil, fmt.Errorf("expected %s, found nothing", what)
	}
	return body, nil
}

// nodeError is an error at a node.
type nodeError struct {
	node ast.Node
	text string
}

func (e *nodeError) Error() string { return e.text }

func at(n ast.Node, format string, args ...any) error {
	return &nodeError{n, fmt.Sprintf(format, args...)}
}

func placed(name string, err error) error {
	line, column := 1, 1
	var where *nodeError
	if errors.As(err, &where) && where.node != nil {
		if t := where.node.GetToken(); t != nil && t.Position != nil {
			line, column = t.Position.Line, t.Position.Column
		}
	}
	return &SyntaxError{name, line, column, err}
}

// PlacedText is a text of a file with its place, for errors about it.
type PlacedText struct {
	Value        string
	Line, Column int // from 1
}

// ReadTexts reads a YAML list of entries whose words have texts, such as a list of claims; what names the list in errors. A word that is
// not among the known ones, and a value that is no text, are a [*SyntaxError].
func ReadTexts(r io.Reader, name, what string, known []string) ([]map[string]PlacedText, error) {
	body, err := readYAML(r, name, what)
	if err != nil {
		return nil, err
	}
	list, ok := body.(*ast.SequenceNode)
	if !ok || len(list.Values) == 0 {
		return nil, placed(name, at(body, "expected %s: a list of at least one entry, found %s", what, kind(body)))
	}
	var out []map[string]PlacedText
	for _, n := range list.Values {
		entry, err := readTexts(n, slices.Clone(known))
		if err != nil {
			return nil, placed(name, err)
		}
		out = append(out, entry)
	}
	return out, nil
}

func readTexts(n ast.Node, known []string) (map[string]PlacedText, error) {
	all, err := fields(n, "an entry")
	if err != nil {
		return nil, err
	}
	entry := map[string]PlacedText{}
	for _, f := range all {
		key, err := keyOf(f, known)
		if err != nil {
			return nil, err
		}
		var text string
		if err := setText(&text, f.Value); err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
		where := f.Value.GetToken().Position
		entry[key] = PlacedText{text, where.Line, where.Column}
	}
	return entry, nil
}
