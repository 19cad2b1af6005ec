package mlir

// Attr is the value of an attribute: bool, int64, float64, string (quoted in the text), or one of the types below.
type Attr any

// Attrs are attributes by name; as an attribute, a dictionary.
type Attrs map[string]Attr

// Ints is array<i64: ...>, or a list of integers.
type Ints []int

// Bools is array<i1: ...>.
type Bools []bool

// List is a bracketed list of other attributes.
type List []Attr

// Symbol is the name of a function: @name.
type Symbol string

// Word is a bare word, such as the type in a dot algorithm.
type Word string

// Enum is a named value of StableHLO: #stablehlo<comparison_direction EQ>.
type Enum struct{ Kind, Value string }

// Struct is a record of a dialect, such as #stablehlo.dot<...>, with its fields by name.
type Struct struct {
	Name   string
	Fields Attrs
}

// Conv is #stablehlo.conv: what each dimension of the two operands and of the result is: b and f for batch and feature, i and o for
// the features of the kernel, and the number of a spatial dimension.
type Conv struct{ Input, Kernel, Output []string }

// Dense is a constant tensor, little-endian. A splat holds one element that stands for all.
type Dense struct {
	Type  Type
	Data  []byte
	Splat bool
}

// Ints are the elements of a constant of integers, in order.
func (d Dense) Ints() []int {
	size, n := d.Type.Elem.Bytes(), d.Type.Elements()
	if d.Type.Elem.Float() || d.Splat && n > 1<<16 {
		return nil
	}
	out := make([]int, n)
	for i := range out {
		var v uint64
		at := i * size
		if d.Splat {
			at = 0
		}
		for j := range size {
			v |= uint64(d.Data[at+j]) << (8 * j)
		}
		if shift := 64 - 8*size; !d.Type.Elem.Unsigned() {
			v = uint64(int64(v<<shift) >> shift)
		}
		out[i] = int(v)
	}
	return out
}

// Opaque is an attribute of another dialect, as text.
type Opaque string
