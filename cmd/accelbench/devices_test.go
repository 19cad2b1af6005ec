package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/devices"
)

func TestEngineTexts(t *testing.T) {
	unserved := bench.Probed{Name: "native", Reason: "it computes on the cpu only", Unserved: true}
	missing := bench.Probed{Name: "onnxruntime", Reason: "no library"}
	usable := bench.Probed{Name: "native", Info: &devices.EngineInfo{Name: "native", Version: "1", Kind: devices.Harness}}
	for name, c := range map[string]struct {
		probed []bench.Probed
		want   []string
	}{
		"no engine serves the kind":      {[]bench.Probed{unserved, unserved}, []string{"detected, no engine yet"}},
		"one would, without its library": {[]bench.Probed{missing, unserved}, []string{"onnxruntime: no library"}},
		"one does":                       {[]bench.Probed{missing, usable}, []string{"onnxruntime: no library", "native 1 (harness)"}},
		"none was asked":                 {nil, nil},
	} {
		require.Equal(t, c.want, engineTexts(c.probed), name)
	}
	out := found([]bench.Inventory{{Backend: "amd", Devices: []bench.Candidate{{Info: devices.Info{ID: "amd:0"}}}}})
	_, asked := out[0].Engines["amd:0"]
	require.False(t, asked, "what nobody asked is not said to be none")
}
