package bench

import (
	"context"
	"encoding/binary"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/internal/half"
	"github.com/accelbench/accelbench/workloads"
)

// scripted is a session of a model file: run makes the outputs of call n, from 0.
type scripted struct {
	run func(n int, in []workloads.Tensor) []workloads.Tensor
	n   int
}

func (s *scripted) Run(_ context.Context, _ int, in, out []workloads.Tensor) error {
	copy(out, s.run(s.n, in))
	s.n++
	return nil
}

func (s *scripted) Close() error { return nil }

// fileWorkload is a model file of one input x, if it has a pool, and the outputs y and z.
func fileWorkload(pool int, inputs ...*workloads.Value) *workloads.Workload {
	y := &workloads.Value{Name: "y", Kind: workloads.Computed, DType: workloads.F32, Shape: []int{0}}
	z := &workloads.Value{Name: "z", Kind: workloads.Computed, DType: workloads.I64, Shape: []int{0}}
	return &workloads.Workload{Name: "m", Unit: "inference", UnitsPerSample: 1, Seed: 1, Pool: pool, Data: "inputs: x f32 [4]",
		Options: workloads.Options{Batch: 1}, File: &workloads.ModelFile{Path: "m.onnx"},
		Phases: []workloads.Phase{{Name: "forward", Graph: &workloads.Graph{Batch: 1, Values: append(inputs, y, z),
			Outputs: []*workloads.Value{y, z}}}}}
}

func inputX() *workloads.Value {
	return &workloads.Value{Name: "x", Kind: workloads.Input, DType: workloads.F32, Shape: []int{4},
		Fill: &workloads.InputSpec{Kind: workloads.FillRange, Low: -1, High: 1}}
}

func floatsOf(values ...float32) workloads.Tensor {
	return workloads.Tensor{DType: workloads.F32, Shape: []int{len(values)}, F32: values}
}

func integersOf(values ...int64) workloads.Tensor {
	t := workloads.NewTensor(workloads.I64, []int{len(values)})
	for i, v := range values {
		binary.NativeEndian.PutUint64(t.Raw[8*i:], uint64(v))
	}
	return t
}

// copies is a right model: y is x, and z a constant.
func copies(_ int, in []workloads.Tensor) []workloads.Tensor {
	return []workloads.Tensor{floatsOf(slices.Clone(in[0].F32)...), integersOf(1, 2, 3)}
}

// TestRepeatChecker goes through the checks of a run: two calls of each of 3 samples before, the timed part of 5 calls (sample
// 1 the last), and one call after: calls 0 to 5, 6 to 10, 11.
func TestRepeatChecker(t *testing.T) {
	with := func(i int, t workloads.Tensor) func(out []workloads.Tensor) {
		return func(out []workloads.Tensor) { out[i] = t }
	}
	shift := func(by float32) func(out []workloads.Tensor) {
		return func(out []workloads.Tensor) { out[0].F32[2] += by }
	}
	nan, inf := float32(math.NaN()), float32(math.Inf(-1))
	for name, test := range map[string]struct {
		at     int // the call that is changed
		change func(out []workloads.Tensor)
		err    string // the end of it; empty if it passes
	}{
		"right":                     {-1, nil, ""},
		"noise":                     {1, shift(1e-7), ""},
		"noise within":              {10, shift(-1e-6), ""},
		"drawn at random":           {3, shift(0.1), "before the timed part: output 0 is not repeatable, the same input gave another result: it is off by "},
		"random within":             {10, shift(0.1), "within the timed part: output 0 is not repeatable"},
		"random after":              {11, shift(0.1), "after the timed part: output 0 is not repeatable"},
		"in a call that none sees":  {7, shift(0.1), ""},
		"NaN":                       {0, with(0, floatsOf(1, 2, nan, nan)), "before the timed part: element 2 of output 0 is NaN or infinite with inputs: x f32 [4]: give ranges that suit the model, --input name:shape:type:low..high, or real data"},
		"infinite, and only later":  {11, with(0, floatsOf(inf, 2, 3, 4)), "after the timed part: element 0 of output 0 is NaN or infinite"},
		"another integer":           {1, with(1, integersOf(1, 2, 4)), "before the timed part: output 1 is not repeatable, the same input gave another result: its elements of i64 differ"},
		"another length":            {1, with(1, integersOf(1, 2, 3, 3)), "output 1 is not repeatable, the same input gave another result: it is i64 [4] after i64 [3]"},
		"another type":              {10, with(0, integersOf(1, 2, 3, 4)), "within the timed part: output 0 is not repeatable, the same input gave another result: it is i64 [4] after f32 [4]"},
		"another shape of one size": {11, func(out []workloads.Tensor) { out[0].Shape = []int{2, 2} }, "it is f32 [2 2] after f32 [4]"},
	} {
		t.Run(name, func(t *testing.T) {
			session := &scripted{run: func(n int, in []workloads.Tensor) []workloads.Tensor {
				out := copies(n, in)
				if n == test.at {
					test.change(out)
				}
				return out
			}}
			checks, err := checked(t, fileWorkload(3, inputX()), session)
			require.Equal(t, Repeatable, checks.Kind)
			require.Equal(t, repeatTolerance, checks.Tolerance)
			require.Equal(t, test.err == "", checks.Passed)
			require.LessOrEqual(t, checks.Error, 1e3)
			if test.err != "" {
				require.ErrorIs(t, err, errWrong)
				require.ErrorContains(t, err, test.err)
				return
			}
			require.NoError(t, err)
			require.Equal(t, int64((3+2)*(4+3)), checks.Elements, "second runs, within and after")
			require.Less(t, checks.Error, 1e-5)
			require.Equal(t, 12, session.n)
		})
	}
}

