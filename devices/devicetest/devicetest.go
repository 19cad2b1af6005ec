// Package devicetest holds what tests of devices and of the harness need: conformance suites, and fakes with faults.
//
// The flow: a backend's own test calls [TestBackend], an engine's [TestEngine]; tests of the harness put [Backend],
// [Device] and [Engine] in the place of hardware, and set the latency, the output or the fault that they are about. All
// waiting is time.Sleep or a channel, so that in a testing/synctest bubble virtual time is exact.
//
// The room's one rule: only tests import it. It depends on package testing, and its fakes may panic, hang and end the
// process.
package devicetest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/accelbench/accelbench/devices"
)

// Backend is a backend that finds what it is told. The zero value finds nothing, for the reason "not set up".
type Backend struct {
	// BackendName is "fake" if empty.
	BackendName string
	Devices     []devices.Device
	Problems    []devices.Problem
	// Absent is the reason that is given when there are no Devices and no Problems.
	Absent string
	// Err, if set, is what Find returns.
	Err error
	// Latency is slept in Find.
	Latency time.Duration
}

// Name is BackendName.
func (b Backend) Name() string { return orDefault(b.BackendName, "fake") }

// Find returns what the fields say.
func (b Backend) Find(ctx context.Context, _ devices.Machine) (devices.Inventory, error) {
	if err := ctx.Err(); err != nil {
		return devices.Inventory{}, fmt.Errorf("finding %s: %w", b.Name(), err)
	}
	time.Sleep(b.Latency)
	if b.Err != nil {
		return devices.Inventory{}, b.Err
	}
	if len(b.Devices) == 0 && len(b.Problems) == 0 {
		return devices.Inventory{}, fmt.Errorf("finding %s: %s: %w", b.Name(), orDefault(b.Absent, "not set up"), devices.ErrAbsent)
	}
	return devices.Inventory{Devices: b.Devices, Problems: b.Problems}, nil
}

// Device is a device whose sensors say what they are told. Use it by pointer.
type Device struct {
	// DeviceInfo is what Info returns, with "fake", "fake:0" and "fake device" for an empty backend, id and name.
	DeviceInfo devices.Info
	// Reading is what each Read returns, at the time of the read.
	Reading devices.Reading
	// Watts, if set, is the power of each reading, and an energy counter that grows with it from the first read.
	Watts *float64
	// ReadOf, if set, makes reading n (from 0) in place of the fields above.
	ReadOf func(n int) (devices.Reading, error)
	// ReadError and CloseError, if set, are what Read and Close return.
	ReadError, CloseError error
	// Reads and Closes count the calls.
	Reads, Closes int

	first time.Time
}

// Info returns DeviceInfo.
func (d *Device) Info() devices.Info {
	info := d.DeviceInfo
	info.Backend = orDefault(info.Backend, "fake")
	info.ID = orDefault(info.ID, info.Backend+":0")
	info.Name = orDefault(info.Name, "fake device")
	return info
}

// Read returns the reading that the fields describe.
func (d *Device) Read(ctx context.Context) (devices.Reading, error) {
	n := d.Reads
	d.Reads++
	if err := ctx.Err(); err != nil {
		return devices.Reading{}, fmt.Errorf("reading %s: %w", d.Info().ID, err)
	}
	if d.Closes > 0 {
		return devices.Reading{}, fmt.Errorf("reading %s: %w", d.Info().ID, errClosed)
	}
	if d.ReadError != nil {
		return devices.Reading{}, d.ReadError
	}
	if d.ReadOf != nil {
		return d.ReadOf(n)
	}
	r := d.Reading
	r.Time = time.Now()
	if n == 0 {
		d.first = r.Time
	}
	if d.Watts != nil {
		watts, joules := *d.Watts, *d.Watts*r.Time.Sub(d.first).Seconds()
		r.PowerWatts, r.EnergyJoules = &watts, &joules
	}
	return r, nil
}

// Close returns CloseError.
func (d *Device) Close() error {
	d.Closes++
	return d.CloseError
}

var errClosed = errors.New("closed")

func orDefault(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
