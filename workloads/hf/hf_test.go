package hf_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/workloads/hf"
	"github.com/accelbench/accelbench/workloads/hf/hftest"
)

func open(t *testing.T, dir string) *hf.Folder {
	t.Helper()
	f, err := hf.Open(dir)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, f.Close()) })
	return f
}

func write(t *testing.T, config map[string]any, tensors map[string]hftest.Tensor, shards int) string {
	t.Helper()
	dir := t.TempDir()
	hftest.Write(t, dir, config, tensors, shards)
	return dir
}

func all(t *testing.T, x *hf.Tensor) []float32 {
	t.Helper()
	values := make([]float32, x.Elements())
	require.NoError(t, x.Fill(0, values))
	return values
}

func TestShardsHoldWhatOneFileHolds(t *testing.T) {
	config, tensors := hftest.Llama(t, "BF16")
	one, three := open(t, write(t, config, tensors, 1)), open(t, write(t, config, tensors, 3))
	require.Len(t, one.Names(), 21)
	require.True(t, slices.IsSorted(one.Names()))
	require.Equal(t, one.Names(), three.Names())
	for _, name := range one.Names() {
		a, ok := one.Tensor(name)
		require.True(t, ok)
		b, ok := three.Tensor(name)
		require.True(t, ok)
		require.Equal(t, tensors[name].Shape, a.Shape)
		require.Equal(t, "BF16", a.DType)
		require.Equal(t, all(t, a), all(t, b), name)
	}
	_, ok := one.Tensor("model.layers.2.mlp.up_proj.weight")
	require.False(t, ok)
}

func TestDigestIsOfEveryByte(t *testing.T) {
	config, tensors := hftest.Llama(t, "F32")
	digest := func(change func(dir string)) string {
		dir := write(t, config, tensors, 2)
		change(dir)
		d, err := open(t, dir).Digest()
		require.NoError(t, err)
		require.Regexp(t, "^[0-9a-f]{64}$", d)
		return d
	}
	same := digest(func(string) {})
	require.Equal(t, same, digest(func(string) {}))
	for _, file := range []string{"model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"} {
		require.NotEqual(t, same, digest(func(dir string) {
			path := filepath.Join(dir, file)
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			text[len(text)-1] ^= 1
			require.NoError(t, os.WriteFile(path, text, 0o644))
		}), file)
	}
	config["rope_theta"] = 10001.0
	require.NotEqual(t, same, digest(func(string) {}))
}

func TestDigestOfAFileThatShrank(t *testing.T) {
	config, tensors := hftest.Llama(t, "F32")
	dir := write(t, config, tensors, 1)
	f := open(t, dir)
	path := filepath.Join(dir, "model.safetensors")
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.NoError(t, os.Truncate(path, info.Size()-1))
	_, err = f.Digest()
	require.ErrorContains(t, err, "unexpected EOF")
}

func TestClosedFolderFails(t *testing.T) {
	config, tensors := hftest.Llama(t, "F32")
	f, err := hf.Open(write(t, config, tensors, 1))
	require.NoError(t, err)
	require.NoError(t, f.Close())
	x, _ := f.Tensor("model.norm.weight")
	require.ErrorIs(t, x.Fill(0, make([]float32, 8)), os.ErrClosed)
	require.ErrorContains(t, x.Fill(0, make([]float32, 8)), "model.norm.weight of model.safetensors")
}

