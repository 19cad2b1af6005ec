package onnxruntime_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/accelbench/accelbench/workloads/onnx/onnxfile"
)

// fields calls visit with every field of a protobuf message: its number, its value if that is a varint, and its bytes if it has a
// length.
func fields(t *testing.T, b []byte, visit func(num protowire.Number, value int64, content []byte)) {
	t.Helper()
	for len(b) > 0 {
		num, typ, n := protowire.ConsumeTag(b)
		require.Positive(t, n)
		b = b[n:]
		size := protowire.ConsumeFieldValue(num, typ, b)
		require.GreaterOrEqual(t, size, 0)
		var value uint64
		var content []byte
		switch typ {
		case protowire.VarintType:
			value, _ = protowire.ConsumeVarint(b)
		case protowire.BytesType:
			content, _ = protowire.ConsumeBytes(b)
		}
		visit(num, int64(value), content)
		b = b[size:]
	}
}

// operatorTensor reads a TensorProto of ONNX's test data, as numpy writes them: raw values, or those of int8 as varints.
func operatorTensor(t *testing.T, b []byte) *onnxfile.Tensor {
	t.Helper()
	tensor := &onnxfile.Tensor{}
	varints := func(b []byte, take func(v int64)) {
		for len(b) > 0 {
			v, n := protowire.ConsumeVarint(b)
			require.Positive(t, n)
			take(int64(v))
			b = b[n:]
		}
	}
	fields(t, b, func(num protowire.Number, value int64, content []byte) {
		switch {
		case num == 1 && content == nil:
			tensor.Shape = append(tensor.Shape, value)
		case num == 1:
			varints(content, func(d int64) { tensor.Shape = append(tensor.Shape, d) })
		case num == 2:
			tensor.Type = onnxfile.TensorType(value)
		case num == 5:
			require.Equal(t, onnxfile.I8, tensor.Type)
			varints(content, func(v int64) { tensor.Data = append(tensor.Data, byte(v)) })
		case num == 9:
			tensor.Data = content
		default:
			require.EqualValues(t, 8, num, "the name, or else values of another form")
		}
	})
	elements := 1
	for _, d := range tensor.Shape {
		elements *= int(d)
	}
	require.Len(t, tensor.Data, elements*tensor.Type.Bytes())
	return tensor
}

// operatorSets are the versions of the operator sets of a ModelProto, by domain.
func operatorSets(t *testing.T, model []byte) map[string]int64 {
	t.Helper()
	sets := map[string]int64{}
	fields(t, model, func(num protowire.Number, _ int64, content []byte) {
		if num != 8 {
			return
		}
		var domain string
		var version int64
		fields(t, content, func(num protowire.Number, value int64, content []byte) {
			switch num {
			case 1:
				domain = string(content)
			case 2:
				version = value
			}
		})
		sets[domain] = version
	})
	return sets
}
