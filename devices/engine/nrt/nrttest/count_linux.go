//go:build !noort && linux && (amd64 || arm64)

package nrttest

import (
	"testing"
	"unsafe"

	"github.com/ebitengine/purego"
	"github.com/stretchr/testify/require"
)

// State is what the stand-in knows of its use.
type State struct {
	Tensors, Sets, Models int // that are allocated now
	Inits                 int // calls of nrt_init that succeeded
	Started               bool
	Visible               string // NEURON_RT_VISIBLE_CORES when the runtime started
}

// Count asks the library at path, which is loaded if it was not.
func Count(t testing.TB, path string) State {
	t.Helper()
	handle, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_LOCAL)
	require.NoError(t, err)
	call := func(name string) uintptr {
		f, err := purego.Dlsym(handle, name)
		require.NoError(t, err)
		result, _, _ := purego.SyscallN(f)
		return result
	}
	number := func(name string) int { return int(int32(call(name))) }
	s := State{Tensors: number("fake_live_tensors"), Sets: number("fake_live_sets"), Models: number("fake_live_models"),
		Inits: number("fake_inits"), Started: number("fake_started") != 0}
	word := call("fake_visible")
	for p := *(*unsafe.Pointer)(unsafe.Pointer(&word)); *(*byte)(p) != 0; p = unsafe.Add(p, 1) {
		s.Visible += string(*(*byte)(p))
	}
	return s
}
