package onnx

import (
	"encoding/binary"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accelbench/accelbench/workloads"
)

// small has weights outside: a convolution's, permuted, and a product's.
func small(t *testing.T, precision string) *Model {
	t.Helper()
	g := newGraph("small")
	x := g.node(workloads.OpConv2D, workloads.Attr{Kernel: 3, Stride: 1, Pad: 1}, g.value("image", workloads.Input, 1, 5, 5, 4),
		g.value("w", workloads.Param, 3, 3, 4, 16), g.value("b", workloads.Param, 16))
	x = g.node(workloads.OpGlobalAvgPool, workloads.Attr{}, x)
	g.node(workloads.OpLinear, workloads.Attr{}, x, g.value("v", workloads.Param, 16, 70))
	w := phases(g)
	w.Options.Precision = precision
	models, err := Write(w, Options{})
	require.NoError(t, err)
	require.Len(t, models[0].Weights, 2)
	return models[0]
}

// contents are the weights of the model by name, all filled at once.
func contents(t *testing.T, m *Model) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	var wg sync.WaitGroup
	for _, w := range m.Weights {
		content := make([]byte, w.Bytes)
		out[w.Name] = content
		wg.Go(func() { assert.NoError(t, w.Fill(content)) })
	}
	wg.Wait()
	return out
}

func TestSaveInside(t *testing.T) {
	m := small(t, workloads.Full)
	path := filepath.Join(t.TempDir(), "model.onnx")
	require.NoError(t, os.WriteFile(path, []byte("an older one"), 0o644))
	require.NoError(t, m.Save(t.Context(), path))
	saved, err := os.ReadFile(path)
	require.NoError(t, err)
	got, want := readModel(t, saved), readModel(t, proto(m))
	assert.Equal(t, want.nodes, got.nodes)
	assert.Equal(t, want.inputs, got.inputs)
	assert.Equal(t, want.opsets, got.opsets)
	require.Len(t, got.tensors, len(want.tensors))
	for name, content := range contents(t, m) {
		assert.Equal(t, content, got.tensors[name].raw, name)
		assert.Empty(t, got.tensors[name].external)
	}
	requireFiles(t, filepath.Dir(path), "model.onnx")
}

func TestSaveBeside(t *testing.T) {
	m := small(t, workloads.Full)
	path := filepath.Join(t.TempDir(), "model.onnx")
	require.NoError(t, m.save(t.Context(), path, 1000))
	proto, err := os.ReadFile(path)
	require.NoError(t, err)
	got := readModel(t, proto)
	for name, content := range contents(t, m) {
		at := got.tensors[name].external
		data, err := os.ReadFile(filepath.Join(filepath.Dir(path), at["location"]))
		require.NoError(t, err)
		offset, err := strconv.Atoi(at["offset"])
		require.NoError(t, err)
		assert.Zero(t, offset%dataAlignment)
		length, err := strconv.Atoi(at["length"])
		require.NoError(t, err)
		assert.Equal(t, content, data[offset:offset+length], name)
	}
	requireFiles(t, filepath.Dir(path), "model.onnx", "model.onnx.data")
}

func TestSaveFails(t *testing.T) {
	m := small(t, workloads.Full)
	require.ErrorIs(t, m.Save(t.Context(), filepath.Join(t.TempDir(), "nowhere", "model.onnx")), os.ErrNotExist)

	unreadable := errors.New("unreadable")
	m.Weights[1].Fill = func([]byte) error { return unreadable }
	for _, inline := range []int64{maxInline, 0} {
		dir := t.TempDir()
		err := m.save(t.Context(), filepath.Join(dir, "model.onnx"), inline)
		require.ErrorIs(t, err, unreadable)
		requireFiles(t, dir)
	}
}

func requireFiles(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	require.Equal(t, want, got)
}