// checked goes through the checks as a run does.
func checked(t *testing.T, w *workloads.Workload, session devices.Session) (*Checks, error) {
	t.Helper()
	sys := devices.NewSystem(session, w, 0)
	c := newRepeatChecker(w, sys)
	first, err := c.before(t.Context(), time.Hour)
	if err != nil {
		return c.result(), err
	}
	require.Positive(t, first)
	sys.Forget()
	require.NoError(t, c.within(), "nothing has run")
	for _, index := range []int{2, 0, 0, 2, 1} {
		require.NoError(t, sys.Issue(t.Context(), []devices.Sample{{Index: index}}, ignore{}))
	}
	if err := c.within(); err != nil {
		return c.result(), err
	}
	return c.result(), c.after(t.Context())
}

func TestRepeatCheckerWithoutInputs(t *testing.T) {
	checks, err := checked(t, fileWorkload(1), &scripted{run: func(int, []workloads.Tensor) []workloads.Tensor {
		return []workloads.Tensor{floatsOf(5), integersOf()}
	}})
	require.NoError(t, err)
	require.True(t, checks.Passed)
	require.Equal(t, int64(3), checks.Elements)
}

func TestRepeatCheckerOfNothing(t *testing.T) {
	checks, err := checked(t, fileWorkload(2, inputX()), &scripted{run: func(int, []workloads.Tensor) []workloads.Tensor { return nil }})
	require.ErrorIs(t, err, errWrong)
	require.ErrorContains(t, err, "all outputs are empty")
	require.False(t, checks.Passed)
}

// TestRepeatCheckerSpoilsOutputs says that what an earlier call left does not pass for the work of a later one.
func TestRepeatCheckerSpoilsOutputs(t *testing.T) {
	for _, at := range []int{1, 11} {
		checks, err := checked(t, fileWorkload(3, inputX()), &scripted{run: func(n int, in []workloads.Tensor) []workloads.Tensor {
			if n == at {
				return nil
			}
			out := copies(n, in)
			out[0] = floatsOf(1, 2, 3)
			return out
		}})
		require.ErrorIs(t, err, errWrong)
		require.False(t, checks.Passed)
	}
}