// TestOpenRefuses: every damage to a folder is an error that names the file and what is wrong with it.
func TestOpenRefuses(t *testing.T) {
	const index, second = "model.safetensors.index.json", "model-00002-of-00002.safetensors"
	put := func(name, text string) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
		}
	}
	replace := func(name, old, by string) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			path := filepath.Join(dir, name)
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Contains(t, string(text), old)
			require.NoError(t, os.WriteFile(path, []byte(strings.Replace(string(text), old, by, 1)), 0o644))
		}
	}
	remove := func(name string) func(*testing.T, string) {
		return func(t *testing.T, dir string) { require.NoError(t, os.Remove(filepath.Join(dir, name))) }
	}
	const norm = `"model.norm.weight": "model-00001-of-00002.safetensors"`
	for _, test := range []struct {
		name   string
		damage func(*testing.T, string)
		want   string
	}{
		{"no config", remove("config.json"), "config.json: "},
		{"config is no JSON", put("config.json", "{"), "config.json: "},
		{"config is a folder", func(t *testing.T, dir string) {
			remove("config.json")(t, dir)
			require.NoError(t, os.Mkdir(filepath.Join(dir, "config.json"), 0o755))
		}, "config.json is not a regular file"},
		{"config too large", func(t *testing.T, dir string) {
			require.NoError(t, os.Truncate(filepath.Join(dir, "config.json"), 16<<20+1))
		}, "config.json has 16777217 bytes"},
		{"no tensors", remove(index), "neither model.safetensors nor model.safetensors.index.json"},
		{"index is no JSON", put(index, "[]"), index + ": malformed model folder: [ where an object belongs"},
		{"index without a map", put(index, `{"metadata":{}}`), "no weight_map"},
		{"index with text behind", put(index, `{"weight_map":{"a":"b"}}x`), "text after the object"},
		{"index maps to a number", replace(index, norm, `"model.norm.weight": 7`), "weight_map: model.norm.weight: "},
		{"index leads out", replace(index, norm, `"model.norm.weight": "../model.safetensors"`), "not the name of a file in the folder"},
		{"index leads below", replace(index, norm, `"model.norm.weight": "a/b"`), `"a/b" is not the name`},
		{"index names an absent file", replace(index, norm, norm+`, "extra": "other.safetensors"`), "other.safetensors: "},
		{"index twice", replace(index, norm, norm+", "+norm), `key "model.norm.weight" comes twice`},
		{"index misplaces", replace(index, norm, `"model.norm.weight": "`+second+`"`), `which model.safetensors.index.json places in "` + second},
		{"index invents", replace(index, norm, norm+`, "extra": "`+second+`"`), `tensor "extra" is not in ` + second},
		{"index omits", replace(index, ",\n    "+norm, ""), `holds tensor "model.norm.weight", which`},
		{"index too large", func(t *testing.T, dir string) {
			require.NoError(t, os.Truncate(filepath.Join(dir, index), 100_000_001))
		}, "100000001 bytes"},
		{"shard missing", remove(second), second + ": "},
		{"shard truncated", func(t *testing.T, dir string) {
			info, err := os.Stat(filepath.Join(dir, second))
			require.NoError(t, err)
			require.NoError(t, os.Truncate(filepath.Join(dir, second), info.Size()-1))
		}, "is the file truncated?"},
		{"shard empty", put(second, ""), second + ": malformed model folder: no room for the header length"},
		{"more layers than tensors", replace("config.json", `"num_hidden_layers": 2`, `"num_hidden_layers": 2000000000`),
			"2000000000 layers, but the files hold only 21 tensors"},
	} {
		t.Run(test.name, func(t *testing.T) {
			config, tensors := hftest.Llama(t, "F16")
			dir := write(t, config, tensors, 2)
			test.damage(t, dir)
			_, err := hf.Open(dir)
			require.ErrorIs(t, err, hf.ErrFormat)
			require.ErrorContains(t, err, "reading model folder "+dir)
			require.ErrorContains(t, err, test.want)
		})
	}
	_, err := hf.Open(filepath.Join(t.TempDir(), "none"))
	require.ErrorIs(t, err, hf.ErrFormat)
	require.ErrorIs(t, err, fs.ErrNotExist)
}

// TestSingleFileIsPreferred: as in the reference implementation, an index beside model.safetensors is not looked at.
func TestSingleFileIsPreferred(t *testing.T) {
	config, tensors := hftest.Llama(t, "F32")
	dir := write(t, config, tensors, 1)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "model.safetensors.index.json"), []byte("{"), 0o644))
	require.Len(t, open(t, dir).Names(), 21)
	// A model.safetensors that cannot be read is an error and not a reason to look elsewhere.
	require.NoError(t, os.WriteFile(filepath.Join(dir, "model.safetensors"), nil, 0o644))
	_, err := hf.Open(dir)
	require.ErrorContains(t, err, "model.safetensors: malformed")
}
