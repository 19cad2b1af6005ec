//go:build linux && cgo && (amd64 || arm64)

package plugin

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/engine/pjrt/pjrttest"
)

func TestOpen(t *testing.T) {
	file := pjrttest.Build(t, "libfake.so")
	p, err := Open(file)
	require.NoError(t, err)
	require.Equal(t, "0.104", p.String())
	require.NotZero(t, p.Function(SlotDeviceDescriptionKind))
	digest, err := Digest(file)
	require.NoError(t, err)
	require.Len(t, digest, 64)

	for _, tt := range []struct {
		name   string
		vars   []string
		reason string
	}{
		{"too old", []string{"MINOR", "54"}, "too old: it has version 0.54"},
		{"too new", []string{"MAJOR", "1", "MINOR", "3"}, "version 1.3"},
		{"a small table", []string{"SIZE", "400"}, "has 400 bytes and lacks"},
		{"a table of nothing", []string{"SIZE", "8"}, "it is no PJRT plugin"},
		{"a missing function", []string{"MISSING", "55"}, "does not have PJRT_LoadedExecutable_Execute"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			pjrttest.Set(t, tt.vars...)
			_, err := Open(file)
			require.ErrorIs(t, err, devices.ErrAbsent)
			require.ErrorContains(t, err, tt.reason)
		})
	}
	t.Run("newer than the header", func(t *testing.T) {
		pjrttest.Set(t, "MINOR", "200", "SIZE", "2000")
		p, err := Open(file)
		require.NoError(t, err)
		require.True(t, p.Newer())
	})
}

func TestOpenWhatIsNone(t *testing.T) {
	text, err := os.ReadFile(pjrttest.Build(t, "libfake.so"))
	require.NoError(t, err)
	dir := t.TempDir()
	write := func(name string, content []byte) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, content, 0o600))
		return path
	}
	for name, tt := range map[string]struct{ path, reason string }{
		"relative":        {"libfake.so", "must be absolute"},
		"absent":          {filepath.Join(dir, "absent.so"), "no such file"},
		"a folder":        {dir, "is a directory"},
		"text":            {write("text.so", []byte("no library")), "no shared library"},
		"cut off":         {write("cut.so", text[:len(text)/4]), ""},
		"another library": {library(t), "has no GetPjrtApi"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Open(tt.path)
			require.ErrorIs(t, err, devices.ErrAbsent)
			require.ErrorContains(t, err, tt.reason)
			require.NotContains(t, err.Error(), dir, "reasons are published")
		})
	}
}

// library makes a shared library that is no plugin.
func library(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "libother.so")
	cmd := exec.Command("gcc", "-shared", "-fPIC", "-x", "c", "-o", path, "-")
	cmd.Stdin = strings.NewReader("int other(void) { return 1; }")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	return path
}

// TestLayouts holds this package's structures against the header.
func TestLayouts(t *testing.T) {
	pjrttest.Build(t, "libfake.so") // skips where there is no compiler
	program := `#include <stdio.h>
#include "pjrt_c_api.h"
int main(void) {
	printf("%zu %zu %zu %zu %zu %zu %zu %zu %zu %zu", sizeof(PJRT_Device_GetDescription_Args), sizeof(PJRT_DeviceDescription_Kind_Args),
		sizeof(PJRT_DeviceDescription_Attributes_Args), sizeof(PJRT_NamedValue), sizeof(PJRT_Error_Message_Args), sizeof(PJRT_Error_Destroy_Args),
		offsetof(PJRT_Api, pjrt_api_version.major_version), offsetof(PJRT_Api, PJRT_Error_Destroy),
		offsetof(PJRT_DeviceDescription_Id_Args, id), (size_t)PJRT_DeviceDescription_Id_Args_STRUCT_SIZE);
}`
	path := filepath.Join(t.TempDir(), "sizes")
	cmd := exec.Command("gcc", "-I", module(t), "-x", "c", "-o", path, "-")
	cmd.Stdin = strings.NewReader(program)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	out, err = exec.Command(path).Output()
	require.NoError(t, err)
	require.Equal(t, fmt.Sprint(unsafe.Sizeof(descriptionArgs{}), unsafe.Sizeof(kindArgs{}), unsafe.Sizeof(attributesArgs{}), unsafe.Sizeof(namedValue{}),
		unsafe.Sizeof(messageArgs{}), unsafe.Sizeof(destroyArgs{}), offsetMajor, firstSlot,
		unsafe.Offsetof(idArgs{}.id), unsafe.Offsetof(idArgs{}.id)+unsafe.Sizeof(idArgs{}.id)), string(out))
}
