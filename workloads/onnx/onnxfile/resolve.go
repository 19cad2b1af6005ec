package onnxfile

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

// ResolvedInput is an input of which everything is known: Shape has no free dimension. Low and High are as in [InputSpec].
type ResolvedInput struct {
	Name      string
	Type      TensorType
	Shape     []int64
	Low, High float64
	HasRange  bool
}

// Resolve gives every input of m its shape and type, in the order of the model: from specs, from dims, which gives
// symbolic dimensions a value by name, and from the model. The error is an [ErrInput]; an [*UnknownError] for a name
// that the model does not have. Free dimensions without a value are told all at once, with the flags that settle them.
func Resolve(m *Model, specs []InputSpec, dims map[string]int64) ([]ResolvedInput, error) {
	byName, err := specsByName(m, specs)
	if err != nil {
		return nil, err
	}
	if err := checkDims(m, dims); err != nil {
		return nil, err
	}
	var out []ResolvedInput
	var open []string
	for _, in := range m.Inputs {
		spec := byName[in.Name]
		r := ResolvedInput{Name: in.Name, Type: in.Type, Low: spec.Low, High: spec.High, HasRange: spec.HasRange}
		if err := checkType(in, spec); err != nil {
			return nil, err
		}
		var missing string
		if r.Shape, missing, err = resolveShape(in, spec, dims); err != nil {
			return nil, err
		}
		if missing != "" {
			open = append(open, missing)
			continue
		}
		if n, ok := elements(r.Shape); !ok || n > math.MaxInt64/int64(r.Type.Bytes()) {
			return nil, inputErrorf("input %s: shape %s is larger than any memory", show(in.Name), shapeText(r.Shape))
		}
		out = append(out, r)
	}
	if more := len(open) - maxListed; more > 0 {
		open = append(open[:maxListed], fmt.Sprintf("%d more inputs have free dimensions", more))
	}
	if len(open) > 0 {
		return nil, inputErrorf("%s", strings.Join(open, "\n"))
	}
	return out, nil
}

func specsByName(m *Model, specs []InputSpec) (map[string]InputSpec, error) {
	known := make([]string, len(m.Inputs))
	for i, in := range m.Inputs {
		known[i] = in.Name
	}
	byName := map[string]InputSpec{}
	for _, s := range specs {
		if !slices.Contains(known, s.Name) {
			return nil, &UnknownError{What: "input", Name: s.Name, Known: known}
		}
		if _, twice := byName[s.Name]; twice {
			return nil, inputErrorf("input %s is specified twice: leave one --input out", show(s.Name))
		}
		byName[s.Name] = s
	}
	return byName, nil
}

