package onnxfile

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protowire"
)

func TestReadModel(t *testing.T) {
	m, err := read(sample())
	require.NoError(t, err)
	assert.Equal(t, &Model{
		Inputs: []Value{
			{Name: "x:0", Type: F32, Tensor: true, HasShape: true, Shape: []Dim{{-1, "batch"}, {3, ""}, {224, ""}, {-1, ""}}},
			{Name: "n", Type: I64, Tensor: true, HasShape: true},
			{Name: "any", Type: F16, Tensor: true},
			{Name: "list"},
		},
		Outputs:    []Value{{Name: "y", Type: F32, Tensor: true, HasShape: true, Shape: []Dim{{-1, ""}, {1000, ""}}}},
		Parameters: 6 + 50000 + 2 + 3,
		External:   []string{"constants.bin", "weights.bin"},
	}, m)
}

func TestRepeatedMessagesAreMerged(t *testing.T) {
	// What protobuf says of a message field that comes twice; some tools append to a file in this way.
	first := msg{}.bytes(11, valueInfo("x", F32, 1)).bytes(12, valueInfo("y", F32, 1))
	m, err := read(append(modelOf(first), msg{}.bytes(7, msg{}.bytes(11, valueInfo("z", F32, 1)))...))
	require.NoError(t, err)
	assert.Len(t, m.Inputs, 2)
}

func TestLastOfAlternativesCounts(t *testing.T) {
	dim := func(d msg) msg { return msg{}.bytes(1, d) }
	shape := append(dim(msg{}.text(2, "n").varint(1, 4)), dim(msg{}.varint(1, 4).text(2, "n"))...)
	tensor := msg{}.bytes(1, msg{}.varint(1, int64(F32)).bytes(2, shape))
	sequence := msg{}.bytes(4, msg{}.bytes(1, tensor))
	m, err := read(modelOf(msg{}.
		bytes(11, msg{}.text(1, "t").bytes(2, append(sequence[:len(sequence):len(sequence)], tensor...))).
		bytes(11, msg{}.text(1, "s").bytes(2, append(tensor[:len(tensor):len(tensor)], sequence...)))))
	require.NoError(t, err)
	assert.Equal(t, []Value{
		{Name: "t", Type: F32, Tensor: true, HasShape: true, Shape: []Dim{{4, ""}, {-1, "n"}}},
		{Name: "s"},
	}, m.Inputs)
}

func TestReadModelErrors(t *testing.T) {
	value := func(v msg) msg { return modelOf(msg{}.bytes(11, v)) }
	dims := func(n int) []any { return make([]any, n) }
	long := strings.Repeat("n", maxText+1)
	for name, c := range map[string]struct {
		file msg
		want string
	}{
		"empty":              {nil, "at byte 0: no graph in 0 bytes"},
		"no graph":           {msg{}.varint(1, 10), "at byte 2: no graph in 2 bytes"},
		"html":               {msg("<!DOCTYPE html>"), "at byte 0: model: field 7 has wire type 4"},
		"text":               {msg("this is no model"), "at byte 0: model: field 14 has wire type 4"},
		"zeros":              {make(msg, 100), "at byte 0: model: invalid field number"},
		"git lfs":            {msg(lfsPointer + ".com/spec/v1\noid"), "fetch it with git lfs pull"},
		"half a varint":      {msg{0x08, 0x80}, "at byte 1: model: it ends within a number"},
		"endless varint":     {msg{0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, "at byte 1: model: a number of more than 64 bits"},
		"half a number":      {msg{0x0d, 1, 2}, "at byte 1: model: a number of 4 bytes, 2 are left"},
		"graph is a number":  {msg{}.varint(7, 1), "model: field 7 has wire type 0, not 2"},
		"place is a text":    {modelOf(msg{}.bytes(5, msg{}.text(14, "ten"))), "tensor: field 14 has wire type 2, not 0"},
		"graph too long":     {msg{}.claim(7, 5), "at byte 1: model: field 7 claims 5 bytes, 0 are left"},
		"graph of 2^62":      {msg{}.claim(7, 1<<62), "model: field 7 claims 4611686018427387904 bytes, 0 are left"},
		"graph of 2^64-1":    {msg{}.claim(7, math.MaxUint64), "model: field 7 claims 18446744073709551615 bytes"},
		"inner beyond outer": {append(msg{}.bytes(7, msg{}.claim(5, 3)), 0, 0, 0), "graph: field 5 claims 3 bytes, 0 are left"},
		"long name":          {value(msg{}.text(1, long)), "value: a text of 65537 bytes, at most 65536 are read"},
		"negative weight":    {modelOf(msg{}.bytes(5, rawTensor("w", F32, []int64{4, -1}, nil))), "initializer w of the impossible shape [4 -1]"},
		"huge weight":        {modelOf(msg{}.bytes(5, rawTensor("w", F32, []int64{1 << 32, 1 << 31}, nil))), "initializer w of the impossible shape"},
		"huge sum": {modelOf(msg{}.bytes(5, rawTensor("a", F32, []int64{1 << 62}, nil)).bytes(5, rawTensor("b", F32, []int64{1 << 62}, nil))),
			"initializer b of the impossible shape"},
		"rank of a weight":    {modelOf(msg{}.bytes(5, rawTensor("w", F32, make([]int64, 65), nil))), "tensor: more than 64 dimensions"},
		"rank of an input":    {value(valueInfo("x", F32, dims(65)...)), "x: more than 64 dimensions"},
		"negative type":       {value(valueInfo("x", -1)), "tensor type: element type -1"},
		"input without name":  {value(valueInfo("", F32)), `named "": empty, twice, or with a zero byte`},
		"zero in a name":      {value(valueInfo("a\x00b", F32)), `named "a\x00b"`},
		"two of a name":       {modelOf(msg{}.bytes(11, valueInfo("x", F32)).bytes(11, valueInfo("x", F32))), `named "x"`},
		"external to nowhere": {modelOf(msg{}.bytes(5, externalTensor("w", ""))), "tensor w has external data but names no file"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := read(c.file)
			require.ErrorIs(t, err, ErrFormat)
			require.ErrorContains(t, err, c.want)
			require.ErrorContains(t, err, "at byte ")
		})
	}
}

