package onnxfile

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// InputSpec is what the user says about one input of a model; whatever is left out stays as in the model.
type InputSpec struct {
	Name  string
	Shape []int64    // nil: as in the model; empty: a scalar
	Type  TensorType // Undefined: as in the model
	// Low and High, when HasRange, bound the values: Low <= v < High for floating-point types (all values are Low if
	// they are equal), both included for integers and bool.
	Low, High float64
	HasRange  bool
	// File is a .npy file with the values. ParseInput does not open it: whoever reads the file puts the Shape and Type
	// of its array here before calling Resolve.
	File string
}

// inputForm is how to write an input, for error messages.
const inputForm = "write name:shape:type:low..high, such as x:1x3x224x224:f32, ids:1x128:i64:0..30521 or s:scalar:f32, " +
	"or name=file.npy"

// ParseInput reads an input specification: name:shape:type:low..high, where shape is 1x3x224x224, or scalar, and shape,
// type and range may each be left out but not all of them; or name=file.npy. A text that ends in .npy is of the second
// form and is divided at its first equals sign.
//
// Names may contain colons (input:0), so the first form is read from its right end: a range if there is one, a type if
// there is one, then the shape. Only a name without colons may go without its shape. An empty shape before a type or a
// range is a scalar. The error is an [ErrInput].
func ParseInput(text string) (InputSpec, error) {
	if strings.HasSuffix(text, ".npy") {
		name, file, found := strings.Cut(text, "=")
		if !found || name == "" {
			return InputSpec{}, inputErrorf("input %q has no name: %s", text, inputForm)
		}
		return InputSpec{Name: name, File: file}, nil
	}
	parts := strings.Split(text, ":")
	last := func() string { return parts[len(parts)-1] }
	drop := func() { parts = parts[:len(parts)-1] }
	var s InputSpec
	var err error
	if len(parts) > 1 && strings.Contains(last(), "..") {
		if s.Low, s.High, err = parseRange(last()); err != nil {
			return InputSpec{}, inputErrorf("input %q: %v: %s", text, err, inputForm)
		}
		s.HasRange = true
		drop()
	}
	if t, ok := parseType(last()); ok && len(parts) > 1 {
		s.Type = t
		drop()
	}
	if len(parts) > 1 {
		ok := false
		if s.Shape, ok = parseShape(last()); !ok || last() == "" && s.Type == Undefined && !s.HasRange {
			return InputSpec{}, inputErrorf("input %q: %q is no shape, no type (%s) and no range in its place: %s",
				text, last(), strings.Join(fillable(), ", "), inputForm)
		}
		drop()
	}
	s.Name = strings.Join(parts, ":")
	if s.Name == "" || s.Shape == nil && s.Type == Undefined && !s.HasRange {
		return InputSpec{}, inputErrorf("input %q says nothing about an input: %s", text, inputForm)
	}
	return s, nil
}

// String is the specification as ParseInput reads it.
func (s InputSpec) String() string {
	if s.File != "" {
		return s.Name + "=" + s.File
	}
	parts := []string{s.Name}
	if s.Shape != nil {
		parts = append(parts, shapeText(s.Shape))
	}
	if s.Type != Undefined {
		parts = append(parts, s.Type.String())
	}
	if s.HasRange {
		parts = append(parts, number(s.Low)+".."+number(s.High))
	}
	return strings.Join(parts, ":")
}

func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

func shapeText(shape []int64) string {
	if len(shape) == 0 {
		return "scalar"
	}
	dims := make([]string, len(shape))
	for i, d := range shape {
		dims[i] = strconv.FormatInt(d, 10)
	}
	return strings.Join(dims, "x")
}

// parseShape reads 1x3x224x224, "scalar" or "". Dimensions of 0 are good: decoders start with an empty past.
func parseShape(text string) ([]int64, bool) {
	shape := []int64{}
	if text == "" || text == "scalar" {
		return shape, true
	}
	dims := strings.Split(text, "x")
	if len(dims) > maxRank {
		return nil, false
	}
	for _, d := range dims {
		n, err := strconv.ParseUint(d, 10, 63)
		if err != nil {
			return nil, false
		}
		shape = append(shape, int64(n))
	}
	return shape, true
}

func parseRange(text string) (low, high float64, err error) {
	from, to, _ := strings.Cut(text, "..")
	low, errLow := strconv.ParseFloat(from, 64)
	high, errHigh := strconv.ParseFloat(to, 64)
	width := high - low // is NaN or infinite when one end is
	if errLow != nil || errHigh != nil || math.IsNaN(width) || math.IsInf(width, 0) || low > high {
		return 0, 0, inputErrorf("%q is no range from a number to one that is not smaller", text)
	}
	return low, high, nil
}

// show is a name as it is, or quoted where it could be mistaken: names come from the file.
func show(name string) string {
	plain := func(r rune) bool { return unicode.IsPrint(r) && r != ' ' && r != unicode.ReplacementChar }
	if name == "" || len(name) > maxShown || slices.ContainsFunc([]rune(name), func(r rune) bool { return !plain(r) }) {
		return strconv.Quote(name[:min(len(name), maxShown)])
	}
	return name
}

// maxShown and maxListed bound a message.
const (
	maxShown  = 200
	maxListed = 40
)

func showAll(names []string) string {
	shown := make([]string, 0, min(len(names), maxListed))
	for _, n := range names[:min(len(names), maxListed)] {
		shown = append(shown, show(n))
	}
	if more := len(names) - len(shown); more > 0 {
		shown = append(shown, strconv.Itoa(more)+" more")
	}
	return strings.Join(shown, ", ")
}
