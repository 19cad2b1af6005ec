package onnxfile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

const (
	npyMagic = "\x93NUMPY"
	// maxNPYHeader bounds the text before the values; numpy itself refuses to read more than 10 000 characters.
	maxNPYHeader = 64 << 10
)

// Tensor is a dense tensor with its values.
type Tensor struct {
	Type  TensorType
	Shape []int64 // empty for a scalar
	Data  []byte  // row-major, little-endian, Type.Bytes() per element
}

// ReadNPY reads an array in numpy's own format, versions 1.0 to 3.0, of at most limit bytes of values: little-endian
// numbers in C order. The file must end with the array. The error is an [ErrFormat] for a damaged file, an [ErrInput]
// with the way out for an array that is too big, of another order or of another type, or that of r.
func ReadNPY(r io.Reader, limit int64) (*Tensor, error) {
	t, err := readNPY(r, limit)
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return nil, npyErrorf("the file ends too early")
	case err != nil:
		return nil, fmt.Errorf("numpy array: %w", err)
	}
	return t, nil
}

func npyErrorf(format string, args ...any) error {
	return fmt.Errorf("numpy array: %s: %w", fmt.Sprintf(format, args...), ErrFormat)
}

func readNPY(r io.Reader, limit int64) (*Tensor, error) {
	h, err := readNPYHeader(r)
	if err != nil {
		return nil, err
	}
	t := &Tensor{Shape: h.shape}
	if t.Type, err = npyType(h.descr); err != nil {
		return nil, err
	}
	if h.fortran && len(h.shape) > 1 {
		return nil, inputErrorf("it is in Fortran order: save it with np.save(file, np.ascontiguousarray(x))")
	}
	n, ok := elements(h.shape)
	if !ok || n > limit/int64(t.Type.Bytes()) {
		return nil, inputErrorf("shape %v of %s is more than the %d bytes allowed", h.shape, t.Type, limit)
	}
	// The buffer grows with what comes, not with what the header claims.
	var data bytes.Buffer
	if _, err := io.CopyN(&data, r, n*int64(t.Type.Bytes())); err != nil {
		return nil, err
	}
	switch more, err := r.Read(make([]byte, 1)); {
	case more > 0:
		return nil, fmt.Errorf("more bytes than shape %v of %s has: %w", h.shape, t.Type, ErrFormat)
	case err != nil && !errors.Is(err, io.EOF):
		return nil, err
	}
	t.Data = data.Bytes()
	if i := slices.IndexFunc(t.Data, func(v byte) bool { return v > 1 }); i >= 0 && t.Type == Bool {
		return nil, fmt.Errorf("element %d is a bool of value %d: %w", i, t.Data[i], ErrFormat)
	}
	return t, nil
}

// npyHeader is the dictionary before the values.
type npyHeader struct {
	descr   string
	fortran bool
	shape   []int64
}

func readNPYHeader(r io.Reader) (npyHeader, error) {
	head := make([]byte, len(npyMagic)+2)
	if _, err := io.ReadFull(r, head); err != nil {
		return npyHeader{}, err
	}
	major, minor := head[len(npyMagic)], head[len(npyMagic)+1]
	if string(head[:len(npyMagic)]) != npyMagic || major < 1 || major > 3 || minor != 0 {
		return npyHeader{}, fmt.Errorf("it does not start as a .npy file of version 1.0 to 3.0: %w", ErrFormat)
	}
	size := make([]byte, 4)
	if major == 1 {
		size = size[:2]
	}
	if _, err := io.ReadFull(r, size); err != nil {
		return npyHeader{}, err
	}
	n := binary.LittleEndian.Uint32(append(size, 0, 0)[:4])
	if n > maxNPYHeader {
		return npyHeader{}, fmt.Errorf("a header of %d bytes, at most %d are read: %w", n, maxNPYHeader, ErrFormat)
	}
	text := make([]byte, n)
	if _, err := io.ReadFull(r, text); err != nil {
		return npyHeader{}, err
	}
	p := npyParser{rest: string(text)}
	h, ok := p.dict()
	if !ok {
		return h, fmt.Errorf("the header is not understood at %.40q: %w", p.rest, ErrFormat)
	}
	return h, nil
}

