package hf

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"

	"github.com/accelbench/accelbench/internal/half"
)

// Tensor is one tensor of a folder: its name and element type (F32, BF16, ...) as in the file, and its shape, row-major.
type Tensor struct {
	Name  string
	DType string
	Shape []int
	file  string
	data  *io.SectionReader
}

// Elements is the number of elements: the product of the shape, 1 for a scalar.
func (t *Tensor) Elements() int {
	n := 1
	for _, d := range t.Shape {
		n *= d
	}
	return n
}

// readBytes bounds the buffer between file and result.
const readBytes = 256 << 10

// Fill writes the elements first, first+1, ... to dst, as float32: exactly for F32, F16 and BF16, rounded to nearest even
// for F64. Other types are [ErrUnsupported]. It may be called concurrently.
func (t *Tensor) Fill(first int, dst []float32) error {
	width, err := t.check(first, len(dst))
	if err != nil {
		return err
	}
	buf := make([]byte, min(readBytes, len(dst)*width))
	for len(dst) > 0 {
		n := min(len(dst), len(buf)/width)
		if err := t.read(buf[:n*width], first*width); err != nil {
			return err
		}
		convert(t.DType, buf[:n*width], dst[:n])
		first, dst = first+n, dst[n:]
	}
	return nil
}

// A transposition goes through tiles of tileRows by tileCols elements: some 256 KiB, and reads of a kilobyte or more.
// tilePad keeps the elements of a column of the tile from falling on the same cache sets.
const (
	tileRows = 64
	tileCols = 1024
	tilePad  = 16
)

// wholeRows is the size in bytes of a row up to which a tile is read at one go, unused columns included: copying that much
// costs about as much as one more call of the system.
const wholeRows = 4096

// FillTransposed writes the elements first, first+1, ... of the transposed matrix to dst: for a tensor of shape [r, c],
// element i is row i%r of column i/r. Calls that cover many whole columns are the fast ones: each row is then read in long
// pieces. Types are those of [Tensor.Fill]. It may be called concurrently.
func (t *Tensor) FillTransposed(first int, dst []float32) error {
	width, err := t.check(first, len(dst))
	if err != nil {
		return err
	}
	if len(t.Shape) != 2 {
		return fmt.Errorf("transposing tensor %s of %s: shape %v is not a matrix", t.Name, t.file, t.Shape)
	}
	if len(dst) == 0 {
		return nil
	}
	rows := t.Shape[0]
	last := first + len(dst) - 1
	from, to := 0, rows // a range within one column needs only its rows
	if first/rows == last/rows {
		from, to = first%rows, last%rows+1
	}
	columns := last/rows + 1 - first/rows
	w := tile{tensor: t, width: width, pitch: min(tileCols, columns) + tilePad}
	w.values = make([]float32, min(tileRows, to-from)*w.pitch)
	for c := first / rows; c <= last/rows; c += tileCols {
		w.c0, w.c1 = c, min(c+tileCols, last/rows+1)
		for r := from; r < to; r += tileRows {
			w.r0, w.r1 = r, min(r+tileRows, to)
			if err := w.load(); err != nil {
				return err
			}
			w.store(first, dst)
		}
	}
	return nil
}

// tile is a part of a matrix on its way to the transposed one: rows r0 to r1, columns c0 to c1, in rows of pitch values.
type tile struct {
	tensor         *Tensor
	width          int // of an element in the file, in bytes
	r0, r1, c0, c1 int
	pitch          int
	values         []float32
	buf            []byte
}

func (w *tile) load() error {
	stride := w.tensor.Shape[1] * w.width
	rows, n := w.r1-w.r0, (w.c1-w.c0)*w.width
	at := w.r0*stride + w.c0*w.width
	if stride > wholeRows {
		for r := range rows {
			if err := w.tensor.read(w.bytes(n), at+r*stride); err != nil {
				return err
			}
			convert(w.tensor.DType, w.buf[:n], w.values[r*w.pitch:])
		}
		return nil
	}
	if err := w.tensor.read(w.bytes((rows-1)*stride+n), at); err != nil {
		return err
	}
	for r := range rows {
		convert(w.tensor.DType, w.buf[r*stride:r*stride+n], w.values[r*w.pitch:])
	}
	return nil
}

func (w *tile) bytes(n int) []byte {
	if len(w.buf) < n {
		w.buf = make([]byte, n)
	}
	return w.buf[:n]
}

// store writes the tile's part of the transposed elements from first on.
func (w *tile) store(first int, dst []float32) {
	for c := w.c0; c < w.c1; c++ {
		base := c*w.tensor.Shape[0] - first // of the column in dst
		lo, hi := max(w.r0, -base), min(w.r1, len(dst)-base)
		for r := lo; r < hi; r++ {
			dst[base+r] = w.values[(r-w.r0)*w.pitch+c-w.c0]
		}
	}
}

// check refuses types that have no float32 and ranges outside the tensor; it gives the width of an element in bytes.
func (t *Tensor) check(first, n int) (int, error) {
	switch t.DType {
	case "F64", "F32", "F16", "BF16":
	default:
		return 0, fmt.Errorf("%w: tensor %s of %s has type %s; F64, F32, F16 and BF16 are read", ErrUnsupported, t.Name, t.file, t.DType)
	}
	if total := t.Elements(); first < 0 || first > total || n > total-first {
		return 0, fmt.Errorf("reading tensor %s of %s: elements %d to %d of %d", t.Name, t.file, first, first+n, total)
	}
	bits, _ := bitsOf(t.DType)
	return bits / 8, nil
}

func (t *Tensor) read(buf []byte, at int) error {
	if n, err := t.data.ReadAt(buf, int64(at)); n < len(buf) {
		return fmt.Errorf("reading tensor %s of %s: %w", t.Name, t.file, err)
	}
	return nil
}

// convert turns the little-endian elements of src into the first values of dst.
func convert(dtype string, src []byte, dst []float32) {
	switch dtype {
	case "F64":
		for i := range len(src) / 8 {
			dst[i] = float32(math.Float64frombits(binary.LittleEndian.Uint64(src[8*i:])))
		}
	case "F32":
		for i := range len(src) / 4 {
			dst[i] = math.Float32frombits(binary.LittleEndian.Uint32(src[4*i:]))
		}
	case "BF16":
		for i := range len(src) / 2 {
			dst[i] = half.FromBFloat16(binary.LittleEndian.Uint16(src[2*i:]))
		}
	case "F16":
		for i := range len(src) / 2 {
			dst[i] = half.FromFloat16(binary.LittleEndian.Uint16(src[2*i:]))
		}
	}
}
