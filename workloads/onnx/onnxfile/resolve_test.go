package onnxfile

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func tensorValue(name string, typ TensorType, dims ...Dim) Value {
	return Value{Name: name, Type: typ, Shape: dims, Tensor: true, HasShape: true}
}

// bert has two inputs with the same free dimensions, one that is fixed, and one without a shape.
func bert() *Model {
	batch, seq := Dim{-1, "batch"}, Dim{-1, "seq"}
	return &Model{Inputs: []Value{
		tensorValue("ids", I64, batch, seq),
		tensorValue("mask:0", F32, batch, Dim{1, ""}, seq, seq),
		tensorValue("scale", F16),
		tensorValue("on", Bool, Dim{2, ""}),
	}}
}

func specs(t *testing.T, texts ...string) []InputSpec {
	t.Helper()
	var out []InputSpec
	for _, text := range texts {
		s, err := ParseInput(text)
		require.NoError(t, err)
		out = append(out, s)
	}
	return out
}

func TestResolve(t *testing.T) {
	want := []ResolvedInput{
		{Name: "ids", Type: I64, Shape: []int64{2, 128}, Low: 0, High: 30521, HasRange: true},
		{Name: "mask:0", Type: F32, Shape: []int64{2, 1, 128, 128}},
		{Name: "scale", Type: F16, Shape: []int64{}},
		{Name: "on", Type: Bool, Shape: []int64{2}},
	}
	for name, c := range map[string]struct {
		inputs []string
		dims   map[string]int64
	}{
		"shapes":          {[]string{"ids:2x128:i64:0..30521", "mask:0:2x1x128x128:f32"}, nil},
		"dims":            {[]string{"ids:0..30521"}, map[string]int64{"batch": 2, "seq": 128}},
		"both":            {[]string{"ids:2x128:0..30521"}, map[string]int64{"batch": 2, "seq": 128}},
		"some of both":    {[]string{"ids:2x128:0..30521", "mask:0:2x1x128x128"}, map[string]int64{"batch": 2}},
		"all that is set": {[]string{"ids:2x128:i64:0..30521", "mask:0:2x1x128x128:f32", "scale:scalar:f16", "on:2:bool"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Resolve(bert(), specs(t, c.inputs...), c.dims)
			require.NoError(t, err)
			assert.Equal(t, want, got)
		})
	}
	open := &Model{Inputs: []Value{{Name: "x", Type: F32, Tensor: true}}}
	got, err := Resolve(open, specs(t, "x:2x0"), nil)
	require.NoError(t, err)
	assert.Equal(t, []ResolvedInput{{Name: "x", Type: F32, Shape: []int64{2, 0}}}, got)

	file := InputSpec{Name: "x", File: "x.npy", Shape: []int64{7}, Type: F32}
	got, err = Resolve(open, []InputSpec{file}, nil)
	require.NoError(t, err)
	assert.Equal(t, []ResolvedInput{{Name: "x", Type: F32, Shape: []int64{7}}}, got)

	got, err = Resolve(&Model{}, nil, nil)
	require.NoError(t, err)
	assert.Empty(t, got)
}

func TestFreeDimensions(t *testing.T) {
	_, err := Resolve(bert(), nil, nil)
	require.ErrorIs(t, err, ErrInput)
	assert.Equal(t, `input ids has free dimensions 0 (batch), 1 (seq): add --input ids:1x1:i64 or --dim batch=1 --dim seq=1
input mask:0 has free dimensions 0 (batch), 2 (seq), 3 (seq): add --input mask:0:1x1x1x1:f32 or --dim batch=1 --dim seq=1`, err.Error())
	_, err = Resolve(bert(), specs(t, "ids:2x128"), map[string]int64{"seq": 128})
	assert.EqualError(t, err, "input mask:0 has a free dimension 0 (batch): add --input mask:0:1x1x128x128:f32 or --dim batch=1")

	image := &Model{Inputs: []Value{tensorValue("x", F32, Dim{-1, "batch"}, Dim{3, ""}, Dim{224, ""}, Dim{224, ""})}}
	_, err = Resolve(image, nil, nil)
	assert.EqualError(t, err, "input x has a free dimension 0 (batch): add --input x:1x3x224x224:f32 or --dim batch=1")

	for name, c := range map[string]struct {
		input Value
		want  string
	}{
		"no name": {tensorValue("x", U8, Dim{-1, "n"}, Dim{-1, ""}), "input x has free dimensions 0 (n), 1: add --input x:1x1:u8"},
		"no shape": {Value{Name: "x", Type: F32, Tensor: true},
			"input x has no shape in the model: add --input x with the shape it takes, such as x:1x3x224x224:f32"},
		"odd names": {tensorValue("my \x1b[31minput", F32, Dim{-1, "n + 1"}),
			`input "my \x1b[31minput" has a free dimension 0 ("n + 1"): add --input "my \x1b[31minput:1:f32" or --dim "n + 1=1"`},
	} {
		_, err := Resolve(&Model{Inputs: []Value{c.input}}, nil, nil)
		assert.EqualError(t, err, c.want, name)
	}
	// Every flag in the message is one that settles it.
	_, err = Resolve(bert(), nil, nil)
	var inputs []InputSpec
	words := strings.Fields(err.Error())
	for i, word := range words[1:] {
		if words[i] == "--input" {
			inputs = append(inputs, specs(t, word)...)
		}
	}
	require.Len(t, inputs, 2)
	_, err = Resolve(bert(), inputs, nil)
	require.NoError(t, err)
}

