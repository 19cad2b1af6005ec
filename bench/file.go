package bench

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// MaxLine is the longest line of a results file, in bytes.
const MaxLine = 64 << 20

// ErrNotResults is wrapped when a file that is there holds something else than results.
var ErrNotResults = errors.New("no results file")

// ErrInUse is wrapped when another process appends to the file.
var ErrInUse = errors.New("in use")

// storage is the part of an os.File that appending needs.
type storage interface {
	io.WriteCloser
	Sync() error
	Truncate(size int64) error
}

// File is a results file open for appending. It holds a lock that keeps other invocations out and that the kernel takes
// back when the process ends, however it ends. It is used from one goroutine at a time.
type File struct {
	path    string
	out     storage
	regular bool
	length  int64 // of what is safely written
	written int
	torn    bool // something lies behind length
	warning string
}

// OpenFile opens a results file for appending, and makes it if it is not there. What would stop a later Append is found
// now as far as it can be: a directory, a missing parent, a read-only place, a file of something else, another invocation.
// A last line without an end is what a crash left: a whole result gets its end, a part of one is cut off, which
// [File.Warning] tells.
func OpenFile(path string) (*File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return nil, openError(path, err)
	}
	out := &File{path: path, out: f}
	if err := out.prepare(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return out, nil
}

func openError(path string, err error) error {
	const out = "choose a file with --out"
	switch parent := filepath.Dir(path); {
	case errors.Is(err, syscall.EISDIR):
		return fmt.Errorf("opening results file %s: it is a directory; %s", path, out)
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("opening results file %s: there is no directory %s; make it, or %s: %w", path, parent, out, err)
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return fmt.Errorf("opening results file %s: it may not be written; %s: %w", path, out, err)
	}
	return fmt.Errorf("opening results file %s: %w; %s", path, err, out)
}

func (f *File) prepare(file *os.File) error {
	info, err := file.Stat()
	if err != nil {
		return fmt.Errorf("opening results file %s: %w", f.path, err)
	}
	if !info.Mode().IsRegular() {
		return nil // a device or a pipe has no past and no lock
	}
	f.regular = true
	if err := lock(file); err != nil {
		return fmt.Errorf("results file %s: %w: another accelbench appends to it; wait for its end, or choose another file with --out",
			f.path, err)
	}
	// The length counts from under the lock.
	if info, err = file.Stat(); err != nil {
		return fmt.Errorf("opening results file %s: %w", f.path, err)
	}
	f.length = info.Size()
	if f.length == 0 {
		return nil
	}
	if err := f.recognise(file); err != nil {
		return err
	}
	return f.mend(file)
}

// opening is how every line begins, since encoding/json writes fields in the order of the struct.
const opening = `{"schema":"` + Schema + `"`

// recognise refuses to append to a file that holds something else.
func (f *File) recognise(file io.ReaderAt) error {
	line, _, err := newLines(io.NewSectionReader(file, 0, f.length)).next()
	if err != nil {
		return fmt.Errorf("results file %s: %w: %w; nothing was appended, choose another file with --out", f.path, ErrNotResults, err)
	}
	var head struct {
		Schema string `json:"schema"`
	}
	switch err := json.Unmarshal(line, &head); {
	case err == nil && head.Schema == Schema, bytes.HasPrefix(line, []byte(opening)):
		return nil
	case bytes.HasPrefix([]byte(opening), line) && int64(len(line)) == f.length:
		return nil // the beginning of a first result
	case err == nil && head.Schema != "":
		return fmt.Errorf("results file %s: %w: its first line has schema %q, this program appends %q; choose another file with --out",
			f.path, ErrNotResults, head.Schema, Schema)
	}
	return fmt.Errorf("results file %s: %w: its first line is no result (%.40q); nothing was appended, choose another file with --out",
		f.path, ErrNotResults, line)
}

// mend gives the last line its end, or cuts it off.
func (f *File) mend(file *os.File) error {
	tail, err := lastLine(file, f.length)
	if err != nil {
		return fmt.Errorf("results file %s: %w: %w; nothing was appended, choose another file with --out", f.path, ErrNotResults, err)
	}
	if len(tail) == 0 {
		return nil
	}
	if json.Valid(tail) {
		if err := f.write([]byte("\n")); err != nil {
			return fmt.Errorf("ending the last line of results file %s: %w", f.path, err)
		}
		return nil
	}
	f.length -= int64(len(tail))
	if err := file.Truncate(f.length); err != nil {
		return fmt.Errorf("cutting the broken last line off results file %s: %w", f.path, err)
	}
	f.warning = fmt.Sprintf("%s: the last result was cut short by a crash; its %d bytes were removed", f.path, len(tail))
	return nil
}

// lastLine is what stands behind the last newline of the first size bytes.
func lastLine(file io.ReaderAt, size int64) ([]byte, error) {
	for block := int64(64 << 10); ; block *= 2 {
		start := max(size-block, 0)
		buf := make([]byte, size-start)
		if _, err := file.ReadAt(buf, start); err != nil {
			return nil, fmt.Errorf("reading its end: %w", err)
		}
		if i := bytes.LastIndexByte(buf, '\n'); i >= 0 {
			return buf[i+1:], nil
		}
		if start == 0 {
			return buf, nil
		}
		if block > MaxLine {
			return nil, fmt.Errorf("its last line is longer than %d bytes", MaxLine)
		}
	}
}

// Path is the path that OpenFile was given.
func (f *File) Path() string { return f.path }

// Warning is what OpenFile mended with loss, in words; empty if nothing.
func (f *File) Warning() string { return f.warning }

// Append writes a result as one line and waits until it is on the disk. On an error the file is as it was before.
func (f *File) Append(r Result) error {
	if err := r.check(); err != nil {
		return fmt.Errorf("appending to %s: result %q is not complete: %w", f.path, r.ID, err)
	}
	line, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("appending to %s: encoding result %q: %w", f.path, r.ID, err)
	}
	if len(line) >= MaxLine {
		return fmt.Errorf("appending to %s: result %q takes %d bytes, above the limit of %d", f.path, r.ID, len(line), MaxLine)
	}
	if err := f.write(append(line, '\n')); err != nil {
		cause := "writing"
		if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
			cause = "disk full"
		}
		return fmt.Errorf("appending to %s: %s: %w; the results before this one are safe, %d of them from this run",
			f.path, cause, err, f.written)
	}
	f.written++
	return nil
}

func (f *File) write(line []byte) error {
	if err := f.untear(); err != nil {
		return err
	}
	n, err := f.out.Write(line)
	if err == nil && n < len(line) {
		err = io.ErrShortWrite
	}
	if err == nil && f.regular {
		err = f.out.Sync()
	}
	if err != nil {
		f.torn = true
		return errors.Join(err, f.untear())
	}
	f.length += int64(len(line))
	return nil
}

// untear takes back what a failed write left. If that fails too, a line without an end stays, which readers skip, and the
// next Append tries again.
func (f *File) untear() error {
	if !f.torn || !f.regular {
		return nil
	}
	if err := f.out.Truncate(f.length); err != nil {
		return fmt.Errorf("taking back a partial write: %w", err)
	}
	f.torn = false
	return nil
}

// Close gives the lock back. What was appended is on the disk before.
func (f *File) Close() error {
	if err := f.out.Close(); err != nil {
		return fmt.Errorf("closing results file %s: %w", f.path, err)
	}
	return nil
}
