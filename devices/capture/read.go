package capture

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/accelbench/accelbench/devices"
)

// Captured is a machine that was captured.
type Captured struct {
	// Machine reads the files and replays the commands and the metadata answers; nothing of this machine is in it.
	Machine devices.Machine
	// Tapes are the answers of vendor libraries by backend.
	Tapes map[string]json.RawMessage
}

// Open reads an archive of [Write], the folder of an unpacked one, or a folder with a tree of files from the root, as copied
// from a machine: then there are no commands and no variables. Links that lead out of the folder are not followed. The error
// wraps ErrFormat for what is no capture, and is that of package os for what cannot be read.
func Open(path string) (Captured, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Captured{}, fmt.Errorf("opening the capture: %w", err)
	}
	switch {
	case info.IsDir():
		return openFolder(path)
	case !info.Mode().IsRegular(): // opening a pipe would wait for whoever writes to it
		return Captured{}, fmt.Errorf("opening the capture %s: %w", path, refuse("it is not a regular file"))
	}
	file, err := os.Open(path)
	if err != nil {
		return Captured{}, fmt.Errorf("opening the capture: %w", err)
	}
	c, err := Read(file)
	if closing := file.Close(); err == nil && closing != nil {
		err = fmt.Errorf("closing: %w", closing)
	}
	if err != nil {
		return Captured{}, fmt.Errorf("opening the capture %s: %w", path, err)
	}
	return c, nil
}

func refuse(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrFormat, fmt.Sprintf(format, args...))
}

// Read reads an archive.
func Read(r io.Reader) (Captured, error) {
	zip, err := gzip.NewReader(r)
	if err != nil {
		return Captured{}, refuse("no gzip file: %v", err)
	}
	parts := map[string][]byte{}
	left := int64(maxTotal)
	archive := tar.NewReader(zip)
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return assemble(parts)
		}
		if err != nil {
			return Captured{}, refuse("no tar archive: %v", err)
		}
		name := strings.TrimSuffix(strings.TrimPrefix(header.Name, "./"), "/")
		_, twice := parts[name]
		switch {
		case header.Typeflag == tar.TypeDir:
			continue
		case header.Typeflag != tar.TypeReg:
			return Captured{}, refuse("%q is a link or a special file", header.Name)
		case !fs.ValidPath(name):
			return Captured{}, refuse("%q is no path inside it", header.Name)
		case twice:
			return Captured{}, refuse("%q is in it twice", header.Name)
		case header.Size > maxFile || header.Size > left || len(parts) >= maxEntries:
			return Captured{}, refuse("%q is beyond the bounds of %d bytes a file, %d in all, and %d files", header.Name, maxFile, maxTotal, maxEntries)
		}
		left -= header.Size
		data, err := io.ReadAll(io.LimitReader(archive, maxFile))
		if err != nil {
			return Captured{}, refuse("reading %q: %v", header.Name, err)
		}
		parts[name] = data
	}
}

// treeFolders are those of which a tree from the root of a machine has at least one: without any, nothing could be said of it.
func treeFolders() []string { return []string{"sys", "proc", "dev", "etc"} }

// openFolder reads an unpacked archive, or makes a machine of a tree.
func openFolder(path string) (Captured, error) {
	root, err := os.OpenRoot(path)
	if err != nil {
		return Captured{}, fmt.Errorf("opening the capture: %w", err)
	}
	tree := boundedFS{root.FS()}
	if _, err := fs.Stat(tree, manifestName); err != nil {
		if !slices.ContainsFunc(treeFolders(), func(name string) bool { _, err := fs.Stat(tree, name); return err == nil }) {
			err := errors.Join(refuse("neither %s nor any of %s is in it", manifestName, strings.Join(treeFolders(), ", ")), root.Close())
			return Captured{}, fmt.Errorf("opening the capture %s: %w", path, err)
		}
		return Captured{Machine: machineOf(tree, nil, nil, nil)}, nil
	}
	parts := map[string][]byte{}
	left := maxTotal
	err = fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := tree.ReadFile(name)
		if err != nil {
			return err
		}
		if left -= len(data); left < 0 || len(parts) >= maxEntries {
			return refuse("more than %d bytes or %d files", maxTotal, maxEntries)
		}
		parts[name] = data
		return nil
	})
	if closing := root.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return Captured{}, fmt.Errorf("opening the capture %s: %w", path, err)
	}
	c, err := assemble(parts)
	if err != nil {
		return Captured{}, fmt.Errorf("opening the capture %s: %w", path, err)
	}
	return c, nil
}

// assemble makes the machine of the parts of an archive.
func assemble(parts map[string][]byte) (Captured, error) {
	text, there := parts[manifestName]
	if !there {
		return Captured{}, refuse("there is no %s in it", manifestName)
	}
	var m manifest
	if err := json.Unmarshal(text, &m); err != nil {
		return Captured{}, refuse("%s: %v", manifestName, err)
	}
	if m.Schema != Schema {
		return Captured{}, refuse("%s is of schema %q, this program reads %q", manifestName, m.Schema, Schema)
	}
	files, err := replayFiles(m, parts)
	if err != nil {
		return Captured{}, err
	}
	var commands []Command
	for _, c := range m.Commands {
		full := Command{Name: c.Name, Args: c.Args, Error: c.Error, Absent: c.Absent}
		for _, out := range []struct {
			part string
			to   *[]byte
		}{{c.Stdout, &full.Stdout}, {c.Stderr, &full.Stderr}} {
			data, there := parts[out.part]
			if out.part != "" && !there {
				return Captured{}, refuse("the output %q of %s is missing", out.part, c.Name)
			}
			*out.to = bytes.Clone(data)
		}
		commands = append(commands, full)
	}
	c := Captured{Machine: machineOf(files, commands, m.Requests, m.Env), Tapes: map[string]json.RawMessage{}}
	for backend, part := range m.Tapes {
		tape, there := parts[part]
		if !there || !json.Valid(tape) {
			return Captured{}, refuse("the answers %q of %s are missing or no JSON", part, backend)
		}
		c.Tapes[backend] = tape
	}
	return c, nil
}

// boundedFS reads small regular files of a tree: no pipe that never ends, no file that fills the memory.
type boundedFS struct{ fs.FS }

// ReadFile reads a file within the bounds.
func (b boundedFS) ReadFile(name string) (data []byte, err error) {
	info, err := fs.Stat(b.FS, name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "read", Path: name, Err: errors.New("not a regular file")}
	}
	file, err := b.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() {
		if closing := file.Close(); err == nil {
			err = closing
		}
	}()
	data, err = io.ReadAll(io.LimitReader(file, maxFile+1))
	if err == nil && len(data) > maxFile {
		return nil, &fs.PathError{Op: "read", Path: name, Err: fmt.Errorf("larger than %d bytes", maxFile)}
	}
	return data, err
}
