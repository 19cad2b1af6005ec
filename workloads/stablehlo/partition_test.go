package stablehlo

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/workloads"
	"github.com/accelbench/accelbench/workloads/stablehlo/mlir"
)

// partition goes through a program as a partitioner does: it carries the axes along which arguments are split forward through the
// operations, and counts what devices must tell each other. An operation that would have to move parts around is an error: the
// split does not fit the program.
type partition struct {
	parts int
	axes  map[*mlir.Value]int // of what is split
	// reduced are sums over all devices, gathered are results that every device needs whole.
	reduced, gathered int
}

var errMoves = errors.New("parts would have to move")

// partitioned is what a program costs.
func partitioned(t testing.TB, p *Program) partition {
	t.Helper()
	m := requireProgram(t, p)
	main := m.Func("main")
	s := partition{parts: p.Parts, axes: map[*mlir.Value]int{}}
	for i, a := range p.Args {
		s.set(main.Body.Args[i], a.Shard)
	}
	for _, op := range main.Body.Ops {
		if op == main.Body.Return() {
			break
		}
		axis, err := s.op(op)
		require.NoError(t, err, "%s, line %d: %s", p.Name, op.Line, op.Name)
		for _, r := range op.Results {
			s.set(r, axis)
		}
	}
	for i, v := range main.Body.Return().Operands {
		switch have := s.of(v); {
		case have == p.Results[i].Shard:
		case p.Results[i].Shard == whole:
			s.gathered++
		default:
			require.Equal(t, whole, have, "result %d", i) // of what is whole each device takes its part
		}
	}
	return s
}

func (s *partition) of(v *mlir.Value) int {
	if axis, ok := s.axes[v]; ok {
		return axis
	}
	return whole
}

func (s *partition) set(v *mlir.Value, axis int) {
	if axis != whole {
		s.axes[v] = axis
	}
}

// op is the axis along which what an operation makes is split.
func (s *partition) op(op *mlir.Op) (int, error) {
	if !slices.ContainsFunc(op.Operands, func(v *mlir.Value) bool { return s.of(v) != whole }) {
		return whole, nil
	}
	f, x, shape := op.Fields(), s.of(op.Operands[0]), op.Results[0].Type.Shape
	untouched := func(axis int) (int, error) {
		if axis != whole && shape[axis] != op.Operands[0].Type.Shape[axis] {
			return whole, errMoves
		}
		return axis, nil
	}
	switch _, name, _ := strings.Cut(op.Name, "."); name {
	case "convert", "exponential", "rsqrt", "logistic", "erf", "abs":
		return x, nil
	case "add", "subtract", "multiply", "divide", "maximum", "minimum", "and", "compare", "select":
		return s.alike(op.Operands)
	case "broadcast_in_dim":
		return f.Ints("broadcast_dimensions")[x], nil
	case "reshape":
		return s.reshape(op.Operands[0].Type.Shape, shape, x)
	case "transpose":
		return slices.Index(f.Ints("permutation"), x), nil
	case "slice", "dynamic_slice":
		return untouched(x)
	case "concatenate":
		if f.NeedInt("dimension") == x {
			return whole, errMoves
		}
		return s.alike(op.Operands)
	case "dynamic_update_slice":
		if part := s.of(op.Operands[1]); part != x || op.Operands[1].Type.Shape[x] != shape[x] {
			return whole, errMoves
		}
		return x, nil
	case "reduce":
		over := f.Ints("dimensions")
		if slices.Contains(over, x) {
			s.reduced++
			return whole, nil
		}
		before := len(slices.DeleteFunc(slices.Clone(over), func(a int) bool { return a > x }))
		return x - before, nil
	case "gather":
		if x == 0 { // rows that a device does not have are zeros, and are added up
			s.reduced++
			return whole, nil
		}
		return f.Struct("dimension_numbers").Ints("offset_dims")[x-1], nil
	case "dot_general":
		return s.dot(op)
	}
	return whole, fmt.Errorf("no rule for %s", op.Name)
}

