//go:build noort

package ort

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestLeftOut(t *testing.T) {
	l, err := Open("libonnxruntime.so.1")
	assert.Nil(t, l)
	assert.ErrorIs(t, err, ErrLeftOut)
	assert.ErrorContains(t, err, "noort")
	_, err = l.NewValue(make([]byte, 4), F32, nil)
	assert.ErrorIs(t, err, ErrLeftOut)
	_, err = l.NewSessionFromFile("model.onnx", Options{Threads: -1})
	assert.ErrorContains(t, err, "threads", "bad options are bad in every build")
}
