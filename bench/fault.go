package bench

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/accelbench/accelbench/devices"
)

// blameTime bounds the question whether a device is still there: a device that is gone may never answer.
const blameTime = 2 * time.Second

// deviceErrors are the reasons for which what went wrong within the device makes a run invalid.
func (s surroundings) deviceErrors() []string {
	if len(s.readings) == 0 {
		return nil
	}
	last := s.readings[len(s.readings)-1]
	var reasons []string
	if n := s.grown(func(r devices.Reading) *uint64 { return r.ECCUncorrected }); n > 0 {
		reasons = append(reasons, fmt.Sprintf("the device's memory had errors within the run that could not be corrected: %d; look for its messages in dmesg, "+
			"reset it, and have it replaced if they come back", n))
	}
	if len(last.Faults) > 0 {
		reasons = append(reasons, fmt.Sprintf("the driver reported errors of the device: %s; look for their lines in dmesg", strings.Join(last.Faults, ", ")))
	}
	if n := s.grown(func(r devices.Reading) *uint64 { return r.ExecutionErrors }); n > 0 {
		reasons = append(reasons, fmt.Sprintf("the device's runtime counted executions that failed: %d; look into its log", n))
	}
	return reasons
}

// grown is by how much a counter grew, each time that it did: not all readings tell of it, and it may begin anew.
func (s surroundings) grown(counter func(devices.Reading) *uint64) uint64 {
	var before *uint64
	sum := uint64(0)
	for _, r := range s.readings {
		now := counter(r)
		if now == nil {
			continue
		}
		if before != nil && *now > *before {
			sum += *now - *before
		}
		before = now
	}
	return sum
}

// blame adds to the error of a run that the device is gone, which engines rarely say. A run whose device was lost has failed, even if
// nobody else has noticed.
func (m *measurement) blame(ctx context.Context, err error) error {
	lost := m.lost
	if lost == nil && broke(ctx, err) {
		lost = m.askDevice(ctx)
	}
	switch {
	case lost == nil || errors.Is(err, devices.ErrLost):
		return err
	case err == nil:
		return fmt.Errorf("the device was lost within the run: %w", lost)
	}
	return fmt.Errorf("%w; the device was lost: %w", err, lost)
}

// broke tells whether an error can be that of a lost device.
func broke(ctx context.Context, err error) bool {
	return err != nil && ctx.Err() == nil && !errors.Is(err, devices.ErrAbsent) && !errors.Is(err, devices.ErrUnsupported)
}

// askDevice reads the sensors once more; nil unless they say that the device is lost. A device that does not answer is left alone
// from then on, since it cannot even be closed.
func (m *measurement) askDevice(ctx context.Context) error {
	if m.dev == nil {
		return nil
	}
	answer := make(chan error, 1)
	go func(dev devices.Device) {
		_, err := dev.Read(ctx)
		answer <- err
	}(m.dev)
	select {
	case err := <-answer:
		if errors.Is(err, devices.ErrLost) {
			return err
		}
		return nil
	case <-time.After(blameTime):
		m.dev = nil
		return fmt.Errorf("%w: its sensors do not answer within %s", devices.ErrLost, blameTime)
	}
}
