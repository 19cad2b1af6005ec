package library_test

import (
	"bytes"
	"debug/elf"
	"debug/macho"
	"debug/pe"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/devices/engine/onnxruntime/library"
)

func FuzzCheckLibrary(f *testing.F) {
	f.Add(soFile(elf.EM_X86_64, ""))
	f.Add(elfFile(elf.ET_DYN, elf.EM_X86_64, entryPoint, elf.SHN_UNDEF))
	f.Add(machFile(macho.TypeDylib, macho.CpuAmd64, entryPoint, 1))
	f.Add(fatFile(machFile(macho.TypeDylib, macho.CpuArm64, "Other", 1), machFile(macho.TypeDylib, macho.CpuAmd64, entryPoint, 1)))
	f.Add(dllFile(pe.IMAGE_FILE_MACHINE_AMD64, pe.IMAGE_FILE_DLL, "\x00"+entryPoint+"\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, goos := range []string{"linux", "darwin", "windows"} {
			if library.CheckLibrary(bytes.NewReader(data), goos, "amd64") == nil {
				require.Contains(t, string(data), entryPoint)
			}
		}
	})
}

func TestCheckLibrary(t *testing.T) {
	mac := machFile(macho.TypeDylib, macho.CpuAmd64, entryPoint, 1)
	fat := fatFile(machFile(macho.TypeDylib, macho.CpuArm64, "Other", 1), mac)
	const dll = pe.IMAGE_FILE_DLL
	for _, c := range []struct {
		name, goos, goarch string
		data               []byte
		want               string // empty: it is one
	}{
		{"Linux", "linux", "amd64", soFile(elf.EM_X86_64, ""), ""},
		{"Linux arm64", "linux", "arm64", soFile(elf.EM_AARCH64, ""), ""},
		{"Mac", "darwin", "amd64", mac, ""},
		{"Mac, for several", "darwin", "amd64", fat, ""},
		{"Mac, another part has it", "darwin", "arm64", fat, "it has no OrtGetApiBase"},
		{"Mac, wrong machine", "darwin", "arm64", mac, "for amd64, not for arm64"},
		{"Mac, a user of the library", "darwin", "amd64", machFile(macho.TypeDylib, macho.CpuAmd64, entryPoint, 0), "it has no OrtGetApiBase"},
		{"Mac, program", "darwin", "amd64", machFile(macho.TypeExec, macho.CpuAmd64, entryPoint, 1), "it is a program"},
		{"Mac, Linux's", "darwin", "amd64", soFile(elf.EM_X86_64, ""), "it is no shared library for darwin"},
		{"Windows", "windows", "amd64", dllFile(pe.IMAGE_FILE_MACHINE_AMD64, dll, "a\x00"+entryPoint+"\x00"), ""},
		{"Windows arm64", "windows", "arm64", dllFile(pe.IMAGE_FILE_MACHINE_ARM64, dll, "a\x00"+entryPoint+"\x00"), ""},
		{"Windows, wrong machine", "windows", "amd64",
			dllFile(pe.IMAGE_FILE_MACHINE_ARM64, dll, "\x00"+entryPoint+"\x00"), "for arm64, not for amd64"},
		{"Windows, program", "windows", "amd64", dllFile(pe.IMAGE_FILE_MACHINE_AMD64, 0, "\x00"+entryPoint+"\x00"), "it is a program"},
		{"Windows, longer name", "windows", "amd64", dllFile(pe.IMAGE_FILE_MACHINE_AMD64, dll, "\x00"+entryPoint+"2\x00"), "it has no OrtGetApiBase"},
		{"Windows, text", "windows", "amd64", []byte("hello"), "it is no shared library for windows"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := library.CheckLibrary(bytes.NewReader(c.data), c.goos, c.goarch)
			if c.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, c.want)
		})
	}
}