func TestResolveErrors(t *testing.T) {
	all := map[string]int64{"batch": 2, "seq": 128}
	for name, c := range map[string]struct {
		inputs []string
		dims   map[string]int64
		want   string
	}{
		"twice":             {[]string{"ids:2x1", "ids:2x1"}, all, "input ids is specified twice"},
		"rank":              {[]string{"ids:2x128x1"}, nil, "input ids has 2 dimensions in the model (batchxseq), not 3 (2x128x1)"},
		"rank of a scalar":  {[]string{"scale:1"}, all, "input scale has 0 dimensions in the model (scalar), not 1 (1)"},
		"scalar for more":   {[]string{"ids:scalar"}, nil, "input ids has 2 dimensions in the model (batchxseq), not 0 (scalar)"},
		"fixed":             {[]string{"mask:0:2x3x4x4"}, nil, "input mask:0: dimension 1 is 1 in the model, not 3 (2x3x4x4)"},
		"dim against shape": {[]string{"ids:4x128"}, all, "input ids: dimension 0 is 2 in --dim batch, not 4 (4x128)"},
		"type":              {[]string{"ids:2x128:i32"}, nil, "input ids is i64 in the model, not i32: leave the type out"},
		"range of u8":       {[]string{"on:2:0..2"}, all, "input on: the range 0..2 is not within 0..1, what bool is filled with"},
		"range of f16":      {[]string{"scale:0..1e5"}, all, "the range 0..100000 is not within -65504..65504, what f16 is filled with"},
		"range of i64":      {[]string{"ids:-1e16..0"}, all, "input ids: the range -1e+16..0 is not within"},
		"fraction":          {[]string{"ids:0..0.5"}, all, "input ids is i64: the range 0..0.5 must have whole numbers"},
		"negative dim":      {nil, map[string]int64{"batch": -1}, "dimension batch is -1: give 0 or more"},
		"overflow":          {nil, map[string]int64{"batch": 1 << 40, "seq": 1 << 40}, "input ids: shape 1099511627776x1099511627776 is larger than any memory"},
		"bytes overflow":    {nil, map[string]int64{"batch": 1, "seq": 1 << 61}, "input ids: shape 1x2305843009213693952 is larger than any memory"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Resolve(bert(), specs(t, c.inputs...), c.dims)
			require.ErrorIs(t, err, ErrInput)
			require.ErrorContains(t, err, c.want)
		})
	}
	for want, in := range map[string]Value{
		"input x is a sequence, a map or another value":             {Name: "x"},
		"input x has elements of type string: only models whose":    tensorValue("x", String),
		"input x has elements of type undefined":                    tensorValue("x", Undefined),
		"input x has elements of type c64":                          tensorValue("x", C64),
		"input x has elements of type i4":                           tensorValue("x", I4),
		"input x has elements of type number 99: only models whose": tensorValue("x", 99),
		"inputs are of f32, u8, i8, u16, i16, i32, i64, bool, f16,": tensorValue("x", F8E5M2),
	} {
		_, err := Resolve(&Model{Inputs: []Value{in}}, nil, nil)
		require.ErrorIs(t, err, ErrInput)
		require.ErrorContains(t, err, want)
	}
	file := InputSpec{Name: "ids", File: "ids.npy", Shape: []int64{2, 128}, Type: F32}
	_, err := Resolve(bert(), []InputSpec{file}, nil)
	require.ErrorContains(t, err, "input ids is i64 in the model, not f32 as in ids.npy: convert the array")
	file.Type, file.Shape = I64, []int64{2}
	_, err = Resolve(bert(), []InputSpec{file}, nil)
	require.ErrorContains(t, err, "not 1 (2) as in ids.npy")
}

func TestUnknownNames(t *testing.T) {
	_, err := Resolve(bert(), specs(t, "idz:1x1"), nil)
	var unknown *UnknownError
	require.True(t, errors.As(err, &unknown))
	require.ErrorIs(t, err, ErrInput)
	assert.Equal(t, &UnknownError{What: "input", Name: "idz", Known: []string{"ids", "mask:0", "scale", "on"}}, unknown)
	assert.EqualError(t, err, "no input is named idz: the model has ids, mask:0, scale, on")

	_, err = Resolve(bert(), nil, map[string]int64{"sek": 1})
	require.True(t, errors.As(err, &unknown))
	assert.Equal(t, &UnknownError{What: "free dimension", Name: "sek", Known: []string{"batch", "seq"}}, unknown)

	_, err = Resolve(&Model{}, specs(t, "x:1"), nil)
	assert.EqualError(t, err, "no input is named x: the model has no input")
	_, err = Resolve(&Model{Inputs: []Value{tensorValue("x", F32, Dim{-1, ""})}}, nil, map[string]int64{"": 1})
	assert.EqualError(t, err, `no free dimension is named "": the model has no free dimension`)

	long := &UnknownError{What: "input", Name: strings.Repeat("n", 1000), Known: make([]string, 1000)}
	assert.Less(t, len(long.Error()), 500)
	assert.ErrorContains(t, long, "960 more")
}

func TestFillRanges(t *testing.T) {
	for typ, want := range map[TensorType]valueRange{
		I8: {-128, 127, true}, U8: {0, 255, true}, I16: {-32768, 32767, true}, U16: {0, 65535, true},
		I32: {math.MinInt32, math.MaxInt32, true}, U32: {0, math.MaxUint32, true}, Bool: {0, 1, true},
		BF16: {-float64(math.Float32frombits(0x7f7f0000)), float64(math.Float32frombits(0x7f7f0000)), false},
	} {
		got, ok := typ.fill()
		require.True(t, ok)
		assert.Equal(t, want, got, typ)
	}
}
