package onnxfile

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestParseInput(t *testing.T) {
	for text, want := range map[string]InputSpec{
		"name:1x3x224x224:f32":        {Name: "name", Shape: []int64{1, 3, 224, 224}, Type: F32},
		"name:1x3x224x224:f32:-1..1":  {Name: "name", Shape: []int64{1, 3, 224, 224}, Type: F32, Low: -1, High: 1, HasRange: true},
		"ids:1x128:i64:0..30521":      {Name: "ids", Shape: []int64{1, 128}, Type: I64, High: 30521, HasRange: true},
		"x:8":                         {Name: "x", Shape: []int64{8}},
		"x:8:0.5..1e3":                {Name: "x", Shape: []int64{8}, Low: 0.5, High: 1000, HasRange: true},
		"x:i64":                       {Name: "x", Type: I64},
		"ids:0..99":                   {Name: "ids", High: 99, HasRange: true},
		"x:bf16:-1..1":                {Name: "x", Type: BF16, Low: -1, High: 1, HasRange: true},
		"s:scalar":                    {Name: "s", Shape: []int64{}},
		"s:scalar:f32":                {Name: "s", Shape: []int64{}, Type: F32},
		"s::i32":                      {Name: "s", Shape: []int64{}, Type: I32},
		"s::0..1":                     {Name: "s", Shape: []int64{}, High: 1, HasRange: true},
		"past:1x8x0x64:f16":           {Name: "past", Shape: []int64{1, 8, 0, 64}, Type: F16},
		"input:0:1x3:f32":             {Name: "input:0", Shape: []int64{1, 3}, Type: F32},
		"a::b:2:f32:0..1":             {Name: "a::b", Shape: []int64{2}, Type: F32, High: 1, HasRange: true},
		"f32:2:f32":                   {Name: "f32", Shape: []int64{2}, Type: F32},
		"0..1:2":                      {Name: "0..1", Shape: []int64{2}},
		"a=b:2:f32":                   {Name: "a=b", Shape: []int64{2}, Type: F32},
		"x=input.npy":                 {Name: "x", File: "input.npy"},
		"input:0=some/run=1/in:0.npy": {Name: "input:0", File: "some/run=1/in:0.npy"},
		"x:1..1":                      {Name: "x", Low: 1, High: 1, HasRange: true},
	} {
		got, err := ParseInput(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, got, text)
		again, err := ParseInput(got.String())
		require.NoError(t, err, got.String())
		assert.Equal(t, got, again)
	}
}

func TestParseInputErrors(t *testing.T) {
	for text, want := range map[string]string{
		"":                       `input "" says nothing about an input`,
		"x":                      `input "x" says nothing about an input`,
		"x:":                     `"" is no shape, no type`,
		"x:1x3:":                 `"" is no shape, no type`,
		":1x3:f32":               `input ":1x3:f32" says nothing`,
		"x:1x3:f33":              `"f33" is no shape, no type (f32, u8, i8, u16, i16, i32, i64, bool, f16, f64, u32, u64, bf16) and no range`,
		"x:1x3:string":           `"string" is no shape`,
		"x:1x-3:f32":             `"1x-3" is no shape`,
		"x:1xx3:f32":             `"1xx3" is no shape`,
		"x:+1:f32":               `"+1" is no shape`,
		"x:1,3:f32":              `"1,3" is no shape`,
		"x:batchx3:f32":          `"batchx3" is no shape`,
		"x:99999999999999999999": `"99999999999999999999" is no shape`,
		"x:0..1:f32:1x3":         "",
		"x:f32:1x3":              "",
		"x:1:f32:0-1":            `"0-1" is no shape`,
		"x:1:f32:1..0":           `"1..0" is no range`,
		"x:1:f32:0..":            `"0.." is no range`,
		"x:1:f32:a..b":           `"a..b" is no range`,
		"x:1:f32:nan..1":         `"nan..1" is no range`,
		"x:1:f32:-inf..inf":      `"-inf..inf" is no range`,
		"x:1:f32:inf..inf":       `"inf..inf" is no range`,
		"x:1:f64:-1e308..1e308":  `"-1e308..1e308" is no range`,
		"input.npy":              `input "input.npy" has no name`,
		"=input.npy":             `input "=input.npy" has no name`,
		"x=input.bin":            `input "x=input.bin" says nothing`,
	} {
		got, err := ParseInput(text)
		if want == "" {
			// Parts in another order are part of the name, which no model has.
			require.NoError(t, err)
			require.Contains(t, got.Name, ":")
			continue
		}
		require.ErrorIs(t, err, ErrInput, text)
		require.ErrorContains(t, err, want)
		require.ErrorContains(t, err, "write name:shape:type:low..high, such as x:1x3x224x224:f32", text)
	}
}

func TestInputSpecRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := InputSpec{Name: rapid.StringMatching(`[a-z0-9/._=]{1,9}(:[0-9x]{1,3})?`).Draw(t, "name"),
			Shape: rapid.SliceOfN(rapid.Int64Min(0), 0, 5).Draw(t, "shape")}
		s.Type, _ = parseType(rapid.SampledFrom(append(fillable(), "")).Draw(t, "type"))
		if s.HasRange = rapid.Bool().Draw(t, "range"); s.HasRange {
			s.Low = rapid.Float64Range(-1e300, 1e300).Draw(t, "low")
			s.High = rapid.Float64Range(s.Low, 1e300).Draw(t, "high")
		}
		got, err := ParseInput(s.String())
		require.NoError(t, err, s.String())
		require.Equal(t, s, got)
	})
}

func FuzzParseInput(f *testing.F) {
	for _, text := range []string{"x:1x3x224x224:f32:-1..1", "s:scalar:f32", "s::f32", "a:b:2", "x=a.npy", "x:0..1", ":", "=.npy", "a:1...5"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseInput(text)
		if err != nil {
			require.ErrorIs(t, err, ErrInput)
			return
		}
		require.NotEmpty(t, s.Name)
		again, err := ParseInput(s.String())
		require.NoError(t, err, "%q of %q", s.String(), text)
		require.Equal(t, s, again)
	})
}
