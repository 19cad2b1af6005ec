package hlotest

import (
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/accelbench/accelbench/workloads/stablehlo/mlir"
)

// number is what arrays are computed in.
type number interface{ float32 | float64 | int64 }

// view is the same memory as elements of another type, in the byte order of the machine, which is little-endian wherever tests run.
func view[T any](b []byte) []T {
	if len(b) == 0 {
		return nil
	}
	var zero T
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(b))), len(b)/int(unsafe.Sizeof(zero)))
}

// loadNumbers reads elements from position at on. An array of one element gives it as often as is asked. Unsigned integers of 64 bits
// come as the int64 of the same bits.
func loadNumbers[T number](a Array, at int, out []T) {
	if len(a.Data) == a.Type.Elem.Bytes() {
		if at = 0; len(out) > 1 {
			loadNumbers(a, 0, out[:1])
			for i := range out {
				out[i] = out[0]
			}
			return
		}
	}
	switch a.Type.Elem {
	case mlir.F64:
		widen(out, view[float64](a.Data)[at:])
	case mlir.F32:
		widen(out, view[float32](a.Data)[at:])
	case mlir.I64, mlir.UI64, mlir.Index:
		widen(out, view[int64](a.Data)[at:])
	case mlir.I32:
		widen(out, view[int32](a.Data)[at:])
	case mlir.UI32:
		widen(out, view[uint32](a.Data)[at:])
	case mlir.I16:
		widen(out, view[int16](a.Data)[at:])
	case mlir.UI16:
		widen(out, view[uint16](a.Data)[at:])
	case mlir.I8:
		widen(out, view[int8](a.Data)[at:])
	case mlir.UI8, mlir.I1:
		widen(out, a.Data[at:])
	default:
		size := a.Type.Elem.Bytes()
		for i := range out {
			out[i] = T(a.Type.Elem.FloatAt(a.Data[(at+i)*size:]))
		}
	}
}

func widen[T number, S number | uint8 | int8 | uint16 | int16 | uint32 | int32](out []T, in []S) {
	for i, v := range in[:len(out)] {
		out[i] = T(v)
	}
}

// storeNumbers rounds numbers to the type of the array; integers keep their low bits.
func storeNumbers[T number](a Array, at int, in []T) {
	e, size := a.Type.Elem, a.Type.Elem.Bytes()
	switch e {
	case mlir.F32:
		widen(view[float32](a.Data)[at:at+len(in)], in)
	case mlir.I64, mlir.UI64, mlir.Index:
		widen(view[int64](a.Data)[at:at+len(in)], in)
	default:
		for i, v := range in {
			if b := a.Data[(at+i)*size:]; e.Float() {
				e.PutFloat(b, float64(v))
			} else {
				e.PutInt(b, uint64(v))
			}
		}
	}
}

// numbers are all elements; those of the same type are not copied.
func numbers[T number](a Array) []T {
	var zero T
	switch any(zero).(type) {
	case float32:
		if a.Type.Elem == mlir.F32 {
			return view[T](a.Data)
		}
	case float64:
		if a.Type.Elem == mlir.F64 {
			return view[T](a.Data)
		}
	}
	out := make([]T, a.Type.Elements())
	parallel(len(out), 1<<14, func(lo, hi int) { loadNumbers(a, lo, out[lo:hi]) })
	return out
}

// parallel splits n into pieces of the given size over all CPUs.
func parallel(n, piece int, do func(lo, hi int)) {
	workers := min(runtime.GOMAXPROCS(0), (n+piece-1)/piece)
	if workers <= 1 {
		if n > 0 {
			do(0, n)
		}
		return
	}
	var next atomic.Int64
	var wait sync.WaitGroup
	panics := make(chan any, workers)
	for range workers {
		wait.Go(func() {
			defer func() {
				if p := recover(); p != nil {
					panics <- p
				}
			}()
			for {
				lo := int(next.Add(int64(piece))) - piece
				if lo >= n {
					return
				}
				do(lo, min(lo+piece, n))
			}
		})
	}
	wait.Wait()
	select {
	case p := <-panics:
		panic(p)
	default:
	}
}

// place says where the elements of an index space lie in an array: base + the sum of index times stride.
type place struct {
	base    int
	strides []int
}

// dense is the place of a row-major array.
func dense(shape []int) place {
	p := place{strides: make([]int, len(shape))}
	n := 1
	for i := len(shape) - 1; i >= 0; i-- {
		p.strides[i], n = n, n*shape[i]
	}
	return p
}

// pick are the elements of a list at the given positions.
func pick(list, at []int) []int {
	out := make([]int, len(at))
	for i, a := range at {
		out[i] = list[a]
	}
	return out
}