// TestFill compares the permuted weights with the parameter, element by element.
func TestFill(t *testing.T) {
	g := newGraph("values")
	v := g.value("w", workloads.Param, 3, 3, 4, 16)
	params := make([]float32, workloads.Elements(v.Shape))
	require.NoError(t, v.Generate(0, params))
	for _, precision := range []string{workloads.Full, workloads.Half} {
		m := small(t, precision)
		w := m.Weights[0]
		require.Equal(t, []int64{16, 4, 3, 3}, w.Shape)
		raw := contents(t, m)[w.Name]
		for o := range 16 {
			for c := range 4 {
				for k := range 9 {
					at, want := (o*4+c)*9+k, params[(k*4+c)*16+o]
					if precision == workloads.Half {
						require.Equal(t, workloads.Float16(want), binary.LittleEndian.Uint16(raw[2*at:]))
						continue
					}
					require.Equal(t, math.Float32bits(want), binary.LittleEndian.Uint32(raw[4*at:]))
				}
			}
		}
		err := w.Fill(raw[1:])
		assert.ErrorContains(t, err, "bytes of room")
	}
}

// TestPermutations compares permuted parameters of any shape with the parameter, in Transpose's own words: axis i of the result
// is axis perm[i] of the parameter.
func TestPermutations(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shape := rapid.SliceOfN(rapid.IntRange(1, 7), 1, 5).Draw(t, "shape")
		axes := make([]int, len(shape))
		for i := range axes {
			axes[i] = i
		}
		perm := rapid.Permutation(axes).Draw(t, "perm")
		v := newGraph("any").value("w", workloads.Param, shape...)
		params := make([]float32, workloads.Elements(shape))
		require.NoError(t, v.Generate(0, params))
		raw := make([]byte, 4*len(params))
		require.NoError(t, (&emitter{float: Float}).fillPermuted(v, perm)(raw))
		for i := range params {
			from, rest := 0, i
			for axis := len(perm) - 1; axis >= 0; axis-- {
				d := shape[perm[axis]]
				from += rest % d * workloads.Elements(shape[perm[axis]+1:])
				rest /= d
			}
			require.Equal(t, math.Float32bits(params[from]), binary.LittleEndian.Uint32(raw[4*i:]))
		}
	})
}

// TestFillIsWhole compares a weight that takes several chunks, the last of them short, with its parameter.
func TestFillIsWhole(t *testing.T) {
	g := newGraph("long")
	v := g.value("table", workloads.Param, 3, fillChunk)
	v.Shape = []int{2*fillChunk + 5, 1}
	ids := g.value("ids", workloads.Input, 1, 2)
	ids.DType = workloads.I32
	g.node(workloads.OpEmbedding, workloads.Attr{}, v, ids)
	models, err := Write(phases(g), Options{})
	require.NoError(t, err)
	raw := contents(t, models[0])["table"]
	want := make([]float32, workloads.Elements(v.Shape))
	require.NoError(t, v.Generate(0, want))
	for i, x := range want {
		require.Equal(t, math.Float32bits(x), binary.LittleEndian.Uint32(raw[4*i:]), i)
	}
}

// failing is a file of weights that cannot be read.
type failing struct{ err error }

func (f failing) Fill(int, []float32) error { return f.err }

// TestUnreadableParameter reports a small one at once, as it goes into the model, and a large one when it is filled.
func TestUnreadableParameter(t *testing.T) {
	bad := failing{errors.New("disk on fire")}
	build := func(n int) ([]*Model, error) {
		g := newGraph("file")
		v := g.value("w", workloads.Param, 4, n)
		v.Weights = bad
		g.node(workloads.OpLinear, workloads.Attr{}, g.value("x", workloads.Input, 2, 4), v)
		return Write(phases(g), Options{})
	}
	_, err := build(5)
	require.ErrorIs(t, err, bad.err)
	models, err := build(500)
	require.NoError(t, err)
	w := models[0].Weights[0]
	require.ErrorIs(t, w.Fill(make([]byte, w.Bytes)), bad.err)
}

func (failing) Chunk() int { return 1 }
