package onnxfile

import (
	"bytes"
	"io"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protowire"
)

// msg is a protobuf message being written.
type msg []byte

func (m msg) varint(num protowire.Number, v int64) msg {
	return protowire.AppendVarint(protowire.AppendTag(m, num, protowire.VarintType), uint64(v))
}

func (m msg) bytes(num protowire.Number, b []byte) msg {
	return protowire.AppendBytes(protowire.AppendTag(m, num, protowire.BytesType), b)
}

func (m msg) text(num protowire.Number, s string) msg { return m.bytes(num, []byte(s)) }

// claim writes the head of a field that says it has n bytes, and none of them.
func (m msg) claim(num protowire.Number, n uint64) msg {
	return protowire.AppendVarint(protowire.AppendTag(m, num, protowire.BytesType), n)
}

func packed(values ...int64) []byte {
	var b []byte
	for _, v := range values {
		b = protowire.AppendVarint(b, uint64(v))
	}
	return b
}

// valueInfo is a tensor of the dims: int for a fixed dimension, string for a symbolic one, nil for one that says nothing.
func valueInfo(name string, typ TensorType, dims ...any) msg {
	var shape msg
	for _, d := range dims {
		var dim msg
		switch d := d.(type) {
		case int:
			dim = dim.varint(1, int64(d))
		case string:
			dim = dim.text(2, d)
		}
		shape = shape.bytes(1, dim)
	}
	return msg{}.text(1, name).bytes(2, msg{}.bytes(1, msg{}.varint(1, int64(typ)).bytes(2, shape)))
}

// rawTensor is a TensorProto with raw data, its shape packed.
func rawTensor(name string, typ TensorType, shape []int64, raw []byte) msg {
	return msg{}.bytes(1, packed(shape...)).varint(2, int64(typ)).text(8, name).bytes(9, raw)
}

func externalTensor(name, location string) msg {
	entry := func(key, value string) msg { return msg{}.text(1, key).text(2, value) }
	return msg{}.varint(1, 1000).varint(1, 50).varint(2, int64(F32)).text(8, name).
		bytes(13, entry("location", location)).bytes(13, entry("offset", "4096")).varint(14, 1)
}

// modelOf is a ModelProto around a graph.
func modelOf(graph msg) msg {
	return msg{}.varint(1, 10).text(2, "writer").text(3, "1.2").
		bytes(8, msg{}.text(1, "").varint(2, 21)).bytes(8, msg{}.text(1, "com.microsoft").varint(2, 1)).bytes(7, graph)
}

// sample is a model that has a bit of everything.
func sample() msg {
	body := msg{}.text(2, "body").bytes(1, msg{}.text(4, "Relu")).bytes(5, rawTensor("n", F32, []int64{3}, make([]byte, 12))).
		bytes(11, valueInfo("body input", I64))
	constant := msg{}.text(1, "value").bytes(5, externalTensor("", "constants.bin")).varint(20, 4)
	return modelOf(msg{}.text(2, "main").
		bytes(1, msg{}.text(1, "x").text(1, "w").text(4, "Conv").bytes(5, msg{}.text(1, "group").varint(3, -1).varint(20, 2))).
		bytes(1, msg{}.text(4, "Conv")).
		bytes(1, msg{}.text(4, "Attention").text(7, "com.microsoft")).
		bytes(1, msg{}.text(4, "Loop").bytes(5, msg{}.text(1, "body").bytes(6, body).varint(20, 5))).
		bytes(1, msg{}.text(4, "Constant").bytes(5, constant)).
		bytes(5, rawTensor("w", F32, []int64{2, 3}, make([]byte, 24))).
		bytes(5, externalTensor("e", "weights.bin")).
		bytes(15, msg{}.bytes(1, rawTensor("s", F32, []int64{2}, make([]byte, 8))).bytes(2, rawTensor("", I64, []int64{2}, nil))).
		bytes(11, valueInfo("x:0", F32, "batch", 3, 224, -7)).
		bytes(11, valueInfo("w", F32, 2, 3)).
		bytes(11, valueInfo("s", F32, 9)).
		bytes(11, valueInfo("n", I64)).
		bytes(11, msg{}.text(1, "any").bytes(2, msg{}.bytes(1, msg{}.varint(1, int64(F16))))).
		bytes(11, msg{}.text(1, "list").bytes(2, msg{}.bytes(4, msg{}.bytes(1, msg{}.bytes(1, msg{}.varint(1, 1)))))).
		bytes(12, valueInfo("y", F32, nil, 1000)).
		bytes(13, valueInfo("hidden", F32, 1)))
}

func read(b []byte) (*Model, error) { return ReadModel(bytes.NewReader(b), int64(len(b))) }

// allocated is how many bytes f allocates, freed or not.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// pieces is a file of a given size that is zero but for some places; it counts what is read of it.
type pieces struct {
	size int64
	at   map[int64][]byte
	read int64
}

func (p *pieces) ReadAt(b []byte, off int64) (int, error) {
	n := int(max(0, min(int64(len(b)), p.size-off)))
	clear(b[:n])
	for at, piece := range p.at {
		for i, v := range piece {
			if k := at + int64(i) - off; k >= 0 && k < int64(n) {
				b[k] = v
			}
		}
	}
	p.read += int64(n)
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

// requireMemory runs f and asserts that it allocates less than most bytes.
func requireMemory(t *testing.T, most uint64, f func()) {
	t.Helper()
	require.Less(t, allocated(f), most)
}
