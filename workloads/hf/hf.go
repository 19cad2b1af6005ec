// Package hf reads a Hugging Face model folder: config.json and weights as safetensors, in one file or in shards.
//
// [Open] reads config.json and every header and checks all of it before anything is computed. [Folder.Config] is the shape,
// [Folder.Roles] are the parameters that a graph of that model must have, by this project's names, and [Folder.Source] fills
// one of them, in this project's layout, from the files. Bytes of weights are read only when they are asked for.
//
// The one rule: never another model. A value in config.json that the graphs of this project do not compute is
// [ErrUnsupported] with its key, bytes that do not add up are [ErrFormat] with their file; nothing is guessed.
package hf

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

var (
	// ErrFormat is wrapped by errors about files that are absent, malformed or at odds with each other.
	ErrFormat = errors.New("malformed model folder")
	// ErrUnsupported is wrapped by errors about models that are well described but not computed by this project.
	ErrUnsupported = errors.New("unsupported model")
)

const (
	configFile = "config.json"
	singleFile = "model.safetensors"
	indexFile  = "model.safetensors.index.json"
)

// maxConfig bounds config.json: real ones have some kilobytes, with long label lists a few megabytes.
const maxConfig = 16 << 20

// Folder is an open model folder. Its methods and those of its tensors may be called concurrently, Close excepted.
type Folder struct {
	dir     string
	config  Config
	text    []byte // of config.json
	shards  []shard
	tensors map[string]*Tensor
}

// shard is one open file of tensors.
type shard struct {
	name string
	file *os.File
	size int64
}

// Open reads config.json and the headers of all tensor files in dir. As the reference implementation does, it prefers
// model.safetensors to model.safetensors.index.json. Errors wrap [ErrFormat] or [ErrUnsupported].
func Open(dir string) (*Folder, error) {
	f := &Folder{dir: dir, tensors: map[string]*Tensor{}}
	if err := f.open(); err != nil {
		return nil, errors.Join(fmt.Errorf("reading model folder %s: %w", dir, err), f.Close())
	}
	return f, nil
}

func (f *Folder) open() error {
	var err error
	if f.text, err = f.readConfig(); err != nil {
		return err
	}
	if f.config, err = parseConfig(f.text); err != nil {
		return fmt.Errorf("%s: %w", configFile, err)
	}
	if err := f.openTensors(); err != nil {
		return err
	}
	if f.config.Layers > len(f.tensors) {
		return fmt.Errorf("%w: %s says %d layers, but the files hold only %d tensors", ErrFormat, configFile,
			f.config.Layers, len(f.tensors))
	}
	return nil
}

func (f *Folder) readConfig() ([]byte, error) {
	s, err := openRegular(f.dir, configFile)
	if err != nil {
		return nil, err
	}
	defer func() { _ = s.file.Close() }() // read only
	if s.size > maxConfig {
		return nil, fmt.Errorf("%w: %s has %d bytes, more than %d", ErrFormat, configFile, s.size, maxConfig)
	}
	text, err := io.ReadAll(io.LimitReader(s.file, maxConfig))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", configFile, err)
	}
	return text, nil
}

func (f *Folder) openTensors() error {
	if _, err := os.Stat(filepath.Join(f.dir, singleFile)); !errors.Is(err, fs.ErrNotExist) {
		return f.addShard(singleFile, nil)
	}
	index, indexErr := openRegular(f.dir, indexFile)
	if errors.Is(indexErr, fs.ErrNotExist) {
		return fmt.Errorf("%w: neither %s nor %s: convert other formats to safetensors first: %w", ErrFormat, singleFile,
			indexFile, fs.ErrNotExist)
	}
	if indexErr != nil {
		return indexErr
	}
	defer func() { _ = index.file.Close() }() // read only
	shardOf, err := readIndex(index.file, index.size)
	if err != nil {
		return fmt.Errorf("%s: %w", indexFile, err)
	}
	names := map[string]bool{}
	for _, shard := range shardOf {
		names[shard] = true
	}
	for _, name := range sortedKeys(names) {
		if err := f.addShard(name, shardOf); err != nil {
			return err
		}
	}
	for _, name := range sortedKeys(shardOf) {
		if f.tensors[name] == nil {
			return fmt.Errorf("%s: %w: tensor %q is not in %s", indexFile, ErrFormat, name, shardOf[name])
		}
	}
	return nil
}

// addShard opens a file of tensors. shardOf says in which file each tensor belongs, nil for a single file.
func (f *Folder) addShard(name string, shardOf map[string]string) error {
	s, err := openRegular(f.dir, name)
	if err != nil {
		return err
	}
	f.shards = append(f.shards, s)
	tensors, err := readHeader(name, s.file, s.size)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	for _, t := range tensors {
		if shardOf != nil && shardOf[t.Name] != name {
			return fmt.Errorf("%s: %w: holds tensor %q, which %s places in %q", name, ErrFormat, t.Name, indexFile, shardOf[t.Name])
		}
		f.tensors[t.Name] = t
	}
	return nil
}

// openRegular opens a regular file; opening a pipe would wait for its writer.
func openRegular(dir, name string) (shard, error) {
	path := filepath.Join(dir, name)
	info, err := os.Stat(path)
	if err != nil {
		return shard{}, fmt.Errorf("%w: %s: %w", ErrFormat, name, err)
	}
	if !info.Mode().IsRegular() {
		return shard{}, fmt.Errorf("%w: %s is not a regular file", ErrFormat, name)
	}
	file, err := os.Open(path)
	if err != nil {
		return shard{}, fmt.Errorf("%w: %s: %w", ErrFormat, name, err)
	}
	return shard{name: name, file: file, size: info.Size()}, nil
}

// Config is the checked content of config.json.
func (f *Folder) Config() Config { return f.config }

// Digest is the SHA-256, in hex, of config.json and of the tensor files in the order of their names, each preceded by its
// name and size. It reads every byte: the identity of the weights that a result speaks of.
func (f *Folder) Digest() (string, error) {
	h := sha256.New()
	_, _ = fmt.Fprintf(h, "%s %d\n%s", configFile, len(f.text), f.text) // a hash never fails
	for _, s := range f.shards {
		_, _ = fmt.Fprintf(h, "%s %d\n", s.name, s.size)
		n, err := io.Copy(h, io.NewSectionReader(s.file, 0, s.size))
		if err == nil && n < s.size {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return "", fmt.Errorf("digesting model folder %s: %s: %w", f.dir, s.name, err)
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// Close closes the files. Tensors and sources of the folder fail from then on.
func (f *Folder) Close() error {
	var errs []error
	for _, s := range f.shards {
		errs = append(errs, s.file.Close())
	}
	return errors.Join(errs...)
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
