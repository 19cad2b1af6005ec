package clib

import (
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestTextGoesThroughC(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.StringOf(rapid.RuneFrom([]rune("aé\n1µ"))).Draw(t, "text")
		c, err := String(want)
		require.NoError(t, err)
		require.Equal(t, want, Text(uintptr(unsafe.Pointer(c))))
	})
	require.Empty(t, Text(0))
	_, err := String("a\x00b")
	require.ErrorContains(t, err, `"a\x00b" has a zero byte`)
}

func TestPointer(t *testing.T) {
	x := 7
	require.Equal(t, unsafe.Pointer(&x), Pointer(uintptr(unsafe.Pointer(&x))))
	require.Nil(t, Pointer(0))
}