func product(list []int) int {
	n := 1
	for _, v := range list {
		n *= v
	}
	return n
}

// copyStrided copies an index space of elements of size bytes from one place to another.
func copyStrided(size int, shape []int, dst []byte, to place, src []byte, from place) {
	if product(shape) == 0 {
		return
	}
	switch size {
	case 1:
		copyElements(shape, dst, to, src, from)
	case 2:
		copyElements(shape, view[uint16](dst), to, view[uint16](src), from)
	case 4:
		copyElements(shape, view[uint32](dst), to, view[uint32](src), from)
	case 8:
		copyElements(shape, view[uint64](dst), to, view[uint64](src), from)
	}
}

func copyElements[T any](shape []int, dst []T, to place, src []T, from place) {
	s, t, f := merge(shape, to.strides, from.strides)
	if len(s) == 0 {
		dst[to.base] = src[from.base]
		return
	}
	rest := product(s[1:])
	parallel(s[0], max(1, 1<<15/rest), func(lo, hi int) {
		outer := append([]int{hi - lo}, s[1:]...)
		copyLoop(outer, dst, place{to.base + lo*t[0], t}, src, place{from.base + lo*f[0], f})
	})
}

// merge drops dimensions of one element and joins those that both places step through as one.
func merge(shape, to, from []int) (s, t, f []int) {
	for i, n := range shape {
		if n == 1 {
			continue
		}
		if k := len(s) - 1; k >= 0 && t[k] == to[i]*n && f[k] == from[i]*n {
			s[k], t[k], f[k] = s[k]*n, to[i], from[i]
			continue
		}
		s, t, f = append(s, n), append(t, to[i]), append(f, from[i])
	}
	return s, t, f
}

func copyLoop[T any](shape []int, dst []T, to place, src []T, from place) {
	n, t, f := shape[0], to.strides[0], from.strides[0]
	d, s := to.base, from.base
	switch {
	case len(shape) == 1 && t == 1 && f == 1:
		copy(dst[d:d+n], src[s:s+n])
	case len(shape) == 1:
		for range n {
			dst[d] = src[s]
			d, s = d+t, s+f
		}
	case len(shape) == 2 && f == 1 && from.strides[1] != 1:
		transposeLoop(shape, dst, to, src, from)
	default:
		for range n {
			copyLoop(shape[1:], dst, place{d, to.strides[1:]}, src, place{s, from.strides[1:]})
			d, s = d+t, s+f
		}
	}
}

// transposeLoop reads tiles, so that the lines of the cache that it reads are used whole.
func transposeLoop[T any](shape []int, dst []T, to place, src []T, from place) {
	const tile = 16
	for i0 := 0; i0 < shape[0]; i0 += tile {
		for j0 := 0; j0 < shape[1]; j0 += tile {
			for i := i0; i < min(i0+tile, shape[0]); i++ {
				d, s := to.base+i*to.strides[0]+j0*to.strides[1], from.base+i*from.strides[0]+j0*from.strides[1]
				for range min(tile, shape[1]-j0) {
					dst[d] = src[s]
					d, s = d+to.strides[1], s+from.strides[1]
				}
			}
		}
	}
}

// next steps an index through a shape in row-major order, and tells whether there was a next one.
func next(index, shape []int) bool {
	for i := len(index) - 1; i >= 0; i-- {
		if index[i]++; index[i] < shape[i] {
			return true
		}
		index[i] = 0
	}
	return false
}

// dot is the sum of products of two lists.
func dot(a, b []int) int {
	n := 0
	for i, v := range a {
		n += v * b[i]
	}
	return n
}

// others are the numbers below n that are in none of the lists.
func others(n int, lists ...[]int) []int {
	var out []int
	for i := range n {
		if !slices.ContainsFunc(lists, func(l []int) bool { return slices.Contains(l, i) }) {
			out = append(out, i)
		}
	}
	return out
}

// saturate is v as an integer of the type: without its fraction, at most the extremes, 0 for NaN.
func saturate(v float64, e mlir.Elem) int64 {
	bits := e.Bits()
	lo, hi := -math.Ldexp(1, bits-1), math.Ldexp(1, bits-1)
	if e.Unsigned() {
		lo, hi = 0, math.Ldexp(1, bits)
	}
	v = math.Trunc(v)
	switch {
	case v != v:
		return 0
	case v <= lo:
		return int64(lo)
	case v >= hi && e.Unsigned():
		return int64(^uint64(0) >> (64 - bits))
	case v >= hi:
		return int64(uint64(1)<<(bits-1) - 1)
	case e.Unsigned():
		return int64(uint64(v))
	}
	return int64(v)
}
