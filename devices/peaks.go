package devices

import (
	"context"
	"slices"
	"time"
)

// Peaks is what programs of an engine's own reached on a device. What could not be measured is nil, or not in the map.
type Peaks struct {
	// FLOPs is operations per second in products of square matrices, a multiply-add counting as two, by precision.
	FLOPs map[string]float64
	// BytesPerSecond is the device's memory, in adding two arrays into a third: bytes read and written.
	BytesPerSecond *float64
	// HostToDevice and DeviceToHost are bytes per second of a copy from and to memory of the host that is not pinned, until the
	// data are there.
	HostToDevice, DeviceToHost *float64
	// Launch is the median time of a program that only adds two numbers, from the call to its end.
	Launch *time.Duration
	// Method says how it was measured, and what could not be.
	Method string
}

// MedianTime is the median of the times, by the clock now, of n executions after one that is not timed. A context that is done ends it
// with its error, and so does the first error of an execution.
func MedianTime(ctx context.Context, now func() time.Time, n int, once func() error) (time.Duration, error) {
	if err := once(); err != nil {
		return 0, err
	}
	times := make([]time.Duration, n)
	for i := range times {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		start := now()
		if err := once(); err != nil {
			return 0, err
		}
		times[i] = now().Sub(start)
	}
	slices.Sort(times)
	return times[n/2], nil
}