// npyType is the type of a descr: byte order, kind and size.
func npyType(descr string) (TensorType, error) {
	switch descr {
	case "<f2":
		return F16, nil
	case "<f4":
		return F32, nil
	case "<f8":
		return F64, nil
	case "|b1":
		return Bool, nil
	case "|i1":
		return I8, nil
	case "|u1":
		return U8, nil
	case "<i2":
		return I16, nil
	case "<i4":
		return I32, nil
	case "<i8":
		return I64, nil
	case "<u2":
		return U16, nil
	case "<u4":
		return U32, nil
	case "<u8":
		return U64, nil
	}
	if size, big := strings.CutPrefix(descr, ">"); big {
		if _, err := npyType("<" + size); err == nil {
			return Undefined, inputErrorf("it is big-endian (%s): save it with x.astype('<%s')", descr, size)
		}
	}
	return Undefined, inputErrorf("its type %q is not a plain number: save it as one of them, such as x.astype('<f4')", descr)
}

// npyParser reads the one form of Python literal that numpy writes:
// {'descr': '<f4', 'fortran_order': False, 'shape': (1, 3), }
type npyParser struct{ rest string }

// dict reads the whole header: these three keys, in any order, and nothing else.
func (p *npyParser) dict() (h npyHeader, ok bool) {
	if !p.take("{") {
		return h, false
	}
	seen := map[string]bool{}
	for !p.take("}") {
		key, ok := p.quoted()
		if !ok || seen[key] || !p.take(":") {
			return h, false
		}
		seen[key] = true
		switch key {
		case "descr":
			h.descr, ok = p.descr()
		case "fortran_order":
			h.fortran = p.take("True")
			ok = h.fortran || p.take("False")
		case "shape":
			h.shape, ok = p.shape()
		default:
			return h, false
		}
		if !ok || !p.take(",") && !strings.HasPrefix(p.rest, "}") {
			return h, false
		}
	}
	return h, len(seen) == 3 && p.rest == ""
}

// descr reads a type; that of a record is a list, which is kept as its text up to the end of the list.
func (p *npyParser) descr() (string, bool) {
	if !strings.HasPrefix(p.rest, "[") {
		return p.quoted()
	}
	list, after, found := strings.Cut(p.rest, "]")
	if found {
		p.rest = strings.TrimLeft(after, " \n")
	}
	return list + "]", found
}

func (p *npyParser) shape() ([]int64, bool) {
	shape := []int64{}
	if !p.take("(") {
		return nil, false
	}
	for !p.take(")") {
		digits := p.rest[:len(p.rest)-len(strings.TrimLeft(p.rest, "0123456789"))]
		d, err := strconv.ParseInt(digits, 10, 64)
		if err != nil || len(shape) == maxRank {
			return nil, false
		}
		shape = append(shape, d)
		// A tuple of one has its comma: without it Python reads a number.
		p.rest = strings.TrimLeft(p.rest[len(digits):], " \n")
		if !p.take(",") && (len(shape) == 1 || !strings.HasPrefix(p.rest, ")")) {
			return nil, false
		}
	}
	return shape, true
}

// quoted reads a string without escapes.
func (p *npyParser) quoted() (string, bool) {
	for _, quote := range []string{"'", `"`} {
		if rest, found := strings.CutPrefix(p.rest, quote); found {
			text, after, closed := strings.Cut(rest, quote)
			if !closed || strings.Contains(text, `\`) {
				return "", false
			}
			p.rest = strings.TrimLeft(after, " \n")
			return text, true
		}
	}
	return "", false
}

// take passes over token and the space behind it, if the token is next.
func (p *npyParser) take(token string) bool {
	rest, found := strings.CutPrefix(p.rest, token)
	if found {
		p.rest = strings.TrimLeft(rest, " \n")
	}
	return found
}
