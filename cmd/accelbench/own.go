package main

import (
	"path/filepath"
	"strconv"
	"strings"
	"unicode"

	"github.com/urfave/cli/v2"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/workloads/own"
)

// readOwn takes the user's own models from the flags.
func readOwn(c *cli.Context) ([]bench.Own, error) {
	files := c.StringSlice("model-file")
	for _, name := range []string{"input", "dim", "unit"} {
		if c.IsSet(name) && len(files) == 0 {
			return nil, usagef("--%s is about a model file: add --model-file FILE", name)
		}
	}
	for _, name := range []string{"precision", "batch", "seq-len", "isl", "osl"} {
		if c.IsSet(name) && len(files) > 0 {
			return nil, usagef("--%s is for standard workloads: a model file is run as it is (its inputs are set with --input and --dim)", name)
		}
	}
	return ownOf(files, own.File{Inputs: c.StringSlice("input"), Dims: c.StringSlice("dim")}, c.String("unit"), c.String("weights"))
}

// ownOf makes a subject of every model file, and of the folder of weights.
func ownOf(paths []string, like own.File, unit, weights string) ([]bench.Own, error) {
	if err := readUnit(&like, unit); err != nil {
		return nil, err
	}
	var out []bench.Own
	seen := map[string]int{}
	for _, path := range paths {
		files, err := own.Files(path)
		if err != nil {
			return nil, err
		}
		for _, name := range files {
			file := like
			file.Path, file.Name = absolute(name), own.Name(name)
			// A damaged file among many is a failed measurement; one that was named is a mistake.
			out = append(out, bench.Own{File: &file, Among: len(files) > 1})
			seen[file.Name]++
		}
	}
	for _, o := range out {
		if o.File != nil && seen[o.File.Name] > 1 {
			o.File.Name = filepath.Join(filepath.Base(filepath.Dir(o.File.Path)), o.File.Name)
		}
	}
	if weights != "" {
		out = append(out, bench.Own{Weights: absolute(weights)})
	}
	return out, nil
}

// readUnit reads "image" or "image:8".
func readUnit(file *own.File, text string) error {
	name, count, counted := strings.Cut(text, ":")
	file.Unit = name
	odd := func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(" -_", r)
	}
	if strings.ContainsFunc(name, odd) || len(name) > 40 {
		return usagef("unit %q: a short word of letters, such as image", text)
	}
	if !counted {
		return nil
	}
	n, err := strconv.Atoi(count)
	if err != nil || n < 1 || n > 1<<30 || name == "" {
		return usagef("unit %q: write what one run completes, such as image, or image:8 for eight of them", text)
	}
	file.Units = n
	return nil
}
