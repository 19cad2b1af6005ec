//go:build !linux

package host

import (
	"errors"
	"fmt"
	"io"
)

// Start starts nothing: only Linux can bind a child's life to its parent's.
func Start(name string, _ ...string) (io.ReadCloser, error) {
	return nil, fmt.Errorf("starting %s beside a measurement: %w", name, errors.ErrUnsupported)
}
