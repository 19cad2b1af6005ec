package library

import (
	"bytes"
	"debug/elf"
	"debug/macho"
	"debug/pe"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"strings"
)

// entryPoint is the one function by which everything else of ONNX Runtime is reached.
const entryPoint = "OrtGetApiBase"

// Check returns nil if the file is a whole ONNX Runtime library for this process. To load one that is cut off would end the
// process.
func Check(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return withoutPath(err)
	}
	return errors.Join(checkLibrary(file, runtime.GOOS, runtime.GOARCH), file.Close())
}

// withoutPath is what went wrong with a file without where it is: reasons are published.
func withoutPath(err error) error {
	if located := (*fs.PathError)(nil); errors.As(err, &located) {
		return located.Err
	}
	return err
}

// checkPlatform returns nil if the file is a shared library that a process on the platform can load.
func checkPlatform(file io.ReaderAt, goos, goarch string) error {
	return parse(file, goos, goarch, func(object) error { return nil })
}

// checkLibrary returns nil if the file is a shared library for the platform that has the entry point.
func checkLibrary(file io.ReaderAt, goos, goarch string) error {
	return parse(file, goos, goarch, func(o object) error {
		has, err := o.hasEntryPoint()
		if err != nil {
			return fmt.Errorf("reading its symbols: %w", err)
		}
		if !has {
			return fmt.Errorf("it has no %s, so it is another library", entryPoint)
		}
		return nil
	})
}

// object is a shared library of any format.
type object interface {
	// machine is the GOARCH for which it was built, empty if this program does not know the machine.
	machine() string
	hasEntryPoint() (bool, error)
}

// parse opens a shared library and hands it on. The standard library's readers of these formats are not made for hostile
// input and may panic on it; that is an error here.
func parse(file io.ReaderAt, goos, goarch string, then func(object) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("reading it as a shared library: %v", p)
		}
	}()
	o, err := open(file, goos, goarch)
	if err != nil {
		return err
	}
	if m := o.machine(); m != goarch {
		return fmt.Errorf("it is a library for %s, not for %s", orUnknown(m), goarch)
	}
	return then(o)
}

func orUnknown(machine string) string {
	if machine == "" {
		return "another machine"
	}
	return machine
}

func open(file io.ReaderAt, goos, goarch string) (object, error) {
	var o object
	var err error
	switch goos {
	case "darwin":
		o, err = openMachO(file, goarch)
	case "windows":
		o, err = openPE(file)
	default:
		o, err = openELF(file)
	}
	if err != nil {
		return nil, fmt.Errorf("it is no shared library for %s: %w", goos, err)
	}
	return o, nil
}

var errNoLibrary = errors.New("it is a program or part of one")

type elfObject struct{ *elf.File }

func openELF(file io.ReaderAt) (object, error) {
	f, err := elf.NewFile(file)
	if err != nil {
		return nil, err
	}
	if f.Type != elf.ET_DYN {
		return nil, errNoLibrary
	}
	return elfObject{f}, nil
}

func (o elfObject) machine() string {
	switch o.Machine {
	case elf.EM_X86_64:
		return "amd64"
	case elf.EM_AARCH64:
		return "arm64"
	case elf.EM_PPC64:
		return "ppc64le"
	case elf.EM_RISCV:
		return "riscv64"
	case elf.EM_S390:
		return "s390x"
	}
	return ""
}

func (o elfObject) hasEntryPoint() (bool, error) {
	symbols, err := o.DynamicSymbols()
	if errors.Is(err, elf.ErrNoSymbols) {
		return false, nil
	}
	for _, s := range symbols {
		if s.Name == entryPoint && s.Section != elf.SHN_UNDEF {
			return true, nil
		}
	}
	return false, err
}

type machObject struct{ *macho.File }

// openMachO opens a library for one machine, or the part for goarch of one for several.
func openMachO(file io.ReaderAt, goarch string) (object, error) {
	f, err := macho.NewFile(file)
	if err != nil {
		fat, fatErr := macho.NewFatFile(file)
		if fatErr != nil {
			return nil, err
		}
		f = fat.Arches[0].File
		for _, part := range fat.Arches {
			if (machObject{part.File}).machine() == goarch {
				f = part.File
			}
		}
	}
	if f.Type != macho.TypeDylib {
		return nil, errNoLibrary
	}
	return machObject{f}, nil
}

func (o machObject) machine() string {
	switch o.Cpu {
	case macho.CpuAmd64:
		return "amd64"
	case macho.CpuArm64:
		return "arm64"
	}
	return ""
}

func (o machObject) hasEntryPoint() (bool, error) {
	if o.Symtab == nil {
		return false, nil
	}
	for _, s := range o.Symtab.Syms {
		if strings.TrimPrefix(s.Name, "_") == entryPoint && s.Sect != 0 {
			return true, nil
		}
	}
	return false, nil
}

type peObject struct{ *pe.File }

func openPE(file io.ReaderAt) (object, error) {
	f, err := pe.NewFile(file)
	if err != nil {
		return nil, err
	}
	if f.Characteristics&pe.IMAGE_FILE_DLL == 0 {
		return nil, errNoLibrary
	}
	return peObject{f}, nil
}

func (o peObject) machine() string {
	switch o.Machine {
	case pe.IMAGE_FILE_MACHINE_AMD64:
		return "amd64"
	case pe.IMAGE_FILE_MACHINE_ARM64:
		return "arm64"
	}
	return ""
}

// hasEntryPoint looks for the name alone: the standard library does not read a DLL's table of exports.
func (o peObject) hasEntryPoint() (bool, error) {
	name := []byte("\x00" + entryPoint + "\x00")
	for _, section := range o.Sections {
		data, err := section.Data()
		if err != nil {
			return false, err
		}
		if bytes.Contains(data, name) {
			return true, nil
		}
	}
	return false, nil
}
