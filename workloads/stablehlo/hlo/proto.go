package hlo

import (
	"encoding/binary"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/accelbench/accelbench/workloads/stablehlo/mlir"
)

// message appends fields of a protobuf message. Zero is not written, as in proto3.
type message []byte

func (m *message) int(field protowire.Number, v int) {
	if v != 0 {
		*m = protowire.AppendVarint(protowire.AppendTag(*m, field, protowire.VarintType), uint64(v))
	}
}

func (m *message) truth(field protowire.Number, v bool) {
	if v {
		m.int(field, 1)
	}
}

func (m *message) bytes(field protowire.Number, b []byte) {
	*m = protowire.AppendBytes(protowire.AppendTag(*m, field, protowire.BytesType), b)
}

func (m *message) text(field protowire.Number, s string) {
	if s != "" {
		m.bytes(field, []byte(s))
	}
}

// ints are packed.
func (m *message) ints(field protowire.Number, values []int) {
	if len(values) == 0 {
		return
	}
	var packed []byte
	for _, v := range values {
		packed = protowire.AppendVarint(packed, uint64(v))
	}
	m.bytes(field, packed)
}

func (m *message) message(field protowire.Number, fill func(m *message)) {
	var inner message
	fill(&inner)
	m.bytes(field, inner)
}

// primitive is the number of an element type in PrimitiveType; 0 for those that HLO lacks.
func primitive(e mlir.Elem) int {
	switch e {
	case mlir.I1:
		return 1
	case mlir.I8:
		return 2
	case mlir.I16:
		return 3
	case mlir.I32:
		return 4
	case mlir.I64:
		return 5
	case mlir.UI8:
		return 6
	case mlir.UI16:
		return 7
	case mlir.UI32:
		return 8
	case mlir.UI64:
		return 9
	case mlir.F16:
		return 10
	case mlir.F32:
		return 11
	case mlir.F64:
		return 12
	case mlir.BF16:
		return 16
	case mlir.F8E4M3FN:
		return 20
	}
	return 0
}

const tuplePrimitive = 13

// shape is that of an instruction: one array, or a tuple of arrays.
type shape struct {
	arrays []mlir.Type
	tuple  bool
}

func array(t mlir.Type) shape { return shape{arrays: []mlir.Type{t}} }

// result is one array as it is, any other number as a tuple.
func result(types []mlir.Type) shape { return shape{arrays: types, tuple: len(types) != 1} }

// write writes a ShapeProto, row-major.
func (s shape) write(m *message) {
	if s.tuple {
		m.int(2, tuplePrimitive)
		for _, t := range s.arrays {
			m.message(4, array(t).write)
		}
		return
	}
	t := s.arrays[0]
	m.int(2, primitive(t.Elem))
	m.ints(3, t.Shape)
	m.message(5, func(m *message) {
		var order []int // minor to major
		for i := range t.Shape {
			order = append(order, len(t.Shape)-1-i)
		}
		m.ints(1, order)
	})
	m.ints(6, make([]int, len(t.Shape))) // which dimensions are dynamic: none
}

// literal writes a LiteralProto of the elements of a constant, each of which is in the data.
func literal(m *message, d mlir.Dense) {
	m.message(1, array(d.Type).write)
	size := d.Type.Elem.Bytes()
	raw := func(field protowire.Number) {
		if len(d.Data) > 0 {
			m.bytes(field, d.Data)
		}
	}
	varints := func(field protowire.Number) {
		var packed []byte
		for at := 0; at < len(d.Data); at += size {
			var b [8]byte
			copy(b[:], d.Data[at:at+size])
			v := binary.LittleEndian.Uint64(b[:])
			if d.Type.Elem == mlir.I32 {
				v = uint64(int32(v))
			}
			packed = protowire.AppendVarint(packed, v)
		}
		if len(packed) > 0 {
			m.bytes(field, packed)
		}
	}
	// Fields of fixed width hold little-endian elements, as the data do.
	switch d.Type.Elem {
	case mlir.I1:
		varints(2)
	case mlir.UI8:
		raw(3)
	case mlir.I32:
		varints(4)
	case mlir.I64:
		varints(5)
	case mlir.UI32:
		varints(6)
	case mlir.UI64:
		varints(7)
	case mlir.F32:
		raw(8)
	case mlir.F64:
		raw(9)
	case mlir.F16:
		raw(11)
	case mlir.BF16:
		raw(13)
	case mlir.I8:
		raw(15)
	case mlir.UI16:
		raw(16)
	case mlir.I16:
		raw(17)
	case mlir.F8E4M3FN:
		raw(20)
	}
}
