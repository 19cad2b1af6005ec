//go:build linux && cgo && (amd64 || arm64)

package client

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/go-xla/pjrt"

	_ "github.com/accelbench/accelbench/devices/engine/pjrt/client/quiet" // before go-xla's initialisation
	"github.com/accelbench/accelbench/devices/engine/pjrt/plugin"
	"github.com/accelbench/accelbench/workloads"
)

// Client is a plugin at work in this process. Its methods may be called from several goroutines, Use and Close excepted.
type Client struct {
	client  *pjrt.Client
	devices []Device
	used    []int // indexes of the devices that are used

	mu        sync.Mutex
	preferred map[string]int64 // options of the compiler
}

// registered keeps go-xla's list of plugins, which has no lock, to one goroutine.
//
//nolint:gochecknoglobals // guards a global of go-xla
var registered sync.Mutex

// open hands the plugin's table to go-xla, under a name by which it takes it for no CUDA plugin: what it would do then, setting
// XLA_FLAGS, the engine does itself. A plugin is initialised once in a process.
func open(p *plugin.Plugin) (*pjrt.Plugin, error) {
	registered.Lock()
	defer registered.Unlock()
	name := fmt.Sprintf("accelbench-%x", p.Table)
	if known, err := pjrt.GetPlugin(name); err == nil {
		return known, nil
	}
	if err := pjrt.RegisterPreloadedPlugin(name, p.Table); err != nil {
		return nil, err
	}
	return pjrt.GetPlugin(name)
}

// Open makes a client with the plugin's options, whose values are strings, bools, int64, []int64 or float32.
func Open(p *plugin.Plugin, options map[string]any) (*Client, error) {
	opened, err := open(p)
	if err != nil {
		return nil, fmt.Errorf("starting the PJRT plugin: %w", err)
	}
	made, err := opened.NewClient(options)
	if err != nil {
		return nil, fmt.Errorf("making the PJRT client: %w", caused(err))
	}
	c := &Client{client: made}
	list := made.AddressableDevices()
	if len(list) == 0 {
		return nil, errors.Join(errors.New("making the PJRT client: it has no device"), c.Close())
	}
	for _, d := range list {
		described, err := describe(p, d)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("asking the PJRT client for its devices: %w", err), c.Close())
		}
		c.devices = append(c.devices, described)
	}
	c.Use(0)
	return c, nil
}

// describe reads what go-xla does not give: it has the pointer to the device in a field of its own, whose name a test checks.
func describe(p *plugin.Plugin, d *pjrt.Device) (Device, error) {
	device := reflect.ValueOf(d).Elem().FieldByName("cDevice").Pointer()
	told, err := p.Describe(device)
	return Device{Kind: told.Kind, HardwareID: d.LocalHardwareID(), Number: told.Number, Attributes: told.Attributes}, err
}

// Platform is the platform's name as the plugin gives it.
func (c *Client) Platform() string { return c.client.Platform() }

// PlatformVersion is what the plugin says of its software; it may have several lines.
func (c *Client) PlatformVersion() string { return c.client.PlatformVersion() }

// Devices are those that this process can use.
func (c *Client) Devices() []Device { return c.devices }

// Use chooses devices by their indexes in Devices; the first is chosen at first. Several execute all programs together.
func (c *Client) Use(indexes ...int) { c.used = indexes }

// Close gives the devices back. What was made with the client is of no use after it.
func (c *Client) Close() error {
	if !c.client.IsValid() {
		return nil
	}
	if err := c.client.Destroy(); err != nil {
		return fmt.Errorf("closing the PJRT client: %w", err)
	}
	return nil
}

// Executable is a compiled program on the devices that are used.
type Executable struct {
	client *Client
	loaded *pjrt.LoadedExecutable
}

// Compile compiles a StableHLO module, as MLIR text. For several devices the compiler divides it (Shardy) as its arguments and
// results say, the first part for the device that was chosen first.
func (c *Client) Compile(module []byte) (*Executable, error) {
	how := c.client.Compile().WithStableHLO(module)
	if len(c.used) > 1 {
		var numbers []int
		for _, index := range c.used {
			numbers = append(numbers, c.devices[index].Number)
		}
		how = how.WithShardy(len(numbers)).WithDeviceAssignment(numbers)
	}
	c.ask(how)
	loaded, err := how.Done()
	if err != nil {
		if c.refused(err) {
			return c.Compile(module)
		}
		return nil, caused(err)
	}
	return &Executable{c, loaded}, nil
}

