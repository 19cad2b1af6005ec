package hf

import (
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"
)

// A safetensors file is the length of its header (8 bytes, little-endian), the header, and the data. The header is a JSON
// object: {"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [begin, end]}, ...}, offsets counted from the start of
// the data, and optionally "__metadata__", an object of strings.

// maxHeader is the limit of the reference implementation.
const maxHeader = 100_000_000

// bitsOf is the width of one element; false for types that the format does not know.
func bitsOf(dtype string) (int, bool) {
	switch dtype {
	case "F64", "I64", "U64", "C64":
		return 64, true
	case "F32", "I32", "U32":
		return 32, true
	case "F16", "BF16", "I16", "U16":
		return 16, true
	case "BOOL", "U8", "I8", "F8_E4M3", "F8_E5M2", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ":
		return 8, true
	case "F6_E2M3", "F6_E3M2":
		return 6, true
	case "F4":
		return 4, true
	}
	return 0, false
}

// extent is one tensor as its header describes it; begin and end are byte offsets in the data.
type extent struct {
	name, dtype string
	shape       []int
	begin, end  int64
}

// readHeader reads the tensors of a file of the given size. Their data fill the file without overlap or gap. Errors wrap
// [ErrFormat].
func readHeader(file string, r io.ReaderAt, size int64) ([]*Tensor, error) {
	var prefix [8]byte
	if n, err := r.ReadAt(prefix[:], 0); n < len(prefix) {
		return nil, fmt.Errorf("%w: no room for the header length: %w", ErrFormat, err)
	}
	length := binary.LittleEndian.Uint64(prefix[:])
	if length > maxHeader || int64(length) > size-int64(len(prefix)) {
		return nil, fmt.Errorf("%w: header length %d, in a file of %d bytes, at most %d allowed", ErrFormat, length, size, maxHeader)
	}
	start := int64(len(prefix)) + int64(length)
	extents, err := parseHeader(io.NewSectionReader(r, int64(len(prefix)), int64(length)))
	if err != nil {
		return nil, fmt.Errorf("%w: header: %w", ErrFormat, err)
	}
	if err := checkExtents(extents, size-start); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	tensors := make([]*Tensor, len(extents))
	for i, e := range extents {
		tensors[i] = &Tensor{Name: e.name, DType: e.dtype, Shape: e.shape, file: file,
			data: io.NewSectionReader(r, start+e.begin, e.end-e.begin)}
	}
	return tensors, nil
}

