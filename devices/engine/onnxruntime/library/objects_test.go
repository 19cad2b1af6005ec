package library_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"debug/elf"
	"debug/macho"
	"debug/pe"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

const entryPoint = "OrtGetApiBase"

// packed puts fixed-size values one after the other.
func packed(parts ...any) []byte {
	var b bytes.Buffer
	for _, p := range parts {
		if err := binary.Write(&b, binary.LittleEndian, p); err != nil {
			panic(err) // a test that packs what has no fixed size
		}
	}
	return b.Bytes()
}

// elfFile is a file of a type for a machine that defines, or only uses, one symbol.
func elfFile(kind elf.Type, machine elf.Machine, symbol string, section elf.SectionIndex) []byte {
	const header, sectionHeader, symbolSize = 64, 64, 24
	strings := []byte("\x00" + symbol + "\x00.dynsym\x00.dynstr\x00")
	symbols := packed(elf.Sym64{}, elf.Sym64{Name: 1, Info: elf.ST_INFO(elf.STB_GLOBAL, elf.STT_FUNC), Shndx: uint16(section)})
	at := uint64(header)
	name := uint32(len(symbol) + 2)
	sections := packed(elf.Section64{},
		elf.Section64{Name: name, Type: uint32(elf.SHT_DYNSYM), Off: at, Size: 2 * symbolSize, Link: 2, Entsize: symbolSize},
		elf.Section64{Name: name + 8, Type: uint32(elf.SHT_STRTAB), Off: at + 2*symbolSize, Size: uint64(len(strings))})
	h := elf.Header64{Type: uint16(kind), Machine: uint16(machine), Version: 1, Shoff: at + 2*symbolSize + uint64(len(strings)),
		Ehsize: header, Shentsize: sectionHeader, Shnum: 3, Shstrndx: 2}
	copy(h.Ident[:], elf.ELFMAG)
	h.Ident[elf.EI_CLASS], h.Ident[elf.EI_DATA], h.Ident[elf.EI_VERSION] = byte(elf.ELFCLASS64), byte(elf.ELFDATA2LSB), 1
	return slices.Concat(packed(h), symbols, strings, sections)
}

// soFile is an ONNX Runtime library for Linux in all but its work. The salt makes it one of its own.
func soFile(machine elf.Machine, salt string) []byte {
	return append(elfFile(elf.ET_DYN, machine, entryPoint, 1), salt...)
}

// machFile is a file of a type for a Mac's processor that defines one symbol, or only uses it if the section is 0.
func machFile(kind macho.Type, cpu macho.Cpu, symbol string, section uint8) []byte {
	const header, command = 32, 24
	strings := []byte("\x00_" + symbol + "\x00")
	symbols := packed(macho.Nlist64{Name: 1, Type: 0x0f, Sect: section})
	at := uint32(header + command)
	return slices.Concat(
		packed(macho.FileHeader{Magic: macho.Magic64, Cpu: cpu, Type: kind, Ncmd: 1, Cmdsz: command}, uint32(0)),
		packed(macho.SymtabCmd{Cmd: macho.LoadCmdSymtab, Len: command, Symoff: at, Nsyms: 1,
			Stroff: at + uint32(len(symbols)), Strsize: uint32(len(strings))}),
		symbols, strings)
}

// fatFile holds the files for two Mac processors, arm64 and amd64.
func fatFile(arm, amd []byte) []byte {
	const at = 8 + 2*20
	header := new(bytes.Buffer)
	for _, part := range []any{macho.MagicFat, uint32(2),
		macho.FatArchHeader{Cpu: macho.CpuArm64, Offset: at, Size: uint32(len(arm))},
		macho.FatArchHeader{Cpu: macho.CpuAmd64, Offset: at + uint32(len(arm)), Size: uint32(len(amd))}} {
		_ = binary.Write(header, binary.BigEndian, part) // a buffer takes everything
	}
	return slices.Concat(header.Bytes(), arm, amd)
}

// dllFile is a file for a Windows machine that has a text in its one section.
func dllFile(machine uint16, characteristics uint16, text string) []byte {
	const stub, header, sectionHeader = 64, 20, 40
	dos := make([]byte, stub)
	copy(dos, "MZ")
	dos[0x3c] = stub
	const at = stub + 4 + header + sectionHeader
	return slices.Concat(dos, []byte("PE\x00\x00"),
		packed(pe.FileHeader{Machine: machine, NumberOfSections: 1, Characteristics: characteristics}),
		packed(pe.SectionHeader32{Name: [8]uint8{'.', 'd'}, SizeOfRawData: uint32(len(text)), PointerToRawData: at}), []byte(text))
}

// file is a file in an archive.
type file struct {
	name string
	data []byte
}

func tgz(t testing.TB, files ...file) []byte {
	t.Helper()
	var b bytes.Buffer
	zipped := gzip.NewWriter(&b)
	w := tar.NewWriter(zipped)
	for _, f := range files {
		header := &tar.Header{Name: f.name, Mode: 0o644, Size: int64(len(f.data)), Typeflag: tar.TypeReg}
		if f.data == nil {
			header.Typeflag, header.Linkname = tar.TypeSymlink, "../../../../etc/passwd"
		}
		require.NoError(t, w.WriteHeader(header))
		_, err := w.Write(f.data)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	require.NoError(t, zipped.Close())
	return b.Bytes()
}

func wheel(t testing.TB, files ...file) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range files {
		entry, err := w.Create(f.name)
		require.NoError(t, err)
		_, err = entry.Write(f.data)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return b.Bytes()
}

// put writes a file in a folder, with the folders above it, and returns its path.
func put(t testing.TB, dir, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, data, 0o644))
	return path
}

// tree lists the files and folders below a folder.
func tree(t testing.TB, dir string) []string {
	t.Helper()
	var names []string
	require.NoError(t, filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if rel, relErr := filepath.Rel(dir, path); relErr == nil && rel != "." {
			names = append(names, filepath.ToSlash(rel))
		}
		return err
	}))
	return names
}
