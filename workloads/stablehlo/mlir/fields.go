package mlir

import "fmt"

// Fields reads attributes by name and type. The first attribute of another type makes the error, which [Fields.Err] gives; what
// is read after it is of no use.
type Fields struct {
	attrs Attrs
	where func(format string, args ...any) error
	err   *error // shared with the readers of records within
}

// Fields reads the attributes of the operation.
func (o *Op) Fields() *Fields { return &Fields{attrs: o.Attrs, where: o.Errorf, err: new(error)} }

// Err is the first error, of this reader or of one that [Fields.Struct] made of it.
func (f *Fields) Err() error { return *f.err }

// Has tells whether there is an attribute of the name.
func (f *Fields) Has(name string) bool { return f.attrs[name] != nil }

func (f *Fields) wrong(name, want string) {
	if *f.err != nil {
		return
	}
	if f.Has(name) {
		*f.err = f.where("attribute %s is %v, want %s", name, f.attrs[name], want)
	} else {
		*f.err = f.where("attribute %s is missing, want %s", name, want)
	}
}

// Int is an integer, or a default where there is none.
func (f *Fields) Int(name string, absent int) int {
	switch v := f.attrs[name].(type) {
	case nil:
		return absent
	case int64:
		return int(v)
	}
	f.wrong(name, "an integer")
	return absent
}

// Bool is a truth value, false where there is none.
func (f *Fields) Bool(name string) bool {
	switch v := f.attrs[name].(type) {
	case nil:
		return false
	case bool:
		return v
	}
	f.wrong(name, "true or false")
	return false
}

// Ints are integers in a list, an array or a constant; none where there is no such attribute.
func (f *Fields) Ints(name string) []int {
	switch v := f.attrs[name].(type) {
	case nil:
		return nil
	case Ints:
		return v
	case Dense:
		if !v.Type.Elem.Float() {
			return v.Ints()
		}
	}
	f.wrong(name, "integers")
	return nil
}

// IntsOf are n integers: those of the attribute, or n times a default where there is none.
func (f *Fields) IntsOf(name string, n, absent int) []int {
	if !f.Has(name) {
		out := make([]int, n)
		for i := range out {
			out[i] = absent
		}
		return out
	}
	out := f.Ints(name)
	if len(out) != n {
		f.wrong(name, fmt.Sprintf("%d integers", n))
		return make([]int, n)
	}
	return out
}

// NeedInt is an integer that must be there.
func (f *Fields) NeedInt(name string) int {
	if !f.Has(name) {
		f.wrong(name, "an integer")
	}
	return f.Int(name, 0)
}

// NeedInts are integers that must be there.
func (f *Fields) NeedInts(name string) []int {
	if !f.Has(name) {
		f.wrong(name, "integers")
	}
	return f.Ints(name)
}

// NeedIntsOf are n integers that must be there.
func (f *Fields) NeedIntsOf(name string, n int) []int {
	if !f.Has(name) {
		f.wrong(name, fmt.Sprintf("%d integers", n))
	}
	return f.IntsOf(name, n, 0)
}

// Bools are n truth values; all false where there is no such attribute.
func (f *Fields) Bools(name string, n int) []bool {
	v, ok := f.attrs[name].(Bools)
	if f.Has(name) && (!ok || len(v) != n) {
		f.wrong(name, fmt.Sprintf("%d truth values", n))
	}
	if len(v) != n {
		return make([]bool, n)
	}
	return v
}

// Enum is the value of an enumeration: EQ of #stablehlo<comparison_direction EQ>; "" where there is none.
func (f *Fields) Enum(name string) string {
	switch v := f.attrs[name].(type) {
	case nil:
		return ""
	case Enum:
		return v.Value
	}
	f.wrong(name, "an enumeration of StableHLO")
	return ""
}

// Enums are the values of a list of enumerations.
func (f *Fields) Enums(name string) []string {
	list, ok := f.attrs[name].(List)
	if f.Has(name) && !ok {
		f.wrong(name, "a list of enumerations")
	}
	var out []string
	for _, a := range list {
		e, ok := a.(Enum)
		if !ok {
			f.wrong(name, "a list of enumerations")
		}
		out = append(out, e.Value)
	}
	return out
}

// Symbol is the name of a function; it must be there.
func (f *Fields) Symbol(name string) string {
	v, ok := f.attrs[name].(Symbol)
	if !ok {
		f.wrong(name, "the name of a function")
	}
	return string(v)
}

// Dense is a constant; it must be there.
func (f *Fields) Dense(name string) Dense {
	v, ok := f.attrs[name].(Dense)
	if !ok {
		f.wrong(name, "a constant")
	}
	return v
}

// Conv are the dimension numbers of a convolution; they must be there.
func (f *Fields) Conv(name string) Conv {
	v, ok := f.attrs[name].(Conv)
	if !ok {
		f.wrong(name, "dimension numbers of a convolution")
	}
	return v
}

// Struct reads the fields of a record; it must be there.
func (f *Fields) Struct(name string) *Fields {
	v, ok := f.attrs[name].(Struct)
	if !ok {
		f.wrong(name, "a record")
	}
	return &Fields{attrs: v.Fields, where: f.where, err: f.err}
}

// Refuse makes an attribute the error: want says what it may be.
func (f *Fields) Refuse(name, want string) { f.wrong(name, want) }