func TestTruncatedModels(t *testing.T) {
	whole := sample()
	_, err := read(whole)
	require.NoError(t, err)
	for n := range len(whole) {
		m, err := read(whole[:n])
		require.ErrorIs(t, err, ErrFormat, "the first %d of %d bytes", n, len(whole))
		require.Nil(t, m)
		// A file that became shorter than it was said to be: the end is missed where something is to be read.
		_, err = ReadModel(&pieces{size: int64(n), at: map[int64][]byte{0: whole}}, int64(len(whole)))
		if n < len(whole)/2 || err != nil {
			require.ErrorIs(t, err, ErrFormat)
			require.ErrorContains(t, err, "the file ends here")
		}
	}
}

// TestWeightsAreNotRead walks a model of 40 GiB: reading, and memory, are those of its names.
func TestWeightsAreNotRead(t *testing.T) {
	const weights, each = 20, int64(2) << 30
	head := func(i int) msg {
		return msg{}.varint(1, each/4).varint(2, int64(F32)).text(8, fmt.Sprintf("w%d", i)).claim(9, uint64(each))
	}
	file := &pieces{at: map[int64][]byte{}}
	tail := msg{}.bytes(11, valueInfo("x", F32, "batch")).bytes(12, valueInfo("y", F32, "batch"))
	inner := int64(len(tail))
	for i := range weights {
		h := head(i)
		inner += int64(len(msg{}.claim(5, uint64(len(h))+uint64(each)))+len(h)) + each
	}
	put := func(b msg, then int64) {
		file.at[file.size] = b
		file.size += int64(len(b)) + then
	}
	put(msg{}.varint(1, 10).claim(7, uint64(inner)), 0)
	for i := range weights {
		h := head(i)
		put(append(msg{}.claim(5, uint64(len(h))+uint64(each)), h...), each)
	}
	put(tail, 0)
	requireMemory(t, 64<<10, func() {
		m, err := ReadModel(file, file.size)
		require.NoError(t, err)
		require.Equal(t, weights*each/4, m.Parameters)
		require.Len(t, m.Inputs, 1)
	})
	require.Less(t, file.read, int64(200<<10))
}

func TestHostileClaimsTakeNoMemory(t *testing.T) {
	for num := protowire.Number(1); num < 40; num++ {
		for _, wrap := range []func(msg) msg{
			func(m msg) msg { return m },
			func(m msg) msg { return msg{}.bytes(7, m) },
			func(m msg) msg { return msg{}.bytes(7, msg{}.bytes(5, m)) },
			func(m msg) msg { return msg{}.bytes(7, msg{}.bytes(1, m)) },
			func(m msg) msg { return msg{}.bytes(7, msg{}.bytes(11, m)) },
		} {
			requireMemory(t, 64<<10, func() {
				_, err := read(wrap(msg{}.claim(num, 1<<62)))
				require.ErrorIs(t, err, ErrFormat)
			})
		}
	}
}

func TestDimensionsWithoutEndTakeNoMemory(t *testing.T) {
	file := modelOf(msg{}.bytes(5, msg{}.bytes(1, make([]byte, 4<<20))))
	requireMemory(t, 64<<10, func() {
		_, err := read(file)
		require.ErrorIs(t, err, ErrFormat)
		require.ErrorContains(t, err, "more than 64 dimensions")
	})
}

