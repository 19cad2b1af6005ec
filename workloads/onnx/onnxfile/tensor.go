package onnxfile

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// Tensor is a dense tensor with its values.
type Tensor struct {
	Name    string // "" if it has none
	Type    TensorType
	Shape   []int64  // empty for a scalar
	Data    []byte   // row-major, little-endian, Type.Bytes() per element; empty for strings
	Strings [][]byte // the elements of a tensor of strings; empty otherwise
}

// The fields of TensorProto that hold values.
const (
	floatData  = 4
	int32Data  = 5
	stringData = 6
	int64Data  = 7
	rawData    = 9
	doubleData = 10
	uint64Data = 11
)

// dataField is the field that values of a type lie in when they are not raw; 0 for types this package does not read.
func dataField(t TensorType) protowire.Number {
	switch t {
	case F32, C64:
		return floatData
	case F64, C128:
		return doubleData
	case I64:
		return int64Data
	case U32, U64:
		return uint64Data
	case String:
		return stringData
	}
	if t.Bytes() > 0 {
		return int32Data
	}
	return 0
}

// ReadTensor reads a TensorProto, the form of the input_0.pb and output_0.pb beside ONNX's test models. The values may
// be raw or in the field of their type. Data and Strings may share memory with b. The error is an [ErrFormat], or an
// [ErrInput] for data in another file and for types narrower than a byte.
func ReadTensor(b []byte) (*Tensor, error) {
	t, err := readTensor(b)
	if err != nil {
		return nil, fmt.Errorf("ONNX tensor: %w", err)
	}
	return t, nil
}

func readTensor(b []byte) (*Tensor, error) {
	size := int64(len(b))
	s := newScan(bytes.NewReader(b), size, limits{records: math.MaxInt64, kept: math.MaxInt64})
	var head tensorHead
	// The head comes first wherever its records are: what the data means hangs on the type.
	if err := s.each("tensor", size, func(f record) error { return s.headField(f, &head) }); err != nil {
		return nil, err
	}
	n, ok := elements(head.shape)
	switch {
	case head.segment:
		return nil, formatErrorf(0, "tensor %s is a segment of one, or this is a sequence or an optional", show(head.name))
	case !ok:
		return nil, formatErrorf(0, "tensor %s of the impossible shape %v", show(head.name), head.shape)
	case head.typ == Undefined || head.typ > lastType:
		return nil, formatErrorf(0, "tensor %s has no known element type (%s)", show(head.name), head.typ)
	case dataField(head.typ) == 0:
		return nil, inputErrorf("tensor %s is of type %s, which is not read: convert it to u8 or i8", show(head.name), head.typ)
	case head.external:
		return nil, inputErrorf("tensor %s lies in another file (%q): store its data in the tensor", show(head.name), head.location)
	}
	d := tensorData{scan: s, b: b, typ: head.typ}
	s.pos = 0
	if err := s.each("tensor", size, d.field); err != nil {
		return nil, err
	}
	t := &Tensor{Name: head.name, Type: head.typ, Shape: head.shape, Data: d.data, Strings: d.strings}
	return t, t.check(n)
}

// check compares the values with the shape, which holds n elements.
func (t *Tensor) check(n int64) error {
	have, rest := int64(len(t.Strings)), 0
	if t.Type != String {
		have, rest = int64(len(t.Data)/t.Type.Bytes()), len(t.Data)%t.Type.Bytes()
	}
	if have != n || rest != 0 {
		return fmt.Errorf("tensor %s of shape %v and type %s has %d elements and %d bytes: %w",
			show(t.Name), t.Shape, t.Type, have, rest, ErrFormat)
	}
	if t.Type == Bool {
		for i, v := range t.Data {
			if v > 1 {
				return fmt.Errorf("tensor %s: element %d is a bool of value %d: %w", show(t.Name), i, v, ErrFormat)
			}
		}
	}
	return nil
}

// tensorData gathers the values of a TensorProto.
type tensorData struct {
	*scan
	b       []byte
	typ     TensorType
	from    protowire.Number // the field that the values come from, 0 before the first
	data    []byte
	strings [][]byte
}

func (d *tensorData) field(f record) error {
	switch f.num {
	case floatData, int32Data, stringData, int64Data, rawData, doubleData, uint64Data:
	default:
		return nil
	}
	if f.packed() && f.at == f.end && f.num != stringData {
		return nil // some writers leave an empty field of another type
	}
	if d.from == 0 {
		d.from = f.num
	}
	if f.num != d.from || f.num != dataField(d.typ) && (f.num != rawData || d.typ == String) {
		return formatErrorf(f.at, "values of type %s in field %d, after field %d", d.typ, f.num, d.from)
	}
	switch f.num {
	case rawData:
		if err := d.want(f, protowire.BytesType); err != nil {
			return err
		}
		d.data = d.b[f.at:f.end:f.end] // the last one counts, as protobuf says
	case stringData:
		if err := d.want(f, protowire.BytesType); err != nil {
			return err
		}
		d.strings = append(d.strings, d.b[f.at:f.end:f.end])
	case floatData:
		return d.fixedValues(f, 4, protowire.Fixed32Type)
	case doubleData:
		return d.fixedValues(f, 8, protowire.Fixed64Type)
	default:
		return d.varintValues(f)
	}
	return nil
}

// fixedValues takes floating-point values, which lie in the file as they do in memory.
func (d *tensorData) fixedValues(f record, size int64, typ protowire.Type) error {
	if !f.packed() {
		if err := d.want(f, typ); err != nil {
			return err
		}
		d.data = append(d.data, d.b[f.at:f.at+size]...)
		return nil
	}
	if (f.end-f.at)%size != 0 {
		return formatErrorf(f.at, "%d bytes of values of %d bytes", f.end-f.at, size)
	}
	d.data = append(d.data, d.b[f.at:f.end]...)
	return nil
}

func (d *tensorData) varintValues(f record) error {
	if !f.packed() {
		if err := d.want(f, protowire.VarintType); err != nil {
			return err
		}
		return d.appendValue(f.at, f.value)
	}
	for d.pos < f.end {
		at := d.pos
		v, err := d.varint(f.message, f.end)
		if err != nil {
			return err
		}
		if err := d.appendValue(at, v); err != nil {
			return err
		}
	}
	return nil
}

// appendValue narrows a varint to the type; floating-point types of one and two bytes are stored as their bits.
func (d *tensorData) appendValue(at int64, v uint64) error {
	size := d.typ.Bytes()
	if size == 8 {
		d.data = binary.LittleEndian.AppendUint64(d.data, v)
		return nil
	}
	low, high := int64(0), int64(1)<<(8*size)-1
	switch d.typ {
	case I8, I16, I32:
		low, high = -(high+1)/2, high/2
	}
	if int64(v) < low || int64(v) > high {
		return formatErrorf(at, "%d is no %s", int64(v), d.typ)
	}
	for i := range size {
		d.data = append(d.data, byte(v>>(8*i)))
	}
	return nil
}
