package bench

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWithoutFolders(t *testing.T) {
	for text, want := range map[string]string{
		"Load model from /home/ann/models/a.onnx failed":       "Load model from a.onnx failed",
		`open "/tmp/x-1/weights.bin": no space left on device`: `open "weights.bin": no space left on device`,
		"path=/srv/a b, /mnt/c/d.bin":                          "path=a b, d.bin",
		"12 images/s, 3/4 of 1/2":                              "12 images/s, 3/4 of 1/2",
		"no /dev/nvidia0, no /proc/driver/nvidia/version":      "no /dev/nvidia0, no /proc/driver/nvidia/version",
		"/usr/lib/x86_64-linux-gnu/libcudnn.so.9: not found":   "/usr/lib/x86_64-linux-gnu/libcudnn.so.9: not found",
		"see https://example.com/a/b":                          "see https://example.com/a/b",
		"the folder /home/ann/ is full":                        "the folder  is full",
		"":                                                     "",
		"output: ptxas /tmp/tempfile-annspc-528e6f61-1909-622b8be3ab01d, line 10; fatal": "output: ptxas tempfile, line 10; fatal",
	} {
		require.Equal(t, want, withoutFolders(text))
	}
}

func TestPublishable(t *testing.T) {
	measured := &MeasuredPeak{Method: "products; not measured: fp8 (no /home/ann/venv/libcublasLt.so.13)"}
	r := Result{Reason: "/home/ann/a", Peak: Peak{Measured: measured}, Validity: Validity{Reasons: []string{"/home/ann/b"}}}
	got := publishable(r)
	require.Equal(t, "a", got.Reason)
	require.Equal(t, []string{"b"}, got.Validity.Reasons)
	require.Equal(t, "products; not measured: fp8 (no libcublasLt.so.13)", got.Peak.Measured.Method)
	require.Contains(t, measured.Method, "/home/ann", "others' are left alone")
	require.Nil(t, publishable(Result{}).Peak.Measured)
}
