package plugin

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// table makes a table of functions that are all there.
func table(major, minor int32, size int) []byte {
	out := bytes.Repeat([]byte{1}, size)
	if size >= firstSlot {
		binary.NativeEndian.PutUint64(out, uint64(size))
		binary.NativeEndian.PutUint32(out[offsetMajor:], uint32(major))
		binary.NativeEndian.PutUint32(out[offsetMinor:], uint32(minor))
	}
	return out
}

func whole() int { return firstSlot + slotBytes*(last()+1) }

func TestParse(t *testing.T) {
	without := func(slot int) []byte {
		out := table(0, HeaderMinor, whole())
		clear(out[firstSlot+slotBytes*slot:][:slotBytes])
		return out
	}
	for _, tt := range []struct {
		name   string
		table  []byte
		reason string
		newer  bool
	}{
		{name: "of the header", table: table(0, HeaderMinor, whole())},
		{name: "the oldest", table: table(0, OldestMinor, whole())},
		{name: "newer", table: table(0, HeaderMinor+1, whole()), newer: true},
		{name: "too old", table: table(0, OldestMinor-1, whole()), reason: "too old: it has version 0.56 of the PJRT API, and 0.57"},
		{name: "another major version", table: table(1, 0, whole()), reason: "version 1.0 of the PJRT API"},
		{name: "too short", table: table(0, HeaderMinor, whole()-1), reason: "lacks PJRT_Executable_GetCompiledMemoryStats"},
		{name: "no table", table: nil, reason: "it is no PJRT plugin"},
		{name: "half a head", table: table(0, 104, firstSlot-1), reason: "it is no PJRT plugin"},
		{name: "without Execute", table: without(55), reason: "does not have PJRT_LoadedExecutable_Execute"},
		{name: "without what nobody calls", table: without(7)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v, err := parse(tt.table)
			if tt.reason != "" {
				require.ErrorContains(t, err, tt.reason)
				return
			}
			require.NoError(t, err)
			require.Equal(t, tt.newer, v.Newer())
			require.Equal(t, len(tt.table), v.Size)
		})
	}
}

// FuzzParse: whatever the bytes, an error or a table with all functions.
func FuzzParse(f *testing.F) {
	f.Add(table(0, HeaderMinor, whole()))
	f.Add(table(0, 3, whole()))
	f.Add(table(0, HeaderMinor, 64))
	f.Fuzz(func(t *testing.T, text []byte) {
		v, err := parse(text)
		if err != nil {
			return
		}
		require.GreaterOrEqual(t, v.Minor, OldestMinor)
		for _, s := range slots() {
			require.NotZero(t, binary.NativeEndian.Uint64(text[firstSlot+slotBytes*s.index:]))
		}
	})
}

// module is the folder of go-xla's package pjrt.
func module(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/gomlx/go-xla").Output()
	if err != nil || len(bytes.TrimSpace(out)) == 0 {
		t.Skip("the go-xla module is not here: ", err)
	}
	return filepath.Join(strings.TrimSpace(string(out)), "pjrt")
}

// TestSlotsAreTheHeaders holds indexes and version against the header.
func TestSlotsAreTheHeaders(t *testing.T) {
	header, err := os.ReadFile(filepath.Join(module(t), "pjrt_c_api.h"))
	require.NoError(t, err)
	require.Contains(t, string(header), "#define PJRT_API_MAJOR 0\n")
	require.Regexp(t, `#define PJRT_API_MINOR 104\n`, string(header))
	_, fields, _ := strings.Cut(string(header), "typedef struct PJRT_Api {")
	fields, _, _ = strings.Cut(fields, "} PJRT_Api;")
	var names []string
	for _, m := range regexp.MustCompile(`_PJRT_API_STRUCT_FIELD\((\w+)\)`).FindAllStringSubmatch(fields, -1) {
		names = append(names, m[1])
	}
	require.Greater(t, len(names), 100)
	for _, s := range slots() {
		require.Equal(t, s.name, names[s.index])
	}
}

// TestAllCalledFunctionsAreGated finds the functions that go-xla calls. Those that this project never reaches are listed.
func TestAllCalledFunctionsAreGated(t *testing.T) {
	unreached := map[string]bool{
		"PJRT_Buffer_Bitcast": true, "PJRT_Buffer_CopyToDevice": true, "PJRT_Buffer_Device": true, "PJRT_Buffer_ElementType": true,
		"PJRT_Buffer_UnsafePointer": true, "PJRT_Client_CreateViewOfDeviceBuffer": true,
		"PJRT_Client_Devices": true, "PJRT_DeviceDescription_DebugString": true, "PJRT_DeviceDescription_ProcessIndex": true,
	}
	gated := map[string]bool{}
	for _, s := range slots() {
		gated[s.name] = true
	}
	files, err := filepath.Glob(filepath.Join(module(t), "*.go"))
	require.NoError(t, err)
	calls, found := regexp.MustCompile(`(?:C\.call_|api->)(PJRT_\w+)`), 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, m := range calls.FindAllStringSubmatch(string(text), -1) {
			found++
			require.True(t, gated[m[1]] || unreached[m[1]], "%s is called in %s", m[1], filepath.Base(file))
			require.False(t, gated[m[1]] && unreached[m[1]], m[1])
		}
	}
	require.Greater(t, found, 30)
}

func TestCheckELF(t *testing.T) {
	self, err := os.ReadFile(os.Args[0])
	require.NoError(t, err)
	if !bytes.HasPrefix(self, []byte(elf.ELFMAG)) {
		t.Skip("this system has other files")
	}
	check := func(text []byte) error { return checkELF(bytes.NewReader(text), int64(len(text)), runtime.GOARCH) }
	require.ErrorContains(t, check([]byte("no library")), "no shared library")
	require.Error(t, check(self), "a program is no plugin")
	require.ErrorContains(t, checkELF(bytes.NewReader(self), int64(len(self)), "riscv64"), "riscv64")
}

// FuzzCheckELF: whatever the bytes, no panic, and no plugin without the entry point.
func FuzzCheckELF(f *testing.F) {
	f.Add([]byte("\x7fELF\x02\x01\x01"))
	if self, err := os.ReadFile("/bin/true"); err == nil {
		f.Add(self[:min(len(self), 4096)])
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if checkELF(bytes.NewReader(text), int64(len(text)), runtime.GOARCH) == nil {
			require.Contains(t, string(text), entryPoint)
		}
	})
}
