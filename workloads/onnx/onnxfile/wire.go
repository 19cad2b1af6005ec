package onnxfile

import (
	"errors"
	"fmt"
	"io"

	"google.golang.org/protobuf/encoding/protowire"
)

// maxText bounds one name or other text, in bytes.
const maxText = 64 << 10

// limits bound the work and the memory that one file may cause.
type limits struct {
	records int64 // protobuf records looked at
	kept    int64 // bytes of names and shapes that stay
}

// scan walks the records of protobuf messages in a file through a small window. Offsets are from the start of the file.
type scan struct {
	r      io.ReaderAt
	size   int64
	pos    int64
	left   limits
	base   int64 // offset of the window
	filled int
	window [4096]byte
}

// record is one field of a message: its value for numbers, the place of its bytes otherwise.
type record struct {
	num     protowire.Number
	typ     protowire.Type
	message string // the message it belongs to
	at      int64  // where its value starts
	value   uint64 // of VarintType, Fixed32Type and Fixed64Type
	end     int64  // of BytesType: where its bytes end
}

func newScan(r io.ReaderAt, size int64, l limits) *scan { return &scan{r: r, size: size, left: l} }

func formatErrorf(at int64, format string, args ...any) error {
	return fmt.Errorf("at byte %d: %s: %w", at, fmt.Sprintf(format, args...), ErrFormat)
}

// each calls visit for every record from here to end. What visit leaves unread of a record is passed over unseen.
func (s *scan) each(message string, end int64, visit func(record) error) error {
	for s.pos < end {
		f, err := s.next(message, end)
		if err != nil {
			return err
		}
		if err := visit(f); err != nil {
			return err
		}
		if f.typ == protowire.BytesType {
			s.pos = f.end
		}
	}
	return nil
}

func (s *scan) next(message string, end int64) (record, error) {
	f := record{message: message}
	if s.left.records--; s.left.records < 0 {
		return f, formatErrorf(s.pos, "more records than any model has")
	}
	start := s.pos
	tag, err := s.varint(message, end)
	if err != nil {
		return f, err
	}
	f.num, f.typ = protowire.DecodeTag(tag)
	if !f.num.IsValid() {
		return f, formatErrorf(start, "%s: invalid field number", message)
	}
	f.at = s.pos
	switch f.typ {
	case protowire.VarintType:
		f.value, err = s.varint(message, end)
	case protowire.Fixed32Type:
		f.value, err = s.fixed(message, 4, end)
	case protowire.Fixed64Type:
		f.value, err = s.fixed(message, 8, end)
	case protowire.BytesType:
		var n uint64
		n, err = s.varint(message, end)
		if err == nil && n > uint64(end-s.pos) {
			err = formatErrorf(f.at, "%s: field %d claims %d bytes, %d are left", message, f.num, n, end-s.pos)
		}
		f.at, f.end = s.pos, s.pos+int64(n)
	default:
		// ONNX has no groups, and 6 and 7 mean nothing in protobuf.
		err = formatErrorf(start, "%s: field %d has wire type %d", message, f.num, f.typ)
	}
	return f, err
}

func (s *scan) varint(message string, end int64) (uint64, error) {
	b, err := s.peek(protowire.SizeVarint(1<<63), end)
	if err != nil {
		return 0, err
	}
	v, n := protowire.ConsumeVarint(b)
	switch {
	case n < 0 && errors.Is(protowire.ParseError(n), io.ErrUnexpectedEOF):
		return 0, formatErrorf(s.pos, "%s: it ends within a number", message)
	case n < 0:
		return 0, formatErrorf(s.pos, "%s: a number of more than 64 bits", message)
	}
	s.pos += int64(n)
	return v, nil
}

func (s *scan) fixed(message string, size int, end int64) (uint64, error) {
	b, err := s.peek(size, end)
	if err != nil {
		return 0, err
	}
	if len(b) < size {
		return 0, formatErrorf(s.pos, "%s: a number of %d bytes, %d are left", message, size, len(b))
	}
	var v uint64
	for i := range size {
		v |= uint64(b[i]) << (8 * i)
	}
	s.pos += int64(size)
	return v, nil
}

// peek is the next n bytes, or fewer where end is nearer; it does not move. n is at most the window.
func (s *scan) peek(n int, end int64) ([]byte, error) {
	n = int(min(int64(n), end-s.pos))
	if s.pos < s.base || s.pos+int64(n) > s.base+int64(s.filled) {
		if err := s.read(s.window[:min(int64(len(s.window)), s.size-s.pos)], n); err != nil {
			return nil, err
		}
	}
	from := int(s.pos - s.base)
	return s.window[from : from+n], nil
}

// read fills the window from here, with at least need bytes.
func (s *scan) read(into []byte, need int) error {
	n, err := s.r.ReadAt(into, s.pos)
	s.base, s.filled = s.pos, n
	switch {
	case n >= need:
		return nil
	case err == nil || errors.Is(err, io.EOF):
		return formatErrorf(s.pos+int64(n), "the file ends here, before its size of %d", s.size)
	}
	return fmt.Errorf("at byte %d: %w", s.pos, err)
}

// sub walks the message that f holds.
func (s *scan) sub(f record, message string, visit func(record) error) error {
	if err := s.want(f, protowire.BytesType); err != nil {
		return err
	}
	return s.each(message, f.end, visit)
}

// number is the value of a record that must be a varint.
func (s *scan) number(f record) (int64, error) {
	return int64(f.value), s.want(f, protowire.VarintType)
}

// text is a name or another short text; it is not checked to be UTF-8, as other readers do not check it either.
func (s *scan) text(f record) (string, error) {
	if err := s.want(f, protowire.BytesType); err != nil {
		return "", err
	}
	if f.end-f.at > maxText {
		return "", formatErrorf(f.at, "%s: a text of %d bytes, at most %d are read", f.message, f.end-f.at, maxText)
	}
	var out []byte
	for s.pos < f.end {
		b, err := s.peek(len(s.window), f.end)
		if err != nil {
			return "", err
		}
		out = append(out, b...)
		s.pos += int64(len(b))
	}
	return string(out), nil
}

// numbers appends the varints of a repeated field, which may be packed or not, up to most of them.
func (s *scan) numbers(f record, list []int64, most int) ([]int64, error) {
	if f.typ == protowire.VarintType {
		list = append(list, int64(f.value))
	} else if err := s.want(f, protowire.BytesType); err != nil {
		return nil, err
	}
	for f.typ == protowire.BytesType && s.pos < f.end && len(list) <= most {
		v, err := s.varint(f.message, f.end)
		if err != nil {
			return nil, err
		}
		list = append(list, int64(v))
	}
	if len(list) > most {
		return nil, formatErrorf(f.at, "%s: more than %d dimensions", f.message, most)
	}
	return list, nil
}

func (s *scan) want(f record, typ protowire.Type) error {
	if f.typ != typ {
		return formatErrorf(f.at, "%s: field %d has wire type %d, not %d", f.message, f.num, f.typ, typ)
	}
	return nil
}

// keep accounts for memory that stays after the scan.
func (s *scan) keep(bytes int) error {
	if s.left.kept -= int64(bytes); s.left.kept < 0 {
		return formatErrorf(s.pos, "more names and shapes than any model has")
	}
	return nil
}
