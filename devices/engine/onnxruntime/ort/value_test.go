//go:build !noort && ((linux && !android) || (darwin && !ios) || windows) && (amd64 || arm64)

package ort

import (
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestNewValueRefuses(t *testing.T) {
	l := library(t)
	words := make([]uint64, 3)
	odd := unsafe.Slice((*byte)(unsafe.Pointer(&words[0])), 24)[1:17]
	for _, c := range []struct {
		name     string
		data     []byte
		elem     ElemType
		shape    []int64
		expected string
	}{
		{"short", make([]byte, 12), F32, []int64{4}, "float32[4]: it takes 16 bytes, got 12"},
		{"long", make([]byte, 20), F32, []int64{4}, "float32[4]: it takes 16 bytes, got 20"},
		{"nothing for a scalar", nil, F32, nil, "it takes 4 bytes, got 0"},
		{"crooked", odd, F32, []int64{4}, "not aligned to 4 bytes"},
		{"negative", nil, F32, []int64{-1}, "negative"},
		{"string", make([]byte, 4), String, []int64{4}, "string"},
		{"unknown", make([]byte, 4), 99, []int64{4}, "element type 99"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := l.NewValue(c.data, c.elem, c.shape)
			assert.ErrorContains(t, err, c.expected)
		})
	}
	for _, elem := range []ElemType{U8, I8, Bool, F8E4M3, F8E5FZ, U4, I4} {
		size, err := elem.ByteSize([]int64{16})
		require.NoError(t, err)
		v, err := l.NewValue(odd[:size], elem, []int64{16})
		require.NoError(t, err, "%v needs no alignment, and the library knows it", elem)
		require.NoError(t, v.Close())
	}
}

func TestValueIsItsMemory(t *testing.T) {
	l := library(t)
	data, shape := []float32{1, 2, 3, 4}, []int64{2, 2}
	v, err := newTensor(l, data, shape)
	require.NoError(t, err)
	shape[0] = 99
	assert.Equal(t, []int64{2, 2}, v.Shape())
	v.Shape()[0] = 99
	assert.Equal(t, []int64{2, 2}, v.Shape())
	numbers[float32](t, v)[3] = 40
	assert.Equal(t, []float32{1, 2, 3, 40}, data)
	require.NoError(t, v.Close())
	require.NoError(t, v.Close())
	assert.ErrorIs(t, second(v.Bytes()), ErrClosed)
	assert.Equal(t, float32(40), data[3], "the memory stays the caller's")
}

func TestDeviceMemoryIsNotRead(t *testing.T) {
	v, err := session(t, library(t), addModel(), Options{}).NewDeviceValue(Memory{Name: "Cpu"}, F32, []int64{4})
	require.NoError(t, err)
	v.memory = Memory{Name: "Cuda", Device: 3}
	assert.ErrorContains(t, second(v.Bytes()), "Cuda:3")
}
