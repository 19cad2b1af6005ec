//go:build noort

package libnrt

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLeftOut(t *testing.T) {
	l, err := Open("libnrt.so.1")
	require.Nil(t, l)
	require.ErrorIs(t, err, ErrLeftOut)
	require.ErrorIs(t, l.Init(), ErrLeftOut)
	_, err = l.Load(nil, 0)
	require.ErrorIs(t, err, ErrLeftOut)
}
