package nrt

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"

	"github.com/accelbench/accelbench/workloads/neff"
)

// cache keeps compiled programs in a folder: compiling takes minutes, and the outcome depends on nothing but the module, the
// compiler and its arguments. Whatever is wrong with the folder, compiling again is the way out. An empty path keeps nothing.
type cache string

// key names a program.
func key(module []byte, c compiler, t target) string {
	sum := sha256.New()
	for _, part := range []string{c.version, strings.Join(t.args("", ""), "\n"), ""} {
		sum.Write([]byte(part))
		sum.Write([]byte{0})
	}
	sum.Write(module)
	return hex.EncodeToString(sum.Sum(nil)[:20])
}

// get is nil if the program is not there, or was damaged.
func (c cache) get(key string) []byte {
	if c == "" {
		return nil
	}
	content, err := os.ReadFile(c.path(key))
	if err != nil {
		return nil
	}
	if file, err := neff.Read(bytes.NewReader(content), int64(len(content))); err != nil || !file.HashMatches {
		return nil
	}
	return content
}

// put keeps a program. The file appears whole or not at all.
func (c cache) put(key string, content []byte) error {
	if c == "" {
		return nil
	}
	if err := os.MkdirAll(string(c), 0o755); err != nil {
		return err
	}
	file, err := os.CreateTemp(string(c), ".new-*")
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if closing := file.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Rename(file.Name(), c.path(key))
	}
	if err != nil {
		_ = os.Remove(file.Name())
	}
	return err
}

func (c cache) path(key string) string { return filepath.Join(string(c), key+".neff") }