func TestDeepGraphs(t *testing.T) {
	nest := func(depth int) msg {
		graph := msg{}.bytes(5, rawTensor("", F32, []int64{7}, nil))
		for range depth {
			graph = msg{}.bytes(1, msg{}.text(4, "If").bytes(5, msg{}.bytes(6, graph)))
		}
		return modelOf(graph)
	}
	m, err := read(nest(maxDepth))
	require.NoError(t, err)
	require.EqualValues(t, 7, m.Parameters, "the innermost was read")
	for _, depth := range []int{maxDepth + 1, 5000} {
		_, err = read(nest(depth))
		require.ErrorIs(t, err, ErrFormat)
		require.ErrorContains(t, err, "graphs within graphs, more than 32 deep")
	}
}

func TestManyInputs(t *testing.T) {
	var graph msg
	for i := range 20000 {
		graph = graph.bytes(11, valueInfo(fmt.Sprintf("x%d", i), F32, fmt.Sprintf("n%d", i)))
	}
	m, err := read(modelOf(graph))
	require.NoError(t, err)
	require.Len(t, m.Inputs, 20000)
	_, err = Resolve(m, nil, map[string]int64{"n7": 1})
	require.ErrorIs(t, err, ErrInput)
	require.ErrorContains(t, err, "19959 more inputs have free dimensions")
	require.Less(t, len(err.Error()), 10000)
}

func TestLimits(t *testing.T) {
	graph := func(num protowire.Number, of func(i int) msg) msg {
		var g msg
		for i := range 1000 {
			g = g.bytes(num, of(i))
		}
		return modelOf(g)
	}
	name := func(i int) string { return fmt.Sprint("name", i) }
	many := make([]any, 5)
	for what, file := range map[string]msg{
		"inputs":     graph(11, func(i int) msg { return valueInfo(name(i), F32) }),
		"outputs":    graph(12, func(i int) msg { return valueInfo(name(i), F32) }),
		"dimensions": graph(11, func(i int) msg { return valueInfo(name(i), F32, many...) }),
		"weights":    graph(5, func(i int) msg { return rawTensor(name(i), F32, nil, nil) }),
		"locations":  graph(5, func(i int) msg { return externalTensor("w", name(i)) }),
	} {
		t.Run(what, func(t *testing.T) {
			size, kept := int64(len(file)), int64(40<<10)
			if what == "dimensions" {
				kept = 200 << 10 // enough for the inputs that have them
			}
			reader := func() *pieces { return &pieces{size: size, at: map[int64][]byte{0: file}} }
			_, err := readModel(reader(), size, limits{records: 1 << 20, kept: kept})
			require.ErrorIs(t, err, ErrFormat)
			require.ErrorContains(t, err, "more names and shapes than any model has")
			_, err = readModel(reader(), size, limits{records: 900, kept: 1 << 20})
			require.ErrorContains(t, err, "more records than any model has")
			_, err = readModel(reader(), size, limits{records: 1 << 20, kept: 1 << 20})
			require.NoError(t, err)
		})
	}
}

type brokenDisk struct{}

var errDisk = errors.New("disk on fire")

func (brokenDisk) ReadAt([]byte, int64) (int, error) { return 0, errDisk }

func TestReadModelFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "model.onnx")
	require.NoError(t, os.WriteFile(path, sample(), 0o600))
	m, err := ReadModelFile(path)
	require.NoError(t, err)
	require.Len(t, m.Inputs, 4)

	require.NoError(t, os.WriteFile(path, sample()[:99], 0o600))
	_, err = ReadModelFile(path)
	require.ErrorIs(t, err, ErrFormat)
	require.ErrorContains(t, err, path)

	_, err = ReadModelFile(filepath.Join(dir, "absent.onnx"))
	require.ErrorIs(t, err, fs.ErrNotExist)
	_, err = ReadModelFile(dir)
	require.ErrorIs(t, err, ErrInput)
	require.ErrorContains(t, err, "is not a regular file: give the .onnx file")

	_, err = ReadModel(brokenDisk{}, 100)
	require.ErrorIs(t, err, errDisk)
	require.NotErrorIs(t, err, ErrFormat)
}

func FuzzReadModel(f *testing.F) {
	f.Add([]byte(sample()))
	f.Add([]byte(modelOf(msg{}.bytes(5, externalTensor("w", "w.bin")))))
	f.Add([]byte(msg{}.claim(7, 1<<62)))
	f.Add([]byte(lfsPointer))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := read(b)
		if err != nil {
			require.ErrorIs(t, err, ErrFormat)
			return
		}
		// Whatever was read can be resolved or refused.
		inputs, err := Resolve(m, nil, nil)
		if err != nil {
			require.ErrorIs(t, err, ErrInput)
			return
		}
		require.Len(t, inputs, len(m.Inputs))
	})
}