func checkDims(m *Model, dims map[string]int64) error {
	var known []string
	seen := map[string]bool{"": true}
	for _, in := range m.Inputs {
		for _, d := range in.Shape {
			if !seen[d.Name] {
				known = append(known, d.Name)
			}
			seen[d.Name] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(dims)) {
		if name == "" || !seen[name] {
			return &UnknownError{What: "free dimension", Name: name, Known: known}
		}
		if dims[name] < 0 {
			return inputErrorf("dimension %s is %d: give 0 or more", show(name), dims[name])
		}
	}
	return nil
}

// checkType tells whether the input can be filled, and as the specification says.
func checkType(in Value, spec InputSpec) error {
	name := show(in.Name)
	r, ok := in.Type.fill()
	switch {
	case !in.Tensor:
		return inputErrorf("input %s is a sequence, a map or another value that is not a dense tensor: "+
			"only models whose inputs are all tensors can be run", name)
	case !ok:
		return inputErrorf("input %s has elements of type %s: only models whose inputs are of %s can be run",
			name, in.Type, strings.Join(fillable(), ", "))
	case spec.Type != Undefined && spec.Type != in.Type && spec.File != "":
		return inputErrorf("input %s is %s in the model, not %s as in %s: convert the array with x.astype and save it again",
			name, in.Type, spec.Type, spec.File)
	case spec.Type != Undefined && spec.Type != in.Type:
		return inputErrorf("input %s is %s in the model, not %s: leave the type out", name, in.Type, spec.Type)
	case !spec.HasRange:
		return nil
	case spec.Low < r.low || spec.High > r.high:
		return inputErrorf("input %s: the range %s..%s is not within %s..%s, what %s is filled with",
			name, number(spec.Low), number(spec.High), number(r.low), number(r.high), in.Type)
	case r.integer && (spec.Low != math.Trunc(spec.Low) || spec.High != math.Trunc(spec.High)):
		return inputErrorf("input %s is %s: the range %s..%s must have whole numbers", name, in.Type,
			number(spec.Low), number(spec.High))
	}
	return nil
}

// resolveShape joins the shapes of the specification and of the model; missing is the line that tells what the input
// still needs, "" if nothing.
func resolveShape(in Value, spec InputSpec, dims map[string]int64) (shape []int64, missing string, err error) {
	switch {
	case spec.Shape == nil && !in.HasShape:
		spec := InputSpec{Name: in.Name, Shape: []int64{1, 3, 224, 224}, Type: in.Type}
		return nil, fmt.Sprintf("input %s has no shape in the model: add --input %s with the shape it takes, such as %s",
			show(in.Name), show(in.Name), show(spec.String())), nil
	case spec.Shape != nil && in.HasShape && len(spec.Shape) != len(in.Shape):
		return nil, "", inputErrorf("input %s has %d dimensions in the model (%s), not %d (%s)%s", show(in.Name), len(in.Shape),
			in.shapeText(), len(spec.Shape), shapeText(spec.Shape), spec.origin())
	case spec.Shape != nil && !in.HasShape:
		return spec.Shape, "", nil
	}
	shape = make([]int64, len(in.Shape))
	var free []int
	for i, d := range in.Shape {
		value, given := dims[d.Name] // checkDims lets no empty name pass
		switch {
		case d.Value >= 0:
			shape[i] = d.Value
		case given:
			shape[i] = value
		case spec.Shape != nil:
			shape[i] = spec.Shape[i]
		default:
			shape[i] = 1
			free = append(free, i)
		}
		if spec.Shape != nil && shape[i] != spec.Shape[i] {
			from := "the model"
			if d.Value < 0 {
				from = "--dim " + show(d.Name)
			}
			return nil, "", inputErrorf("input %s: dimension %d is %d in %s, not %d (%s)%s", show(in.Name), i, shape[i], from,
				spec.Shape[i], shapeText(spec.Shape), spec.origin())
		}
	}
	if len(free) > 0 {
		return nil, in.missing(free, shape), nil
	}
	return shape, "", nil
}

// origin is how a message names the file that a shape came from.
func (s InputSpec) origin() string {
	if s.File == "" {
		return ""
	}
	return " as in " + s.File
}

// shapeText is the shape of the model with the names of its free dimensions, "?" for those without one.
func (v Value) shapeText() string {
	if len(v.Shape) == 0 {
		return "scalar"
	}
	dims := make([]string, len(v.Shape))
	for i, d := range v.Shape {
		switch {
		case d.Value >= 0:
			dims[i] = fmt.Sprint(d.Value)
		case d.Name != "":
			dims[i] = show(d.Name)
		default:
			dims[i] = "?"
		}
	}
	return strings.Join(dims, "x")
}

// missing tells the free dimensions of an input and the flags that settle them; example is a shape that would do.
func (v Value) missing(free []int, example []int64) string {
	places, flags, named := make([]string, len(free)), []string{}, true
	for k, i := range free {
		name := v.Shape[i].Name
		if name == "" {
			places[k], named = fmt.Sprint(i), false
			continue
		}
		places[k] = fmt.Sprintf("%d (%s)", i, show(name))
		if flag := "--dim " + show(name+"=1"); !slices.Contains(flags, flag) {
			flags = append(flags, flag)
		}
	}
	noun := "a free dimension"
	if len(free) > 1 {
		noun = "free dimensions"
	}
	spec := InputSpec{Name: v.Name, Shape: example, Type: v.Type}
	line := fmt.Sprintf("input %s has %s %s: add --input %s", show(v.Name), noun, strings.Join(places, ", "), show(spec.String()))
	if named {
		line += " or " + strings.Join(flags, " ")
	}
	return line
}