// alike: what is split is so along one axis; of what is whole each device takes its part.
func (s *partition) alike(in []*mlir.Value) (int, error) {
	axis := whole
	for _, v := range in {
		switch a := s.of(v); {
		case a == whole:
		case axis == whole:
			axis = a
		case axis != a:
			return whole, errMoves
		}
	}
	return axis, nil
}

// reshape keeps parts where they are if as many elements lie before the axis.
func (s *partition) reshape(from, to []int, axis int) (int, error) {
	before := workloads.Elements(from[:axis])
	for i, d := range to {
		if workloads.Elements(to[:i]) == before && d > 1 {
			if d%s.parts != 0 {
				return whole, errMoves
			}
			return i, nil
		}
	}
	return whole, errMoves
}

func (s *partition) dot(op *mlir.Op) (int, error) {
	d := op.Fields().Struct("dot_dimension_numbers")
	sides := [2]string{"lhs", "rhs"}
	var at [2]int // where the split of a factor leads: an axis of the result, or the sum
	const over = -2
	free := 0
	for i, side := range sides {
		axis := s.of(op.Operands[i])
		batch, sum := d.Ints(side+"_batching_dimensions"), d.Ints(side+"_contracting_dimensions")
		rank := len(op.Operands[i].Type.Shape)
		switch {
		case axis == whole:
			at[i] = whole
		case slices.Contains(sum, axis):
			at[i] = over - slices.Index(sum, axis) // the same sum on both sides
		case slices.Contains(batch, axis):
			at[i] = slices.Index(batch, axis)
		default:
			var others []int
			for a := range rank {
				if !slices.Contains(batch, a) && !slices.Contains(sum, a) {
					others = append(others, a)
				}
			}
			at[i] = len(batch) + free + slices.Index(others, axis)
		}
		free += rank - len(batch) - len(sum)
	}
	switch {
	case at[0] != whole && at[1] != whole && at[0] != at[1]:
		return whole, errMoves
	case min(at[0], at[1]) <= over:
		s.reduced++
		return whole, nil
	}
	return max(at[0], at[1]), nil
}

// TestPartition: a layer costs two sums over the devices, one after attention and one after its feed-forward, a table of embeddings that
// is split one more, and the logits one gathering. In fp8 the scale of the activations of each product by rows costs one besides, but for a
// single row, which needs none.
func TestPartition(t *testing.T) {
	for _, tt := range []struct {
		name      string
		precision string
		batch     int
		parts     int
		reduced   int // in each phase
		gathered  int
	}{
		{"bert-base", workloads.Full, 1, 2, 24, 0},
		{"bert-base", workloads.Int8, 1, 3, 24, 0},
		{"bert-base", workloads.Float8, 2, 4, 48, 0},
		{"smollm2-135m", workloads.Full, 1, 3, 61, 1},
		{"smollm2-135m", workloads.Int8, 1, 3, 60, 1}, // the logits have a matrix of their own
		{"smollm2-135m", workloads.Int4, 1, 3, 60, 1},
		{"llama3.2-1b", workloads.Half, 1, 2, 33, 1},
		{"llama3.1-8b", workloads.BFloat16, 1, 8, 64, 1},
		{"llama3.1-8b", workloads.Float8, 2, 4, 128, 1},
		{"mixtral-8x7b", workloads.BFloat16, 1, 8, 64, 1},
		{"mixtral-8x7b", workloads.Int4, 2, 2, 64, 1},
		{"gpt-oss-20b", workloads.BFloat16, 1, 4, 48, 1},
		{"gpt-oss-20b", workloads.Int8, 1, 2, 48, 1},
	} {
		t.Run(fmt.Sprint(tt.name, "/", tt.precision, "/", tt.parts), func(t *testing.T) {
			w := find(t, tt.name, workloads.Options{Precision: tt.precision, Batch: tt.batch})
			for i := range w.Phases {
				p, err := Write(w, i, Options{tt.parts})
				require.NoError(t, err)
				cost := partitioned(t, p)
				require.Equal(t, tt.reduced, cost.reduced, p.Name)
				require.Equal(t, tt.gathered, cost.gathered, p.Name)
			}
		})
	}
}
