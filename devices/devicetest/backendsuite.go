package devicetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"regexp"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/accelbench/accelbench/devices"
)

// TestBackend checks what every backend promises, on the devices that it finds on the machine m. It skips the test, with
// the reason, where there are none.
func TestBackend(t *testing.T, b devices.Backend, m devices.Machine) {
	t.Helper()
	absent, err := checkBackend(t.Context(), b, m)
	if err != nil {
		t.Fatalf("backend %s: %v", b.Name(), err)
	}
	if absent != "" {
		t.Skip(absent)
	}
}

var backendName = regexp.MustCompile(`^[a-z][a-z0-9]*$`)

// checkBackend returns the reason for which nothing could be checked, or what is wrong.
func checkBackend(ctx context.Context, b devices.Backend, m devices.Machine) (absent string, err error) {
	if !backendName.MatchString(b.Name()) {
		return "", fmt.Errorf("name %q is not one lower-case word", b.Name())
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	inv, err := b.Find(cancelled, m)
	closeAll(inv.Devices)
	if !errors.Is(err, context.Canceled) && !errors.Is(err, devices.ErrAbsent) {
		return "", fmt.Errorf("find with a cancelled context returns %w, not its error", err)
	}
	inv, err = b.Find(ctx, m)
	if errors.Is(err, devices.ErrAbsent) {
		if len(inv.Devices) > 0 {
			return "", errors.New("find returns devices beside ErrAbsent")
		}
		if reason := strings.Trim(strings.ReplaceAll(err.Error(), devices.ErrAbsent.Error(), ""), ": "); reason == "" {
			return "", errors.New("find says absent without a reason")
		}
		return err.Error(), nil
	}
	if err != nil {
		return "", fmt.Errorf("find: %w", err)
	}
	defer closeAll(inv.Devices)
	if len(inv.Devices)+len(inv.Problems) == 0 {
		return "", errors.New("find returns nothing and no ErrAbsent")
	}
	for _, p := range inv.Problems {
		if p.Text == "" {
			return "", errors.New("a problem without a text")
		}
	}
	seen := map[string]bool{}
	for _, dev := range inv.Devices {
		info := dev.Info()
		if seen[info.ID] {
			return "", fmt.Errorf("two devices have the id %q", info.ID)
		}
		seen[info.ID] = true
		if err := checkInfo(b.Name(), info); err != nil {
			return "", fmt.Errorf("info of %q: %w", info.ID, err)
		}
		if err := checkDevice(ctx, dev); err != nil {
			return "", fmt.Errorf("device %s: %w", info.ID, err)
		}
	}
	return "", nil
}

func closeAll(list []devices.Device) {
	for _, d := range list {
		_ = d.Close() // again, if the check came that far: allowed
	}
}

func checkInfo(backend string, info devices.Info) error {
	if info.Backend != backend {
		return fmt.Errorf("backend is %q, not %q", info.Backend, backend)
	}
	if !regexp.MustCompile(`^` + backend + `(:[A-Za-z0-9][A-Za-z0-9.:/_-]*)?$`).MatchString(info.ID) {
		return fmt.Errorf("the id is not %s or %s:something", backend, backend)
	}
	if strings.TrimSpace(info.Name) == "" {
		return errors.New("no name")
	}
	if info.MemoryBytes != nil && *info.MemoryBytes == 0 || info.Cores != nil && *info.Cores <= 0 {
		return errors.New("memory or cores are 0: unknown is nil")
	}
	names := map[string]bool{}
	for _, d := range info.Details {
		if d.Name == "" || names[d.Name] {
			return fmt.Errorf("detail %q: empty or twice", d.Name)
		}
		names[d.Name] = true
		switch v := reflect.ValueOf(d.Value); {
		case d.Value == nil, v.Kind() == reflect.Bool, v.CanInt(), v.CanUint(), v.Kind() == reflect.String:
		case v.CanFloat() && !math.IsNaN(v.Float()) && !math.IsInf(v.Float(), 0):
		default:
			return fmt.Errorf("detail %s: %v (%T) is no string, bool, finite number or nil", d.Name, d.Value, d.Value)
		}
	}
	if p := info.Peak; p != nil {
		if p.Source == "" {
			return errors.New("a peak without a source")
		}
		for precision, flops := range p.Flops {
			if err := figure("peak of "+precision, &flops, math.MaxFloat64); err != nil {
				return err
			}
		}
	}
	return checkRoundTrip(info)
}

// checkRoundTrip writes, reads and writes again: what is lost or changed on the way shows.
func checkRoundTrip(info devices.Info) error {
	first, err := json.Marshal(info)
	if err != nil {
		return fmt.Errorf("as JSON: %w", err)
	}
	var back devices.Info
	if err := json.Unmarshal(first, &back); err != nil {
		return fmt.Errorf("from JSON: %w", err)
	}
	second, err := json.Marshal(back)
	if err != nil {
		return fmt.Errorf("as JSON again: %w", err)
	}
	if string(first) != string(second) {
		return fmt.Errorf("JSON changes when it is read and written: %s, then %s", first, second)
	}
	return nil
}

func checkDevice(ctx context.Context, dev devices.Device) error {
	if !reflect.DeepEqual(dev.Info(), dev.Info()) {
		return errors.New("two calls of info differ")
	}
	first, err := dev.Read(ctx)
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	second, err := dev.Read(ctx)
	if err != nil {
		return fmt.Errorf("second read: %w", err)
	}
	for _, r := range []devices.Reading{first, second} {
		if err := checkReading(r); err != nil {
			return fmt.Errorf("reading: %w", err)
		}
	}
	if second.Time.Before(first.Time) {
		return errors.New("the second reading is older than the first")
	}
	for name, pair := range map[string][2]*float64{
		"energy":        {first.EnergyJoules, second.EnergyJoules},
		"cpu steal":     {first.CPUStealSeconds, second.CPUStealSeconds},
		"cpu throttled": {first.CPUThrottledSeconds, second.CPUThrottledSeconds},
	} {
		if pair[0] != nil && pair[1] != nil && *pair[1] < *pair[0] {
			return fmt.Errorf("the counter %s runs backwards: %v, then %v", name, *pair[0], *pair[1])
		}
	}
	if err := checkWatcher(ctx, dev); err != nil {
		return fmt.Errorf("watched: %w", err)
	}
	for _, which := range []string{"close", "second close"} {
		if err := dev.Close(); err != nil {
			return fmt.Errorf("%s: %w", which, err)
		}
	}
	return guard(func() error {
		_, _ = dev.Read(ctx) // an error or not, but no panic
		return nil
	})
}

// checkWatcher starts the sensors that run beside the work, of devices that have such, and reads on.
func checkWatcher(ctx context.Context, dev devices.Device) error {
	w, ok := dev.(devices.Watcher)
	if !ok {
		return nil
	}
	w.Watch()
	w.Watch() // again changes nothing
	r, err := dev.Read(ctx)
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	return errors.Join(checkReading(r), checkInfo(dev.Info().Backend, dev.Info()))
}

func checkReading(r devices.Reading) error {
	if r.Time.IsZero() {
		return errors.New("no time")
	}
	if t := r.TemperatureC; t != nil && (math.IsNaN(*t) || *t < -100 || *t > 1000) {
		return fmt.Errorf("temperature is %v", *t)
	}
	if n := r.Processes; n != nil && *n < 0 {
		return fmt.Errorf("%d processes", *n)
	}
	return errors.Join(
		figure("power", r.PowerWatts, 1e6),
		figure("energy", r.EnergyJoules, math.MaxFloat64),
		figure("mean power", r.PowerAverageWatts, 1e6),
		figure("power limit", r.PowerLimitWatts, 1e6),
		figure("power share", r.PowerPercent, 1000), // of a maximum that a vendor names, which can be passed
		figure("memory energy", r.DRAMEnergyJoules, math.MaxFloat64),
		figure("memory temperature", r.MemoryTemperatureC, 1000),
		figure("utilization", r.UtilizationPercent, 100),
		figure("memory utilization", r.MemoryUtilizationPercent, 100),
		figure("active cores", r.CoresActivePercent, 100),
		figure("active matrix units", r.TensorActivePercent, 100),
		figure("memory bandwidth", r.MemoryBandwidthPercent, 100),
		figure("clock", r.ClockMHz, 1e5),
		figure("memory clock", r.MemoryClockMHz, 1e5),
		figure("cpu steal", r.CPUStealSeconds, math.MaxFloat64),
		figure("cpu throttled", r.CPUThrottledSeconds, math.MaxFloat64),
	)
}

// figure checks that a value is unknown, or from 0 to most.
func figure(name string, x *float64, most float64) error {
	if x == nil || *x >= 0 && *x <= most {
		return nil
	}
	return fmt.Errorf("%s is %v", name, *x)
}

// guard turns a panic into an error that shows where it happened.
func guard(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return f()
}
