package devices_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/devices"
)

func TestDetailValues(t *testing.T) {
	require.Nil(t, devices.Text(""))
	require.Equal(t, "x", devices.Text("x"))
	require.Nil(t, devices.Number[int](nil))
	require.Equal(t, 0, devices.Number(new(int)), "zero is a value")
	require.Equal(t, false, devices.Number(new(bool)))
	require.InDelta(t, 1.5, devices.Number(ptr(1.5)), 0)
}
