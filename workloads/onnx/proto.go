package onnx

import (
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// Element types, with the numbers of ONNX's TensorProto.DataType.
const (
	Float    int32 = 1
	Uint8    int32 = 2
	Int8     int32 = 3
	Int32    int32 = 6
	Int64    int32 = 7
	Bool     int32 = 9
	Float16  int32 = 10
	BFloat16 int32 = 16
	Uint4    int32 = 21
	Int4     int32 = 22
)

// message appends fields of a protobuf message.
type message []byte

func (m *message) varint(field protowire.Number, v int64) {
	*m = protowire.AppendTag(*m, field, protowire.VarintType)
	*m = protowire.AppendVarint(*m, uint64(v))
}

func (m *message) bytes(field protowire.Number, b []byte) {
	*m = protowire.AppendTag(*m, field, protowire.BytesType)
	*m = protowire.AppendBytes(*m, b)
}

func (m *message) text(field protowire.Number, s string) { m.bytes(field, []byte(s)) }

func (m *message) float(field protowire.Number, f float32) {
	*m = protowire.AppendTag(*m, field, protowire.Fixed32Type)
	*m = protowire.AppendFixed32(*m, math.Float32bits(f))
}

// attribute is a constant argument of an operator, encoded.
type attribute []byte

// The kinds of attributes that occur, with their numbers in AttributeProto.type.
const (
	kindFloat  = 1
	kindInt    = 2
	kindString = 3
	kindInts   = 7
)

func newAttribute(name string, kind int64, value func(m *message)) attribute {
	var m message
	m.text(1, name)
	value(&m)
	m.varint(20, kind)
	return attribute(m)
}

func intAttr(name string, v int) attribute {
	return newAttribute(name, kindInt, func(m *message) { m.varint(3, int64(v)) })
}

func intsAttr(name string, vs ...int) attribute {
	return newAttribute(name, kindInts, func(m *message) {
		for _, v := range vs {
			m.varint(8, int64(v))
		}
	})
}

func floatAttr(name string, v float64) attribute {
	return newAttribute(name, kindFloat, func(m *message) { m.float(2, float32(v)) })
}

func stringAttr(name, v string) attribute {
	return newAttribute(name, kindString, func(m *message) { m.text(4, v) })
}

// node is an operator of a graph. An input or output that is left out in the middle is the empty name.
type node struct {
	name, domain, op string
	in, out          []string
	attrs            []attribute
}

func (n node) encode() []byte {
	var m message
	for _, name := range n.in {
		m.text(1, name)
	}
	for _, name := range n.out {
		m.text(2, name)
	}
	m.text(3, n.name)
	m.text(4, n.op)
	for _, a := range n.attrs {
		m.bytes(5, a)
	}
	if n.domain != "" {
		m.text(7, n.domain)
	}
	return m
}

// tensorHead is a TensorProto up to its data.
func tensorHead(name string, typ int32, shape []int64) message {
	var m message
	for _, d := range shape {
		m.varint(1, d)
	}
	m.varint(2, int64(typ))
	m.text(8, name)
	return m
}

// inlineTensor is a tensor with its data.
func inlineTensor(name string, typ int32, shape []int64, raw []byte) []byte {
	m := tensorHead(name, typ, shape)
	m.bytes(9, raw)
	return m
}

// place says where the data of an external tensor lie.
type place struct {
	location       string
	offset, length string
}

func externalTensor(name string, typ int32, shape []int64, at place) []byte {
	m := tensorHead(name, typ, shape)
	for _, entry := range [][2]string{{"location", at.location}, {"offset", at.offset}, {"length", at.length}} {
		var e message
		e.text(1, entry[0])
		e.text(2, entry[1])
		m.bytes(13, e)
	}
	m.varint(14, 1)
	return m
}

// valueInfo names a value with its type and shape; -1 is the symbolic dimension.
func valueInfo(name string, typ int32, shape []int64) []byte {
	var dims message
	for _, d := range shape {
		var dim message
		if d < 0 {
			dim.text(2, symbol)
		} else {
			dim.varint(1, d)
		}
		dims.bytes(1, dim)
	}
	var tensor, typed, info message
	tensor.varint(1, int64(typ))
	tensor.bytes(2, dims)
	typed.bytes(1, tensor)
	info.text(1, name)
	info.bytes(2, typed)
	return info
}

// opsetID is an OperatorSetIdProto.
func opsetID(domain string, version int) []byte {
	var m message
	m.text(1, domain)
	m.varint(2, int64(version))
	return m
}
