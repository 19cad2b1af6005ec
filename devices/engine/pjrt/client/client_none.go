//go:build !linux || !cgo || (!amd64 && !arm64)

package client

import (
	"errors"

	"github.com/accelbench/accelbench/devices/engine/pjrt/plugin"
	"github.com/accelbench/accelbench/workloads"
)

// errLeftOut is what there is in place of a client. No plugin passes the gates in such a build, so that nobody gets as far.
var errLeftOut = errors.New("this program was built without the PJRT engine")

// Client stands for a client that cannot be.
type Client struct{}

// Open fails.
func Open(*plugin.Plugin, map[string]any) (*Client, error) { return nil, errLeftOut }

// Platform is empty.
func (c *Client) Platform() string { return "" }

// PlatformVersion is empty.
func (c *Client) PlatformVersion() string { return "" }

// Devices are none.
func (c *Client) Devices() []Device { return nil }

// Use does nothing.
func (c *Client) Use(...int) {}

// Prefer does nothing.
func (c *Client) Prefer(map[string]int64) {}

// Close does nothing.
func (c *Client) Close() error { return nil }

// Executable stands for a program.
type Executable struct{}

// Compile fails.
func (c *Client) Compile([]byte) (*Executable, error) { return nil, errLeftOut }

// Memory is none.
func (e *Executable) Memory() Memory { return Memory{} }

// Run fails.
func (e *Executable) Run([]*Buffer, []bool) ([]*Buffer, error) { return nil, errLeftOut }

// Close does nothing.
func (e *Executable) Close() error { return nil }

// Buffer stands for an array.
type Buffer struct{}

// Upload fails.
func (c *Client) Upload([]byte, workloads.DType, []int) (*Buffer, error) { return nil, errLeftOut }

// UploadParts fails.
func (c *Client) UploadParts([][]byte, workloads.DType, []int) (*Buffer, error) {
	return nil, errLeftOut
}

// Download fails.
func (b *Buffer) Download([]byte) error { return errLeftOut }

// Close does nothing.
func (b *Buffer) Close() error { return nil }
