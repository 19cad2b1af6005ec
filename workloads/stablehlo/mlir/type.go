package mlir

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// maxElements bounds a tensor, so that sizes in bytes do not overflow.
const maxElements = 1 << 48

// Type is a tensor of static shape, row-major where its bytes are held.
type Type struct {
	Elem  Elem
	Shape []int
}

// Elements is the product of the dimensions; 1 for a scalar.
func (t Type) Elements() int {
	n := 1
	for _, d := range t.Shape {
		n *= d
	}
	return n
}

// Bytes is the size of a host buffer.
func (t Type) Bytes() int { return t.Elements() * t.Elem.Bytes() }

// Equal tells whether two types are the same.
func (t Type) Equal(o Type) bool { return t.Elem == o.Elem && slices.Equal(t.Shape, o.Shape) }

// String is the type as MLIR writes it.
func (t Type) String() string {
	var b strings.Builder
	b.WriteString("tensor<")
	for _, d := range t.Shape {
		fmt.Fprintf(&b, "%dx", d)
	}
	return b.String() + string(t.Elem) + ">"
}

// parseType reads what stands between tensor< and >: dimensions and an element type, joined by x.
func parseType(body string) (Type, error) {
	parts := strings.Split(body, "x")
	// The x of "index" separates nothing.
	if n := len(parts); n > 1 && parts[n-1] == "" && parts[n-2] == "inde" {
		parts = append(parts[:n-2], string(Index))
	}
	t := Type{Elem: Elem(parts[len(parts)-1]), Shape: make([]int, len(parts)-1)}
	if t.Elem.Bits() == 0 {
		return Type{}, fmt.Errorf("tensor<%s>: element type %q is not known", body, t.Elem)
	}
	if len(t.Shape) > maxDepth {
		return Type{}, fmt.Errorf("tensor<%.20s...>: %d dimensions", body, len(t.Shape))
	}
	n := 1
	for i, p := range parts[:len(parts)-1] {
		d, err := strconv.ParseUint(p, 10, 48)
		if err != nil {
			return Type{}, fmt.Errorf("tensor<%s>: dimension %q is not a static size", body, p)
		}
		t.Shape[i] = int(d)
		if int(d) > maxElements/n {
			return Type{}, fmt.Errorf("tensor<%s>: more than 2^48 elements", body)
		}
		n *= max(1, int(d))
	}
	return t, nil
}