// TestRepeatCheckerTakesItsTime says that a large pool is looked at as far as time allows, and the first sample in any case.
func TestRepeatCheckerTakesItsTime(t *testing.T) {
	w := fileWorkload(1000, inputX())
	session := &scripted{run: copies}
	sys := devices.NewSystem(session, w, 0)
	c := newRepeatChecker(w, sys)
	_, err := c.before(t.Context(), 0)
	require.NoError(t, err)
	require.Equal(t, 2, session.n)
	require.Equal(t, int64(7), c.result().Elements)
	require.NoError(t, sys.Issue(t.Context(), []devices.Sample{{Index: 999}}, ignore{}))
	require.NoError(t, c.within(), "a sample that is seen for the first time")
	require.NoError(t, c.after(t.Context()))
	require.Equal(t, int64(14), c.result().Elements)
	require.True(t, c.result().Passed)
}

func TestRepeatCheckerPassesErrorsOn(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w := fileWorkload(1, inputX())
	_, err := newRepeatChecker(w, devices.NewSystem(&scripted{run: copies}, w, 0)).before(ctx, time.Hour)
	require.ErrorIs(t, err, context.Canceled)
	require.NotErrorIs(t, err, errWrong)
}

// reals is a tensor of a type with the values that it can hold.
func reals(typ workloads.DType, values ...float64) workloads.Tensor {
	t := workloads.NewTensor(typ, []int{len(values)})
	for i, v := range values {
		switch typ {
		case workloads.F32:
			t.F32[i] = float32(v)
		case workloads.F64:
			binary.NativeEndian.PutUint64(t.Raw[8*i:], math.Float64bits(v))
		case workloads.F16:
			binary.NativeEndian.PutUint16(t.Raw[2*i:], half.Float16(float32(v)))
		case workloads.BF16:
			binary.NativeEndian.PutUint16(t.Raw[2*i:], half.BFloat16(float32(v)))
		}
	}
	return t
}

func TestDifference(t *testing.T) {
	negativeZero := math.Copysign(0, -1)
	for _, typ := range []workloads.DType{workloads.F32, workloads.F64, workloads.F16, workloads.BF16} {
		for _, test := range []struct {
			a, b []float64
			want float64
		}{
			{[]float64{1, 2}, []float64{1, 2}, 0},
			{[]float64{0, 0}, []float64{negativeZero, 0}, 0},
			{[]float64{4, -4}, []float64{4, -3}, 1.0 / 8},
			{[]float64{4, 0}, []float64{4, 1}, 1 / math.Sqrt(17.0/2)},
			{[]float64{0, 0}, []float64{0, 2}, math.Sqrt2},
			{[]float64{}, []float64{}, 0},
		} {
			got, err := difference(reals(typ, test.a...), reals(typ, test.b...))
			require.NoError(t, err)
			require.InDelta(t, test.want, got, 1e-12, "%s %v %v", typ, test.a, test.b)
		}
		for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
			at, is := notFinite(reals(typ, 1, bad, bad))
			require.True(t, is)
			require.Equal(t, 1, at)
		}
		_, is := notFinite(reals(typ, 1, -2, 0))
		require.False(t, is)
	}
	got, err := difference(reals(workloads.F64, 1e300, -1e308), reals(workloads.F64, 1e300, 1e308))
	require.NoError(t, err)
	require.Greater(t, got, 0.5, "large numbers do not hide a difference")
	_, is := notFinite(integersOf(-1))
	require.False(t, is)
}

// TestDifferenceIsRelative says that the unit of a model's outputs does not matter.
func TestDifferenceIsRelative(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.Float64Range(-1, 1)
		a := rapid.SliceOfN(number, 1, 9).Draw(t, "a")
		b := rapid.SliceOfN(number, len(a), len(a)).Draw(t, "b")
		scale := math.Ldexp(1, rapid.IntRange(-900, 900).Draw(t, "scale"))
		x, err := difference(reals(workloads.F64, a...), reals(workloads.F64, b...))
		require.NoError(t, err)
		require.False(t, math.IsNaN(x) || math.IsInf(x, 0))
		for i := range a {
			if math.Abs(a[i]) < 1e-30 || math.Abs(b[i]) < 1e-30 {
				return // too small to be scaled exactly
			}
			a[i], b[i] = a[i]*scale, b[i]*scale
		}
		y, err := difference(reals(workloads.F64, a...), reals(workloads.F64, b...))
		require.NoError(t, err)
		require.InDelta(t, x, y, 1e-9*(1+x))
	})
}
