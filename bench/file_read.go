package bench

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"strings"
)

// ErrNoResults is wrapped when what was read holds no result.
var ErrNoResults = errors.New("holds no results")

// SyntaxError is a fault in a text that was read: results or a plan. Line and Column count from 1, Column in bytes.
type SyntaxError struct {
	File   string
	Line   int
	Column int
	Err    error // what is wrong and what was expected
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("%s:%d:%d: %v", e.File, e.Line, e.Column, e.Err)
}

// Unwrap is what is wrong.
func (e *SyntaxError) Unwrap() error { return e.Err }

// ReadFile reads a results file; see [Read].
func ReadFile(path string) (results []Result, warnings []string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, fmt.Errorf("reading results: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return Read(f, path)
}

// Read reads results, one JSON object per line, of the schema [Schema]; name stands in errors and warnings. Fields that it
// does not know are skipped. A last line without an end that is no result was cut by a crash: it becomes a warning. Any
// other line that is no result is a [*SyntaxError], and nothing to read an error that wraps [ErrNoResults].
func Read(r io.Reader, name string) (results []Result, warnings []string, err error) {
	in := newLines(r)
	for number := 1; ; number++ {
		line, ended, err := in.next()
		switch {
		case errors.Is(err, io.EOF):
			if len(results) == 0 && len(warnings) > 0 {
				return nil, warnings, fmt.Errorf("%s %w: its only line was cut short by a crash", name, ErrNoResults)
			}
			if len(results) == 0 {
				return nil, warnings, fmt.Errorf("%s %w", name, ErrNoResults)
			}
			return results, warnings, nil
		case errors.Is(err, errLongLine):
			return nil, nil, &SyntaxError{name, number, MaxLine, err}
		case err != nil:
			return nil, nil, fmt.Errorf("reading results: %s: %w", name, err)
		}
		result, column, err := parseResult(line)
		switch {
		case err == nil:
			results = append(results, result)
		case !ended:
			warnings = append(warnings, fmt.Sprintf("%s:%d: the last line was cut short by a crash and is left out", name, number))
		default:
			return nil, nil, &SyntaxError{name, number, column, err}
		}
	}
}

var errLongLine = fmt.Errorf("line is longer than %d bytes", MaxLine)

// lines splits a text; its memory is bounded by MaxLine.
type lines struct {
	in  *bufio.Reader
	buf []byte
}

func newLines(r io.Reader) *lines { return &lines{in: bufio.NewReaderSize(r, 64<<10)} }

// next is the next line without its newline, valid until the next call; ended tells whether it had one. After the last
// line the error is io.EOF.
func (l *lines) next() (line []byte, ended bool, err error) {
	l.buf = l.buf[:0]
	for {
		part, err := l.in.ReadSlice('\n')
		if len(l.buf)+len(part) > MaxLine {
			return nil, false, errLongLine
		}
		l.buf = append(l.buf, part...)
		switch {
		case err == nil:
			return l.buf[:len(l.buf)-1], true, nil
		case errors.Is(err, io.EOF) && len(l.buf) > 0:
			return l.buf, false, nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, false, err
		}
	}
}

// parseResult reads one line; on an error, column is where it lies.
func parseResult(line []byte) (r Result, column int, err error) {
	if len(bytes.TrimSpace(line)) == 0 {
		return Result{}, 1, errors.New("expected a result as a JSON object, found an empty line")
	}
	if err := json.Unmarshal(line, &r); err != nil {
		// A result of another version may differ in anything: say that first.
		var head struct {
			Schema string `json:"schema"`
		}
		if json.Unmarshal(line, &head) == nil && head.Schema != "" && head.Schema != Schema {
			return Result{}, offsetOf(line, "schema"), wrongSchema(head.Schema)
		}
		column, err := explain(err)
		return Result{}, column, err
	}
	if err := r.check(); err != nil {
		var field *fieldError
		if errors.As(err, &field) {
			return Result{}, offsetOf(line, strings.Split(field.path, ".")...), err
		}
		return Result{}, 1, err
	}
	return r, 0, nil
}

// explain says where a JSON error lies and what was expected there.
func explain(err error) (column int, explained error) {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return max(int(syntax.Offset), 1), fmt.Errorf("expected a result as a JSON object on one line: %w", err)
	case errors.As(err, &kind):
		where := kind.Field
		if where == "" {
			where = "the line"
		}
		return max(int(kind.Offset), 1), fmt.Errorf("%s: expected %s, found %s", where, expected(kind.Type), kind.Value)
	}
	return 1, fmt.Errorf("expected a result: %w", err)
}

func expected(t reflect.Type) string {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.String:
		return "a text"
	case reflect.Bool:
		return "true or false"
	case reflect.Float32, reflect.Float64:
		return "a number"
	case reflect.Struct, reflect.Map:
		return "an object"
	case reflect.Slice, reflect.Array:
		return "a list"
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return "a whole number of 0 or more"
	}
	return "a whole number"
}

// offsetOf is the column of the key at a path of keys, or of the last one on the way that is there.
func offsetOf(line []byte, path ...string) int {
	in := json.NewDecoder(bytes.NewReader(line))
	column := 1
	for _, key := range path {
		if token, err := in.Token(); err != nil || token != json.Delim('{') {
			return column
		}
		for {
			if !in.More() {
				return column
			}
			token, err := in.Token()
			if err != nil {
				return column
			}
			if token == key {
				column = int(in.InputOffset()) - len(key) - 1 // its opening quote
				break
			}
			var skipped json.RawMessage
			if in.Decode(&skipped) != nil {
				return column
			}
		}
	}
	return column
}
