package own_test

import (
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/accelbench/accelbench/internal/half"
	"github.com/accelbench/accelbench/workloads"
	"github.com/accelbench/accelbench/workloads/onnx/onnxfile"
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

// value is a ValueInfoProto of the dims: int for a fixed dimension, string for a symbolic one.
func value(name string, typ onnxfile.TensorType, dims ...any) msg {
	var shape msg
	for _, d := range dims {
		switch d := d.(type) {
		case int:
			shape = shape.bytes(1, msg{}.varint(1, int64(d)))
		case string:
			shape = shape.bytes(1, msg{}.text(2, d))
		}
	}
	return msg{}.text(1, name).bytes(2, msg{}.bytes(1, msg{}.varint(1, int64(typ)).bytes(2, shape)))
}

// external is an initializer of 50 elements in another file.
func external(name, location string) msg {
	entry := msg{}.text(1, "location").text(2, location)
	return msg{}.varint(1, 50).varint(2, int64(onnxfile.F32)).text(8, name).bytes(13, entry).varint(14, 1)
}

// model is a ModelProto of one node with these inputs, one output y, and initializers.
func model(inputs []msg, initializers ...msg) msg {
	graph := msg{}.text(2, "main").bytes(1, msg{}.text(2, "y").text(4, "Sum"))
	for _, in := range inputs {
		graph = graph.bytes(11, in)
	}
	for _, i := range initializers {
		graph = graph.bytes(5, i)
	}
	graph = graph.bytes(12, value("y", onnxfile.F32, "rows", 3))
	return msg{}.varint(1, 8).bytes(8, msg{}.text(1, "").varint(2, 17)).bytes(7, graph)
}

// write writes a file to a new folder.
func write(t testing.TB, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, content, 0o644))
	return path
}

// npy is a file of numpy's format, version 1.0.
func npy(descr, shape string, data []byte) []byte {
	head := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': %s, }", descr, shape)
	head += strings.Repeat(" ", 63-(len(head)+10)%64) + "\n"
	return append(binary.LittleEndian.AppendUint16([]byte("\x93NUMPY\x01\x00"), uint16(len(head))), head+string(data)...)
}

// numbers are the elements of a tensor, read by the definition of its type.
func numbers(t *testing.T, x workloads.Tensor) []float64 {
	t.Helper()
	out := make([]float64, workloads.Elements(x.Shape))
	size := int(x.DType.Bytes())
	for i := range out {
		switch x.DType {
		case workloads.F32:
			out[i] = float64(x.F32[i])
			continue
		case workloads.I32:
			out[i] = float64(x.I32[i])
			continue
		}
		raw := x.Raw[i*size : (i+1)*size]
		switch x.DType {
		case workloads.F64:
			out[i] = math.Float64frombits(binary.NativeEndian.Uint64(raw))
		case workloads.F16:
			out[i] = float64(half.FromFloat16(binary.NativeEndian.Uint16(raw)))
		case workloads.BF16:
			out[i] = float64(half.FromBFloat16(binary.NativeEndian.Uint16(raw)))
		case workloads.I64:
			out[i] = float64(int64(binary.NativeEndian.Uint64(raw)))
		case workloads.U64:
			out[i] = float64(binary.NativeEndian.Uint64(raw))
		case workloads.U32:
			out[i] = float64(binary.NativeEndian.Uint32(raw))
		case workloads.I16:
			out[i] = float64(int16(binary.NativeEndian.Uint16(raw)))
		case workloads.U16:
			out[i] = float64(binary.NativeEndian.Uint16(raw))
		case workloads.I8:
			out[i] = float64(int8(raw[0]))
		case workloads.U8, workloads.Bool:
			out[i] = float64(raw[0])
		default:
			require.Failf(t, "no such type", "%s", x.DType)
		}
	}
	return out
}
