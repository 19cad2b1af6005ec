// Package sysfiles reads the text files with which Linux describes processors, memory and control groups.
//
// The flow: [fs.FS] of a machine's root -> the bytes of one file under /proc or /sys -> a parser -> plain values. The CPU
// backend and the host description share it, so that both say the same about one machine.
//
// The room's one rule: what cannot be read is nil, empty or zero-length, never a guess and never an error; every one of
// these files is missing on some machine.
package sysfiles

import (
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

// Text is the content of a file without surrounding white space; ok is false if it cannot be read.
func Text(fsys fs.FS, name string) (text string, ok bool) {
	data, err := read(fsys, name)
	if err != nil {
		return "", false
	}
	return strings.Trim(string(data), " \t\r\n\x00"), true
}

// Uint is the number in a file of one decimal number; nil if it cannot be read or is no such number.
func Uint(fsys fs.FS, name string) *uint64 {
	text, ok := Text(fsys, name)
	if !ok {
		return nil
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return nil
	}
	return &n
}

// Exists reports whether a file or directory is there.
func Exists(fsys fs.FS, name string) bool {
	if fsys == nil {
		return false
	}
	_, err := fs.Stat(fsys, name)
	return err == nil
}

// Number is what Sys gives of a captured device node: its number as sysfs writes it, "major:minor".
type Number string

// read takes a nil file system as an empty one: a Machine without files is a machine of which nothing is known.
func read(fsys fs.FS, name string) ([]byte, error) {
	if fsys == nil {
		return nil, fs.ErrNotExist
	}
	return fs.ReadFile(fsys, name)
}

// maxCPU bounds CPU numbers: NR_CPUS of current kernels is at most 8192.
const maxCPU = 1 << 16

// ParseCPUList reads the kernel's list format: "0-3,8" is 0 1 2 3 8. The empty text is the empty list.
func ParseCPUList(text string) ([]int, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return nil, nil
	}
	var cpus []int
	for part := range strings.SplitSeq(text, ",") {
		first, last, isRange := strings.Cut(part, "-")
		lo, err := strconv.Atoi(first)
		if err != nil {
			return nil, fmt.Errorf("reading CPU list %q: %w", text, err)
		}
		hi := lo
		if isRange {
			if hi, err = strconv.Atoi(last); err != nil {
				return nil, fmt.Errorf("reading CPU list %q: %w", text, err)
			}
		}
		if lo < 0 || hi < lo || hi >= maxCPU || len(cpus)+hi-lo >= maxCPU {
			return nil, fmt.Errorf("reading CPU list %q: %w", text, errRange)
		}
		for c := lo; c <= hi; c++ {
			cpus = append(cpus, c)
		}
	}
	return cpus, nil
}

var errRange = errors.New("range out of bounds")
