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
	} {
		require.Equal(t, want, withoutFolders(text))
	}
}
