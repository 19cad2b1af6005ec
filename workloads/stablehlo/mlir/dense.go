package mlir

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// dense is dense<...> : type, where ... is nothing, one element for all, nested lists, or the bytes in hexadecimal.
func (p *parser) dense() Attr {
	p.space()
	start := p.pos
	p.balanced()
	end := p.pos
	p.expect(":")
	t := p.tensor()
	if p.err != nil {
		return nil
	}
	// The type is known now: read the elements.
	text, after := p.text, p.pos
	p.text, p.pos = text[:end-1], start+1
	d := p.elements(t)
	p.space()
	if p.err == nil && p.pos < len(p.text) {
		p.failf("want the end of a constant, found %q", p.found())
	}
	p.text = text
	if p.pos = after; p.err != nil {
		p.pos = len(text)
	}
	return d
}

func (p *parser) elements(t Type) Dense {
	d := Dense{Type: t}
	p.space()
	switch {
	case p.next(`"`):
		p.hexadecimal(&d)
	case p.next("["):
		p.nested(&d, t.Shape)
	case p.pos == len(p.text):
		if t.Elements() != 0 {
			p.failf("no elements for %s", t)
		}
	default:
		d.Splat = len(t.Shape) > 0
		p.element(&d)
	}
	return d
}

func (p *parser) nested(d *Dense, shape []int) {
	if len(shape) == 0 {
		p.element(d)
		return
	}
	n := 0
	p.expect("[")
	p.list("]", func() {
		p.nested(d, shape[1:])
		n++
	})
	if p.err == nil && n != shape[0] {
		p.failf("a constant of %s has a list of %d elements in place of %d", d.Type, n, shape[0])
	}
}

func (p *parser) element(d *Dense) {
	size := d.Type.Elem.Bytes()
	var b [8]byte
	w := p.numeral()
	if err := putNumber(b[:], d.Type.Elem, w); err != nil {
		p.failf("%w", err)
	}
	d.Data = append(d.Data, b[:size]...)
}

// hexadecimal reads "0x...": the bytes of all elements, or of one for all. Truth values, which MLIR packs, are not supported.
func (p *parser) hexadecimal(d *Dense) {
	s := p.quoted()
	digits, ok := strings.CutPrefix(s, "0x")
	data, err := hex.DecodeString(digits)
	size := d.Type.Elem.Bytes()
	switch {
	case p.err != nil:
	case !ok || err != nil || d.Type.Elem == I1:
		p.failf("a constant of %s from the string %.20q", d.Type, s)
	case len(data) == d.Type.Bytes():
	case len(data) == size:
		d.Splat = true
	default:
		p.failf("a constant of %s has %d bytes", d.Type, len(data))
	}
	d.Data = data
}

// putNumber writes the number that a text says, little-endian. A float has a point, or is hexadecimal: its bits.
func putNumber(b []byte, e Elem, w string) error {
	digits, isHex := strings.CutPrefix(w, "0x")
	switch {
	case e == I1 && (w == "true" || w == "false"):
		b[0] = 0
		if w == "true" {
			b[0] = 1
		}
	case isHex && e != I1:
		v, err := strconv.ParseUint(digits, 16, e.Bits())
		if err != nil {
			return fmt.Errorf("%q as %s", w, e)
		}
		e.PutInt(b, v)
	case e.Float():
		v, err := strconv.ParseFloat(w, 64)
		if err != nil || !strings.Contains(w, ".") {
			return fmt.Errorf("%q as %s", w, e)
		}
		e.PutFloat(b, v)
	case e.Unsigned():
		v, err := strconv.ParseUint(w, 10, e.Bits())
		if err != nil {
			return fmt.Errorf("%q as %s", w, e)
		}
		e.PutInt(b, v)
	default:
		v, err := strconv.ParseInt(w, 10, e.Bits())
		if err != nil {
			return fmt.Errorf("%q as %s", w, e)
		}
		e.PutInt(b, uint64(v))
	}
	return nil
}
