package mlir

// Parse reads a module: functions of operations in generic form, each value defined before it is used, types of static shape.
// Errors wrap [ErrSyntax] and name the line.
func Parse(text []byte) (*Module, error) {
	p := newParser(text)
	m := p.module()
	if p.space(); p.err == nil && p.pos < len(p.text) {
		p.failf("text after the module: %q", p.found())
	}
	if p.err != nil {
		return nil, p.err
	}
	return m, nil
}

func (p *parser) module() *Module {
	m := &Module{Meshes: map[string]string{}}
	p.expect("module")
	if p.next("@") {
		m.Name = p.name("@")
	}
	if p.accept("attributes") {
		m.Attrs = p.attrs()
	}
	p.expect("{")
	for p.err == nil && !p.accept("}") {
		switch w := p.word(); w {
		case "func.func":
			f := p.function()
			if p.err == nil && m.Func(f.Name) != nil {
				p.failf("function @%s is defined twice", f.Name)
			}
			m.Funcs = append(m.Funcs, f)
		case "sdy.mesh":
			name := p.name("@")
			p.expect("=")
			m.Meshes[name] = p.balanced()
		default:
			p.failf("want func.func or sdy.mesh, found %q", w+p.found())
		}
	}
	return m
}

func (p *parser) function() *Func {
	f := &Func{Body: &Region{}, Line: p.line()}
	if !p.accept("public") {
		p.accept("private")
	}
	f.Name = p.name("@")
	p.push()
	defer p.pop()
	p.expect("(")
	p.list(")", func() {
		f.Body.Args = append(f.Body.Args, p.argument())
		f.ArgAttrs = append(f.ArgAttrs, p.maybeAttrs())
	})
	if p.accept("->") {
		if p.accept("(") {
			p.list(")", func() { f.Results = append(f.Results, Result{Type: p.tensor(), Attrs: p.maybeAttrs()}) })
		} else {
			f.Results = []Result{{Type: p.tensor()}}
		}
	}
	if p.accept("attributes") {
		p.attrs()
	}
	p.expect("{")
	p.ops(f.Body)
	if p.err == nil {
		p.checkReturn(f)
	}
	return f
}

func (p *parser) checkReturn(f *Func) {
	given := f.Body.Return().Operands
	if len(given) != len(f.Results) {
		p.failf("function @%s returns %d values, and declares %d", f.Name, len(given), len(f.Results))
		return
	}
	for i, v := range given {
		if !v.Type.Equal(f.Results[i].Type) {
			p.failf("function @%s returns %s as result %d, and declares %s", f.Name, v.Type, i, f.Results[i].Type)
		}
	}
}

// list reads items with commas between them up to the closing mark.
func (p *parser) list(closing string, item func()) {
	if p.accept(closing) {
		return
	}
	for p.err == nil {
		item()
		if p.accept(closing) {
			return
		}
		p.expect(",")
	}
}

// argument is %name: type, of a function or a region.
func (p *parser) argument() *Value {
	name := p.name("%")
	p.expect(":")
	return p.define(name, p.tensor())
}

func (p *parser) tensor() Type {
	p.expect("tensor")
	if !p.next("<") {
		p.failf("want tensor<...>, found %q", p.found())
		return Type{}
	}
	t, err := parseType(p.balanced())
	if err != nil && p.err == nil {
		p.failf("%w", err)
	}
	return t
}

// Scopes: a region sees the values of what is around it, and defines no name again.
func (p *parser) push() { p.scopes = append(p.scopes, map[string]*Value{}) }
func (p *parser) pop()  { p.scopes = p.scopes[:len(p.scopes)-1] }

func (p *parser) lookup(name string) *Value {
	for _, s := range p.scopes {
		if v := s[name]; v != nil {
			return v
		}
	}
	return nil
}

func (p *parser) define(name string, t Type) *Value {
	if p.err == nil && p.lookup(name) != nil {
		p.failf("%%%s is defined twice", name)
	}
	v := &Value{Name: name, Type: t}
	p.scopes[len(p.scopes)-1][name] = v
	return v
}

// ops reads operations up to the closing brace, which belongs to it.
func (p *parser) ops(r *Region) {
	for p.err == nil && !p.accept("}") {
		r.Ops = append(r.Ops, p.op())
	}
	for i, op := range r.Ops {
		if p.err == nil && op.returns() != (i == len(r.Ops)-1) {
			p.failf("a region ends with one return, found %s in line %d", op.Name, op.Line)
		}
	}
	if p.err == nil && len(r.Ops) == 0 {
		p.failf("a region without a return")
	}
}

func (p *parser) op() *Op {
	p.space()
	op := &Op{Attrs: Attrs{}, Line: p.line()}
	var names []string
	if p.next("%") {
		p.list("=", func() { names = append(names, p.name("%")) })
	}
	op.Name = p.quoted()
	p.expect("(")
	p.list(")", func() {
		name := p.name("%")
		v := p.lookup(name)
		if p.err == nil && v == nil {
			p.failf("%%%s is used before it is defined", name)
		}
		op.Operands = append(op.Operands, v)
	})
	p.properties(op)
	if p.accept("(") {
		p.list(")", func() { op.Regions = append(op.Regions, p.region()) })
	}
	p.properties(op)
	for name, a := range p.maybeAttrs() {
		op.Attrs[name] = a
	}
	p.expect(":")
	p.signature(op, names)
	return op
}

// properties are attributes in <{ }>.
func (p *parser) properties(op *Op) {
	if !p.accept("<{") {
		return
	}
	p.pos--
	for name, a := range p.attrs() {
		op.Attrs[name] = a
	}
	p.expect(">")
}

// signature checks the types of the operands and defines the results.
func (p *parser) signature(op *Op, names []string) {
	p.expect("(")
	i := 0
	p.list(")", func() {
		t := p.tensor()
		if p.err == nil && i < len(op.Operands) && !op.Operands[i].Type.Equal(t) {
			p.failf("%s: operand %%%s is %s, written as %s", op.Name, op.Operands[i].Name, op.Operands[i].Type, t)
		}
		i++
	})
	if p.err == nil && i != len(op.Operands) {
		p.failf("%s has %d operands and %d types of operands", op.Name, len(op.Operands), i)
	}
	p.expect("->")
	var types []Type
	if p.accept("(") {
		p.list(")", func() { types = append(types, p.tensor()) })
	} else {
		types = []Type{p.tensor()}
	}
	if p.err == nil && len(types) != len(names) {
		p.failf("%s has %d names and %d types of results", op.Name, len(names), len(types))
	}
	if p.err != nil {
		return
	}
	for i, t := range types {
		op.Results = append(op.Results, p.define(names[i], t))
	}
}

// region is { ^label(%a: type, ...): operations }; the label may be missing.
func (p *parser) region() *Region {
	defer p.enter()()
	p.push()
	defer p.pop()
	r := &Region{}
	p.expect("{")
	if p.next("^") {
		p.name("^")
		if p.accept("(") {
			p.list(")", func() { r.Args = append(r.Args, p.argument()) })
		}
		p.expect(":")
	}
	p.ops(r)
	return r
}