func parseHeader(r io.ReadSeeker) ([]extent, error) {
	var first [1]byte
	if _, err := io.ReadFull(r, first[:]); err != nil || first[0] != '{' {
		return nil, errors.New("does not begin with {")
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	var extents []extent
	d := json.NewDecoder(r)
	err := object(d, func(name string) error {
		if name == "__metadata__" {
			var texts map[string]string
			return d.Decode(&texts)
		}
		e, err := parseExtent(d, name)
		extents = append(extents, e)
		return err
	})
	if err != nil {
		return nil, err
	}
	return extents, atEnd(d)
}

func parseExtent(d *json.Decoder, name string) (extent, error) {
	e := extent{name: name}
	var shape []*int
	var offsets []*int64
	err := object(d, func(key string) error {
		switch key {
		case "dtype":
			return d.Decode(&e.dtype)
		case "shape":
			return d.Decode(&shape)
		case "data_offsets":
			return d.Decode(&offsets)
		}
		var ignored json.RawMessage
		return d.Decode(&ignored)
	})
	if err != nil {
		return e, err
	}
	if shape == nil {
		return e, errors.New("no shape")
	}
	for _, n := range shape {
		if n == nil || *n < 0 {
			return e, errors.New("a dimension that is null or negative")
		}
		e.shape = append(e.shape, *n)
	}
	if len(offsets) != 2 || offsets[0] == nil || offsets[1] == nil {
		return e, errors.New("data_offsets is not [begin, end]")
	}
	e.begin, e.end = *offsets[0], *offsets[1]
	size, err := byteSize(e.dtype, e.shape)
	if err != nil {
		return e, err
	}
	if e.begin < 0 || e.end < e.begin || e.end-e.begin != size {
		return e, fmt.Errorf("data_offsets [%d, %d] for %d bytes of %s %v", e.begin, e.end, size, e.dtype, e.shape)
	}
	return e, nil
}

func byteSize(dtype string, shape []int) (int64, error) {
	bits, ok := bitsOf(dtype)
	if !ok {
		return 0, fmt.Errorf("unknown dtype %q", shorten(dtype))
	}
	n := int64(1)
	for _, d := range shape {
		if d != 0 && n > math.MaxInt64/64/int64(d) {
			return 0, fmt.Errorf("shape %v is too large", shape)
		}
		n *= int64(d)
	}
	if n*int64(bits)%8 != 0 {
		return 0, fmt.Errorf("%s %v does not end at a byte", dtype, shape)
	}
	return n * int64(bits) / 8, nil
}

// checkExtents sorts the tensors by their place and requires that they fill the data, as the reference implementation does.
func checkExtents(extents []extent, size int64) error {
	slices.SortStableFunc(extents, func(a, b extent) int {
		return cmp.Or(cmp.Compare(a.begin, b.begin), cmp.Compare(a.end, b.end))
	})
	at := int64(0)
	for _, e := range extents {
		switch {
		case e.begin < at:
			return fmt.Errorf("tensor %q begins at %d, inside the one that ends at %d", shorten(e.name), e.begin, at)
		case e.begin > at:
			return fmt.Errorf("tensor %q begins at %d: no tensor owns the bytes from %d", shorten(e.name), e.begin, at)
		case e.end > size:
			return fmt.Errorf("tensor %q ends at %d of %d bytes of data: is the file truncated?", shorten(e.name), e.end, size)
		}
		at = e.end
	}
	if at != size {
		return fmt.Errorf("%d bytes of data, of which no tensor owns those from %d", size, at)
	}
	return nil
}

// readIndex reads which file holds each tensor. Errors wrap [ErrFormat].
func readIndex(r io.ReaderAt, size int64) (map[string]string, error) {
	if size > maxHeader {
		return nil, fmt.Errorf("%w: %d bytes, more than %d", ErrFormat, size, maxHeader)
	}
	d := json.NewDecoder(io.NewSectionReader(r, 0, size))
	shardOf := map[string]string{}
	err := object(d, func(key string) error {
		if key != "weight_map" {
			var ignored json.RawMessage
			return d.Decode(&ignored)
		}
		return object(d, func(tensor string) error {
			var shard string
			if err := d.Decode(&shard); err != nil {
				return err
			}
			// The text comes from outside and must not lead out of the folder.
			if !filepath.IsLocal(shard) || strings.ContainsAny(shard, `/\`) {
				return fmt.Errorf("%q is not the name of a file in the folder", shorten(shard))
			}
			shardOf[tensor] = shard
			return nil
		})
	})
	if err == nil {
		err = atEnd(d)
	}
	if err == nil && len(shardOf) == 0 {
		err = errors.New("no weight_map, or an empty one")
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	return shardOf, nil
}

// object reads a JSON object from d; member reads the value of each key. Unlike encoding/json it keeps the case of keys
// apart and refuses keys that come twice.
func object(d *json.Decoder, member func(key string) error) error {
	open, err := d.Token()
	if err != nil {
		return err
	}
	if open != json.Delim('{') {
		return fmt.Errorf("%s where an object belongs", shorten(fmt.Sprint(open)))
	}
	seen := map[string]bool{}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return err
		}
		key, ok := token.(string)
		switch {
		case !ok || strings.ContainsRune(key, utf8.RuneError): // the decoder's mark for bytes that are not UTF-8
			return fmt.Errorf("key %q is not UTF-8 text", shorten(key))
		case seen[key]:
			return fmt.Errorf("key %q comes twice", shorten(key))
		}
		seen[key] = true
		if err := member(key); err != nil {
			return fmt.Errorf("%s: %w", shorten(key), err)
		}
	}
	_, err = d.Token()
	return err
}

// atEnd requires that only white space follows.
func atEnd(d *json.Decoder) error {
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("text after the object")
	}
	return nil
}

// shorten bounds foreign text in messages.
func shorten(s string) string {
	const most = 100
	if len(s) > most {
		return strings.ToValidUTF8(s[:most], "") + "..."
	}
	return s
}
