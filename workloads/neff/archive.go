package neff

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/md5"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// File is what a NEFF file says.
type File struct {
	Header
	// Gzipped tells that the archive is compressed.
	Gzipped bool
	// Members are the files of the archive, in its order.
	Members []Member
	// HashMatches tells whether the archive has the digest that the header gives.
	HashMatches bool
	// Signature are the inputs and outputs; nil where neff.json is missing or not understood, which Unknown explains.
	Signature *Signature
	Unknown   string
}

// Member is a file of the archive.
type Member struct {
	Name string
	Size int64
}

const (
	// maxMembers and maxJSON bound what is kept of a file: a program has some files per core, and neff.json a line per tensor.
	maxMembers = 1 << 16
	maxJSON    = 64 << 20
	maxName    = 4096
	graphFile  = "neff.json"
)

// ReadFile reads the file at path. A file that cannot be read gives the system's error, one that is no NEFF an error that wraps
// ErrFormat.
func ReadFile(path string) (*File, error) {
	// Asked before opening: opening a pipe would wait for its writer.
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("reading NEFF: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("reading NEFF: %w: %s is not a regular file", ErrFormat, filepath.Base(path))
	}
	in, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("reading NEFF: %w", err)
	}
	defer func() { _ = in.Close() }()
	f, err := Read(in, info.Size())
	if err != nil {
		return nil, fmt.Errorf("reading NEFF %s: %w", filepath.Base(path), err)
	}
	return f, nil
}

// Read reads a file of the given size.
func Read(r io.ReaderAt, size int64) (*File, error) {
	head := make([]byte, HeaderSize)
	n, err := r.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	f := &File{}
	if f.Header, err = ParseHeader(head[:n], size); err != nil {
		return nil, err
	}
	sum := md5.New()
	if f.PackageVersion == 1 {
		sum = sha256.New()
	}
	data := io.TeeReader(io.NewSectionReader(r, HeaderSize, int64(f.DataSize)), sum)
	graph, err := f.list(data)
	if err != nil {
		return nil, err
	}
	// What follows the end of the archive counts for the digest.
	if _, err := io.Copy(io.Discard, data); err != nil {
		return nil, err
	}
	digest := sum.Sum(nil)
	f.HashMatches = bytes.Equal(digest, f.Hash[:len(digest)])
	if graph == nil {
		f.Unknown = "the archive has no " + graphFile
	} else if f.Signature, err = parseGraph(graph); err != nil {
		f.Unknown = err.Error()
	}
	return f, nil
}

// list reads the archive's table, and the content of neff.json.
func (f *File) list(data io.Reader) (graph []byte, err error) {
	buffered := bufio.NewReader(data)
	var archive io.Reader = buffered
	if magic, err := buffered.Peek(2); err == nil && magic[0] == 0x1f && magic[1] == 0x8b {
		f.Gzipped = true
		unzipped, err := gzip.NewReader(buffered)
		if err != nil {
			return nil, fmt.Errorf("%w: its archive: %w", ErrFormat, err)
		}
		archive = unzipped
	}
	for in := tar.NewReader(archive); ; {
		entry, err := in.Next()
		if errors.Is(err, io.EOF) {
			return graph, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%w: its archive, after %d files: %w", ErrFormat, len(f.Members), err)
		}
		if entry.Typeflag == tar.TypeDir {
			continue
		}
		if len(f.Members) == maxMembers {
			return nil, fmt.Errorf("%w: its archive has more than %d files", ErrFormat, maxMembers)
		}
		name := strings.TrimPrefix(entry.Name, "./")
		f.Members = append(f.Members, Member{Name: text([]byte(name[:min(len(name), maxName)])), Size: entry.Size})
		if name != graphFile || graph != nil {
			continue
		}
		if entry.Size > maxJSON {
			return nil, fmt.Errorf("%w: its %s has %d bytes, more than %d", ErrFormat, graphFile, entry.Size, maxJSON)
		}
		if graph, err = io.ReadAll(in); err != nil {
			return nil, fmt.Errorf("%w: its %s: %w", ErrFormat, graphFile, err)
		}
	}
}
