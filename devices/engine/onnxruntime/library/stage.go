package library

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// maxFile is the most bytes that one file may have: several times the largest library that is published.
const maxFile = 8 << 30

// stage is a folder in the cache in which files are put together before they take their place all at once.
type stage struct {
	options Options
	names   names
	root    string // the folder of ONNX Runtime in the cache
	dir     string // temporary, in root so that renaming does not copy
	fresh   string // in dir: what is to be published
}

func newStage(o Options) (*stage, error) {
	root := filepath.Join(o.Cache, "accelbench", "onnxruntime")
	if err := os.MkdirAll(root, 0o755); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(root, ".setup-")
	if err != nil {
		return nil, err
	}
	s := &stage{options: o, names: namesOf(o.OS), root: root, dir: dir, fresh: filepath.Join(dir, "fresh")}
	if err := os.Mkdir(s.fresh, 0o755); err != nil {
		s.discard()
		return nil, err
	}
	return s, nil
}

// discard removes what was not published. What cannot be removed is in nobody's way: every stage has a folder of its own.
func (s *stage) discard() { _ = os.RemoveAll(s.dir) }

func (s *stage) file(name string) string { return filepath.Join(s.fresh, name) }

func (s *stage) has(name string) bool {
	_, err := os.Lstat(s.file(name))
	return err == nil
}

func (s *stage) remove(name string) error { return os.Remove(s.file(name)) }

func (s *stage) check(name string, check func(file io.ReaderAt, goos, goarch string) error) error {
	f, err := os.Open(s.file(name))
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // only read
	return check(f, s.options.OS, s.options.Arch)
}

// write stores content, which must be of the given size, under a name of our own choice, and returns its digest. The bytes
// are on the disk when it returns. Label is what the user knows it by.
func (s *stage) write(ctx context.Context, name, label string, content io.Reader, size int64) (sum string, err error) {
	if size < 0 || size > maxFile {
		return "", fmt.Errorf("%s has %d bytes, which no library has", label, size)
	}
	f, err := os.OpenFile(s.file(name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return "", err
	}
	hash := sha256.New()
	// One byte more than expected is asked for, so that the reader comes to the end, where some check what was read.
	from := &source{ctx: ctx, from: io.LimitReader(content, size+1), heard: s.hear("unpacking "+label, 0, size)}
	n, err := io.Copy(io.MultiWriter(f, hash), from)
	if err == nil && n != size {
		err = io.ErrUnexpectedEOF
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return "", fmt.Errorf("unpacking %s: %w", label, err)
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// hear makes the listener for a step of which some bytes are done already.
func (s *stage) hear(step string, done, total int64) func(n int) {
	s.options.Progress(step, done, total)
	return func(n int) {
		done += int64(n)
		s.options.Progress(step, done, total)
	}
}

// publish puts the files of the stage in the place of a folder. Between the two renames the folder is not there; if the
// second fails the folder is as it was.
func (s *stage) publish(sum, folder string) (Installed, error) {
	in := Installed{Path: filepath.Join(folder, s.names.installed), SHA256: sum}
	pin, ok := s.options.Pins[s.options.OS+"/"+s.options.Arch]
	in.Verified = ok && sum == pin.SHA256
	entries, err := os.ReadDir(s.fresh)
	if err != nil {
		return Installed{}, err
	}
	for _, e := range entries {
		in.Files = append(in.Files, e.Name())
	}
	old := filepath.Join(s.dir, "old")
	hadOld := true
	if err := os.Rename(folder, old); errors.Is(err, fs.ErrNotExist) {
		hadOld = false
	} else if err != nil {
		return Installed{}, err
	}
	if err := os.Rename(s.fresh, folder); err != nil {
		if hadOld {
			err = errors.Join(err, os.Rename(old, folder))
		}
		return Installed{}, err
	}
	return s.options.hidden(in), nil
}

// hidden notes a library of the user's own that Find takes before the one that is installed.
func (o Options) hidden(in Installed) Installed {
	custom := cachePath(o.Cache, o.OS, customFolder)
	if _, err := os.Stat(custom); err == nil && custom != in.Path {
		in.Hidden = custom
	}
	return in
}

// source reads until the context is done, and tells how much it read.
type source struct {
	ctx   context.Context
	from  io.Reader
	heard func(n int)
}

func (s *source) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := s.from.Read(p)
	s.heard(n)
	return n, err
}
