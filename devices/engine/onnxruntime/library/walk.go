package library

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// visitor is shown the files of a source one by one: its name there, of which only the last part may ever be used to write,
// its size in bytes, and its content. It returns fs.SkipAll to see no more.
type visitor func(name string, size int64, content io.Reader) error

// walk shows the visitor the files of a folder, an archive (.tgz or a Python wheel, told apart by their first bytes), or the
// one file that is neither.
func walk(source string, n names, visit visitor) error {
	err := walkAll(source, n, visit)
	if errors.Is(err, fs.SkipAll) {
		return nil
	}
	return err
}

func walkAll(source string, n names, visit visitor) error {
	info, err := os.Stat(source)
	if err != nil {
		return err
	}
	if info.IsDir() {
		return walkDir(source, n, visit)
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is neither a file nor a folder", source)
	}
	f, err := os.Open(source)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // only read
	magic := make([]byte, 4)
	switch count, err := f.ReadAt(magic, 0); {
	case err != nil && !errors.Is(err, io.EOF):
		return err
	case bytes.HasPrefix(magic[:count], []byte("\x1f\x8b")):
		return inArchive(source, walkTar(f, visit))
	case bytes.HasPrefix(magic[:count], []byte("PK\x03\x04")):
		return inArchive(source, walkZip(f, info.Size(), visit))
	}
	return visit(source, info.Size(), f)
}

func inArchive(source string, err error) error {
	if err == nil || errors.Is(err, fs.SkipAll) {
		return err
	}
	return fmt.Errorf("reading %s: %w", filepath.Base(source), err)
}

// walkTar reads a compressed tar as it comes, so that what stands behind the last file of interest is not even read. Links
// are passed over: what they point to is in the archive as well.
func walkTar(file io.Reader, visit visitor) error {
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		return err
	}
	files := tar.NewReader(unzipped)
	for {
		header, err := files.Next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case header.Typeflag != tar.TypeReg:
			continue
		}
		if err := visit(header.Name, header.Size, files); err != nil {
			return err
		}
	}
}

func walkZip(file io.ReaderAt, size int64, visit visitor) error {
	files, err := zip.NewReader(file, size)
	if err != nil {
		return err
	}
	for _, f := range files.File {
		if !f.Mode().IsRegular() || f.UncompressedSize64 > maxFile {
			continue
		}
		if err := visitZipped(f, visit); err != nil {
			return err
		}
	}
	return nil
}

func visitZipped(f *zip.File, visit visitor) error {
	content, err := f.Open()
	if err != nil {
		return err
	}
	defer func() { _ = content.Close() }() // only read
	return visit(f.Name, int64(f.UncompressedSize64), content)
}

// walkDir shows the files of a folder that has the library, or of the folder below it in which an unpacked release or a
// Python package has it: the library under the name that the loader would take comes first.
func walkDir(dir string, n names, visit visitor) error {
	for _, sub := range []string{".", "lib", "capi", "onnxruntime/capi"} {
		folder := filepath.Join(dir, filepath.FromSlash(sub))
		entries, err := os.ReadDir(folder)
		if errors.Is(err, fs.ErrNotExist) && sub != "." {
			continue
		}
		if err != nil {
			return err
		}
		var files []string
		for _, e := range entries {
			if n.isLibrary(e.Name()) || n.isProvider(e.Name()) {
				files = append(files, e.Name())
			}
		}
		slices.SortStableFunc(files, n.compare)
		for _, name := range files {
			if err := visitFile(filepath.Join(folder, name), visit); err != nil {
				return err
			}
		}
	}
	return nil
}

// visitFile passes over what is no file, and over links to nowhere.
func visitFile(file string, visit visitor) error {
	info, err := os.Stat(file)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !info.Mode().IsRegular() {
		return nil
	}
	if err != nil {
		return err
	}
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // only read
	return visit(file, info.Size(), f)
}

// baseName is the last part of a file's name in a source, whichever way its parts are divided.
func baseName(name string) string { return path.Base(strings.ReplaceAll(name, `\`, "/")) }
