package mlir

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// maxDepth bounds how deep regions and lists are nested.
const maxDepth = 100

// parser walks the text. The first error sticks and puts the position at the end, so that every loop ends.
type parser struct {
	text   string
	pos    int
	lines  []int // where lines end
	depth  int
	scopes []map[string]*Value
	err    error
}

func newParser(text []byte) *parser {
	p := &parser{text: string(text)}
	for i, c := range text {
		if c == '\n' {
			p.lines = append(p.lines, i)
		}
	}
	return p
}

func (p *parser) line() int {
	i, _ := slices.BinarySearch(p.lines, p.pos)
	return i + 1
}

func (p *parser) failf(format string, args ...any) {
	if p.err == nil {
		p.err = fmt.Errorf("parsing a module: line %d: %w: %w", p.line(), ErrSyntax, fmt.Errorf(format, args...))
	}
	p.pos = len(p.text)
}

// space skips white space and comments.
func (p *parser) space() {
	for p.pos < len(p.text) {
		switch c := p.text[p.pos]; {
		case c == ' ' || c == '\n' || c == '\t' || c == '\r':
			p.pos++
		case strings.HasPrefix(p.text[p.pos:], "//"):
			if n := strings.IndexByte(p.text[p.pos:], '\n'); n >= 0 {
				p.pos += n
			} else {
				p.pos = len(p.text)
			}
		default:
			return
		}
	}
}

// next tells whether the text goes on with s.
func (p *parser) next(s string) bool {
	p.space()
	return strings.HasPrefix(p.text[p.pos:], s)
}

// accept skips s if it is next.
func (p *parser) accept(s string) bool {
	if !p.next(s) {
		return false
	}
	p.pos += len(s)
	return true
}

func (p *parser) expect(s string) {
	if !p.accept(s) {
		p.failf("want %q, found %q", s, p.found())
	}
}

// found is the beginning of what is next, for errors.
func (p *parser) found() string {
	rest := p.text[p.pos:]
	return rest[:min(len(rest), 20)]
}

// word is the longest run of characters that names are made of; "" if there is none.
func (p *parser) word() string {
	p.space()
	start := p.pos
	for p.pos < len(p.text) && inWord(p.text[p.pos]) {
		p.pos++
	}
	return p.text[start:p.pos]
}

func inWord(c byte) bool {
	return c == '_' || c == '.' || c == '$' || c == '-' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// name is a word that follows a mark, as in %name; it must be there.
func (p *parser) name(mark string) string {
	p.expect(mark)
	if mark == "@" && p.next(`"`) {
		return p.quoted()
	}
	w := p.word()
	if w == "" {
		p.failf("want a name after %s, found %q", mark, p.found())
	}
	return w
}

// quoted is a string in quotes. Escapes are those of MLIR: \", \\, \n, \t and two hexadecimal digits.
func (p *parser) quoted() string {
	p.expect(`"`)
	var b strings.Builder
	for p.pos < len(p.text) {
		c := p.text[p.pos]
		p.pos++
		switch c {
		case '"':
			return b.String()
		case '\n':
			p.failf("a string is not closed on its line")
			return ""
		case '\\':
			b.WriteByte(p.escaped())
		default:
			b.WriteByte(c)
		}
	}
	p.failf("a string is not closed")
	return ""
}

func (p *parser) escaped() byte {
	rest := p.text[p.pos:]
	if rest != "" {
		if i := strings.IndexByte(`"\nt`, rest[0]); i >= 0 {
			p.pos++
			return "\"\\\n\t"[i]
		}
	}
	if len(rest) >= 2 {
		if v, err := strconv.ParseUint(rest[:2], 16, 8); err == nil {
			p.pos += 2
			return byte(v)
		}
	}
	p.failf("escape \\%.2s in a string is not known", rest)
	return 0
}

// balanced is the text from an opening bracket, which is next, to the one that closes it, without the two. Brackets in strings do
// not count, nor does the > of an arrow.
func (p *parser) balanced() string {
	p.space()
	start := p.pos
	var open []byte
	for p.pos < len(p.text) {
		c := p.text[p.pos]
		switch {
		case c == '"' && len(open) > 0:
			p.quoted()
			continue
		case c == '<' || c == '[' || c == '{' || c == '(':
			open = append(open, c)
		case c == '>' && p.text[p.pos-1] == '-':
		case c == '>' || c == ']' || c == '}' || c == ')':
			if n := len(open); n == 0 || open[n-1] != opening(c) {
				p.failf("%q closes nothing", c)
				return ""
			}
			open = open[:len(open)-1]
		}
		if len(open) == 0 && p.pos == start {
			p.failf("want a bracket, found %q", p.found())
			return ""
		}
		p.pos++
		if len(open) == 0 {
			return p.text[start+1 : p.pos-1]
		}
	}
	p.failf("a bracket is not closed")
	return ""
}

func opening(c byte) byte {
	return "<[{("[strings.IndexByte(">]})", c)]
}

// enter counts nesting; the function that it gives counts back.
func (p *parser) enter() func() {
	if p.depth++; p.depth > maxDepth {
		p.failf("nested deeper than %d", maxDepth)
	}
	return func() { p.depth-- }
}
