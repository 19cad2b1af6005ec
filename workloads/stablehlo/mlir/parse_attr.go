package mlir

import (
	"strconv"
	"strings"
)

func (p *parser) maybeAttrs() Attrs {
	if !p.next("{") {
		return nil
	}
	return p.attrs()
}

// attrs reads {name = value, ...}; a name alone is a truth.
func (p *parser) attrs() Attrs {
	p.expect("{")
	return p.fields("}")
}

func (p *parser) fields(closing string) Attrs {
	out := Attrs{}
	p.list(closing, func() {
		name := p.attrName()
		if p.err == nil && out[name] != nil {
			p.failf("attribute %s is given twice", name)
		}
		if p.accept("=") {
			out[name] = p.attr()
		} else {
			out[name] = true
		}
	})
	return out
}

func (p *parser) attrName() string {
	if p.next(`"`) {
		return p.quoted()
	}
	w := p.word()
	if w == "" {
		p.failf("want the name of an attribute, found %q", p.found())
	}
	return w
}

func (p *parser) attr() Attr {
	defer p.enter()()
	switch {
	case p.next(`"`):
		return p.quoted()
	case p.next("@"):
		return Symbol(p.name("@"))
	case p.next("["):
		return p.bracketed()
	case p.next("{"):
		return p.attrs()
	case p.next("#"):
		return p.dialect()
	}
	start := p.pos
	w := p.word()
	switch {
	case w == "":
		p.failf("want an attribute, found %q", p.found())
	case w == "true" || w == "false":
		return w == "true"
	case w == "array" && p.next("<"):
		return p.array()
	case w == "dense" && p.next("<"):
		return p.dense()
	case strings.ContainsRune("-0123456789", rune(w[0])):
		p.pos = start
		return p.number()
	}
	return Word(w)
}

// bracketed is a list: of integers, or of anything.
func (p *parser) bracketed() Attr {
	p.expect("[")
	ints, list := Ints{}, List{}
	p.list("]", func() {
		a := p.attr()
		if v, ok := a.(int64); ok {
			ints = append(ints, int(v))
		}
		list = append(list, a)
	})
	if len(ints) == len(list) {
		return ints
	}
	return list
}

// number is an integer, or with a point a float, with or without its type: 1 : i64. Hexadecimal digits are the bits of a float
// where the type is one.
func (p *parser) number() Attr {
	w := p.numeral()
	elem := I64
	if strings.Contains(w, ".") {
		elem = F64
	}
	if p.accept(":") {
		if elem = Elem(p.word()); elem.Bits() == 0 {
			p.failf("type %q of a number is not known", elem)
			return nil
		}
	}
	var b [8]byte
	if err := putNumber(b[:], elem, w); err != nil {
		p.failf("%w", err)
		return nil
	}
	if elem.Float() {
		return elem.FloatAt(b[:])
	}
	return int64(Dense{Type: Type{Elem: elem}, Data: b[:]}.Ints()[0])
}

// numeral is the text of a number; the + of an exponent belongs to it.
func (p *parser) numeral() string {
	w := p.word()
	if n := len(w); n > 0 && (w[n-1] == 'e' || w[n-1] == 'E') && !strings.HasPrefix(w, "0x") && strings.HasPrefix(p.text[p.pos:], "+") {
		p.pos++
		w += "+" + p.word()
	}
	return w
}

// array is array<i64: 1, 2> or array<i1: true>.
func (p *parser) array() Attr {
	p.expect("<")
	elem := Elem(p.word())
	var words []string
	if !p.accept(">") {
		p.expect(":")
		p.list(">", func() { words = append(words, p.numeral()) })
	}
	if elem == I1 {
		out := Bools{}
		for _, w := range words {
			if w != "true" && w != "false" {
				p.failf("%q in an array of truth values", w)
			}
			out = append(out, w == "true")
		}
		return out
	}
	out := Ints{}
	for _, w := range words {
		v, err := strconv.ParseInt(w, 10, 64)
		if err != nil || elem.Bits() == 0 || elem.Float() {
			p.failf("%q in an array of %s", w, elem)
		}
		out = append(out, int(v))
	}
	return out
}

// dialect is #name<...>: of StableHLO by its meaning, of others as text.
func (p *parser) dialect() Attr {
	start := p.pos
	name := p.name("#")
	if !p.next("<") {
		return Opaque(p.text[start:p.pos])
	}
	switch name {
	case "stablehlo":
		p.expect("<")
		e := Enum{Kind: p.word(), Value: p.word()}
		p.expect(">")
		return e
	case "stablehlo.conv":
		return p.conv()
	case "stablehlo.dot", "stablehlo.gather", "stablehlo.scatter", "stablehlo.dot_algorithm", "stablehlo.channel_handle":
		p.expect("<")
		return Struct{Name: strings.TrimPrefix(name, "stablehlo."), Fields: p.fields(">")}
	}
	p.balanced()
	return Opaque(p.text[start:p.pos])
}

func (p *parser) conv() Attr {
	var c Conv
	p.expect("<")
	c.Input = p.dims("bf")
	p.expect("x")
	c.Kernel = p.dims("io")
	p.expect("->")
	c.Output = p.dims("bf")
	p.expect(">")
	if p.err == nil && (len(c.Input) != len(c.Kernel) || len(c.Input) != len(c.Output)) {
		p.failf("dimension numbers of different ranks: %v", c)
	}
	return c
}

// dims is a permutation of two letters and the numbers of the spatial dimensions.
func (p *parser) dims(letters string) []string {
	var out []string
	p.expect("[")
	p.list("]", func() { out = append(out, p.word()) })
	seen := map[string]bool{}
	for _, d := range out {
		seen[d] = true
	}
	want := []string{letters[:1], letters[1:]}
	for i := range len(out) - 2 {
		want = append(want, strconv.Itoa(i))
	}
	for _, d := range want {
		if p.err == nil && (!seen[d] || len(out) < 2) {
			p.failf("dimension %s is missing in %v", d, out)
		}
	}
	return out
}