// Memory is what the program takes on each device.
func (e *Executable) Memory() Memory {
	m := e.loaded.OnDeviceMemoryUsageStats
	return Memory{Arguments: m.Inputs, Results: m.Outputs, Aliased: m.Aliases, Temporary: m.Temporary, Code: m.GeneratedCode}
}

// Run executes the program and waits for its end. donate says, for each argument, whether the program may take its memory for
// a result: such a buffer is gone after Run. After an error no argument is of any use.
func (e *Executable) Run(args []*Buffer, donate []bool) ([]*Buffer, error) {
	parts := len(e.client.used)
	list, donated := make([]*pjrt.Buffer, 0, parts*len(args)), make([]bool, 0, parts*len(args))
	for part := range parts {
		for _, a := range args {
			list = append(list, a.parts[part])
		}
		// go-xla counts through to know which buffers are gone; plugins look for the numbers of arguments, and pass over larger ones.
		donated = append(donated, donate...)
	}
	how := e.loaded.Execute(list...).SetDonate(donated)
	if parts == 1 {
		how = how.OnDeviceByNum(e.client.used[0])
	}
	results, err := how.Done()
	if err != nil {
		return nil, caused(err)
	}
	out := make([]*Buffer, len(results)/parts)
	for i, r := range results {
		b := &out[i%len(out)] // those of a device lie together
		if *b == nil {
			*b = &Buffer{}
		}
		(*b).parts = append((*b).parts, r)
	}
	return out, nil
}

// Close forgets the program; a second call does nothing.
func (e *Executable) Close() error { return e.loaded.Destroy() }

// Buffer is an array on the devices that are used: on each a part of it, or all.
type Buffer struct{ parts []*pjrt.Buffer }

// Upload copies an array to each device: row-major elements in the byte order of the machine. A nil shape is a scalar's.
func (c *Client) Upload(data []byte, dtype workloads.DType, shape []int) (*Buffer, error) {
	return c.UploadParts(slices.Repeat([][]byte{data}, len(c.used)), dtype, shape)
}

// UploadParts copies one array to each device, all of one shape.
func (c *Client) UploadParts(parts [][]byte, dtype workloads.DType, shape []int) (*Buffer, error) {
	out := &Buffer{}
	for i, index := range c.used {
		b, err := c.upload(c.client.AddressableDevices()[index], parts[i], dtype, shape)
		if err != nil {
			return nil, errors.Join(err, out.Close())
		}
		out.parts = append(out.parts, b)
	}
	return out, nil
}

func (c *Client) upload(device *pjrt.Device, data []byte, dtype workloads.DType, shape []int) (*pjrt.Buffer, error) {
	to, ok := types()[dtype]
	if !ok {
		return nil, fmt.Errorf("arrays of %s are not known", dtype)
	}
	if want := workloads.Elements(shape) * int(dtype.Bytes()); len(data) != want {
		return nil, fmt.Errorf("an array of %v %s has %d bytes, not %d", shape, dtype, want, len(data))
	}
	if len(data) == 0 {
		data = []byte{0}[:0:1] // an address all the same
	}
	buffer, err := c.client.BufferFromHost().FromRawData(data, to, shape).ToDevice(device).Done()
	if err != nil {
		return nil, caused(err)
	}
	return buffer, nil
}

// Download copies the array of the first device to dst, which has its size in bytes, row-major in the byte order of the machine.
func (b *Buffer) Download(dst []byte) error {
	if len(dst) == 0 {
		return nil
	}
	return caused(b.parts[0].ToHost(dst))
}

// Close frees the memory; a second call, or one for a buffer that was donated, does nothing.
func (b *Buffer) Close() error {
	var errs []error
	for _, part := range b.parts {
		errs = append(errs, part.Destroy())
	}
	return errors.Join(errs...)
}

func types() map[workloads.DType]dtypes.DType {
	return map[workloads.DType]dtypes.DType{
		workloads.F32: dtypes.Float32, workloads.F64: dtypes.Float64, workloads.F16: dtypes.Float16, workloads.BF16: dtypes.BFloat16,
		workloads.I64: dtypes.Int64, workloads.I32: dtypes.Int32, workloads.I16: dtypes.Int16, workloads.I8: dtypes.Int8,
		workloads.U64: dtypes.Uint64, workloads.U32: dtypes.Uint32, workloads.U16: dtypes.Uint16, workloads.U8: dtypes.Uint8,
		workloads.Bool: dtypes.Bool, workloads.F8E4M3: dtypes.F8E4M3FN,
	}
}
