package onnx

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"

	"github.com/accelbench/accelbench/workloads"
)

// inlineBelow is the size from which a weight lies outside of the ModelProto.
const inlineBelow = 1 << 10

// fillChunk is the number of elements that are generated at a time.
const fillChunk = 1 << 14

// weight adds a constant of the given content, inside or outside of the model by its size. Two of one name are one.
func (e *emitter) weight(w Weight) string {
	return e.memo("weight "+w.Name, func() string {
		e.used[w.Name] = true
		fill := w.Fill
		w.Fill = func(dst []byte) error {
			if int64(len(dst)) != w.Bytes {
				return fmt.Errorf("filling weight %s: %d bytes of room, it has %d", w.Name, len(dst), w.Bytes)
			}
			if err := fill(dst); err != nil {
				return fmt.Errorf("filling weight %s: %w", w.Name, err)
			}
			return nil
		}
		if w.Bytes >= inlineBelow {
			e.weights = append(e.weights, w)
			return w.Name
		}
		raw := make([]byte, w.Bytes)
		if err := w.Fill(raw); err != nil {
			e.fail(err)
		}
		e.inline.bytes(5, inlineTensor(w.Name, w.Type, w.Shape, raw))
		return w.Name
	})
}

// param is a parameter in the layout of the graph, in the type of the activations.
func (e *emitter) param(v *workloads.Value) string {
	return e.chunked(v.Name, e.dims(v), v.Chunk(fillChunk), v.Generate)
}

// permuted is a parameter with its axes in the order perm, as ONNX's Transpose has it.
func (e *emitter) permuted(v *workloads.Value, perm ...int) string {
	shape := make([]int64, len(perm))
	order := make([]string, len(perm))
	for i, axis := range perm {
		shape[i], order[i] = int64(v.Shape[axis]), fmt.Sprint(axis)
	}
	return e.weight(Weight{Name: v.Name + ".axes" + strings.Join(order, ""), Type: e.float, Shape: shape,
		Bytes: int64(workloads.Elements(v.Shape)) * width(e.float), Fill: e.fillPermuted(v, perm)})
}

// floats is a constant in the type of the activations, whose elements first, first+1, ... generate writes.
func (e *emitter) floats(name string, shape []int64, generate func(first int, dst []float32) error) string {
	return e.chunked(name, shape, fillChunk, generate)
}

// chunked is a constant as [emitter.floats] makes it, generated so many elements at a time.
func (e *emitter) chunked(name string, shape []int64, chunk int, generate func(first int, dst []float32) error) string {
	n := int(elements(shape))
	store := storeFloats(e.float)
	size := int(width(e.float))
	return e.weight(Weight{Name: name, Type: e.float, Shape: shape, Bytes: int64(n * size), Fill: func(dst []byte) error {
		part := make([]float32, min(n, chunk))
		for first := 0; first < n; first += chunk {
			part = part[:min(chunk, n-first)]
			if err := generate(first, part); err != nil {
				return err
			}
			store(dst[first*size:], part)
		}
		return nil
	}})
}

// fillPermuted generates the parameter whole and reads it in the new order.
func (e *emitter) fillPermuted(v *workloads.Value, perm []int) func(dst []byte) error {
	store := storeFloats(e.float)
	size := int(width(e.float))
	return func(dst []byte) error {
		whole := make([]float32, workloads.Elements(v.Shape))
		if err := v.Generate(0, whole); err != nil {
			return err
		}
		strides := make([]int, len(perm))
		for i, axis := range perm {
			strides[i] = workloads.Elements(v.Shape[axis+1:])
		}
		last := len(perm) - 1
		line := make([]float32, v.Shape[perm[last]])
		index := make([]int, last) // of the axes of the result but the last
		for lo := 0; lo < len(whole); lo += len(line) {
			from := 0
			for i, at := range index {
				from += at * strides[i]
			}
			for i := range line {
				line[i] = whole[from+i*strides[last]]
			}
			store(dst[lo*size:], line)
			for i := last - 1; i >= 0; i-- {
				if index[i]++; index[i] < v.Shape[perm[i]] {
					break
				}
				index[i] = 0
			}
		}
		return nil
	}
}

// width is the size of an element in bytes.
func width(typ int32) int64 {
	switch typ {
	case Int64:
		return 8
	case Float16, BFloat16:
		return 2
	case Uint8, Int8, Bool:
		return 1
	}
	return 4
}

// storeFloats writes floats as elements of typ, Float or Float16.
func storeFloats(typ int32) func(dst []byte, src []float32) {
	if typ == Float16 {
		return func(dst []byte, src []float32) {
			for i, x := range src {
				binary.LittleEndian.PutUint16(dst[2*i:], workloads.Float16(x))
			}
		}
	}
	return func(dst []byte, src []float32) {
		for i, x := range src {
			binary.LittleEndian.PutUint32(dst[4*i:], math.Float32bits(x))
		}
	}
}

// ints is a constant list of 64-bit integers.
func (e *emitter) ints(vs ...int64) string {
	return e.int64s("ints"+strings.NewReplacer("[", ".", " ", ".", "]", "").Replace(fmt.Sprint(vs)), []int64{int64(len(vs))}, vs)
}

// integer is a constant 64-bit integer without dimensions.
func (e *emitter) integer(v int64) string { return e.int64s(fmt.Sprintf("int.%d", v), nil, []int64{v}) }

func (e *emitter) int64s(name string, shape, vs []int64) string {
	return e.memo(name, func() string {
		var raw []byte
		for _, v := range vs {
			raw = binary.LittleEndian.AppendUint64(raw, uint64(v))
		}
		unique := e.fresh(name)
		e.inline.bytes(5, inlineTensor(unique, Int64, shape, raw))
		return unique
	})
}

// number is a constant float without dimensions, in the type typ.
func (e *emitter) number(v float64, typ int32) string {
	key := fmt.Sprintf("number.%v.%d", float32(v), typ)
	return e.memo(key, func() string {
		raw := make([]byte, width(typ))
		storeFloats(typ)(raw, []float32{float32(v)})
		unique := e.fresh(key)
		e.inline.bytes(5, inlineTensor(unique, typ, nil, raw))
		return unique
	})
}

// constant is a list of floats in the type of the activations, all of them equal to v.
func (e *emitter) constant(v float32, n int) string {
	return e.floats(fmt.Sprintf("constant.%v.%d", v, n), []int64{int64(n)}, func(_ int, dst []float32) error {
		for i := range dst {
			dst[i] = v
		}
		return nil
	})
}

// elements is the product of the dimensions.
func elements(shape []int64) int64 {
	n := int64(1)
	for _, d := range shape {
		n *= d
	}
	return n
}
