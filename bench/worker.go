package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/workloads"
)

// WorkerFD is the file descriptor on which a worker process writes its events.
const WorkerFD = 3

// ErrParentGone is what [Worker] returns when its lifeline broke. The process must then exit at once: work may be in
// flight in a library that cannot be told to stop.
var ErrParentGone = errors.New("the parent process is gone")

// Catalogue lists what a worker can use, each in order of preference.
type Catalogue struct {
	Backends []devices.Backend
	// Engines makes the engines, for so many CPU threads where they use any; 0 stands for as many as there are CPUs.
	Engines func(threads int) []devices.Engine
	Machine devices.Machine
	// Peak measures the peaks of a device; nil, or a nil result, where none can be measured.
	Peak func(ctx context.Context, dev devices.Device) (*MeasuredPeak, error)
	// Workload builds the workload of a plan; nil stands for [FindWorkload].
	Workload func(Plan) (*workloads.Workload, error)
}

// Worker does one job: it reads a [Job] from in, which must stay open, and writes events to out. When in ends it returns
// ErrParentGone without waiting for the job, and when a query hangs it returns nil likewise: the process must then exit at once.
func Worker(ctx context.Context, in io.Reader, out io.Writer, c Catalogue) error {
	lines := json.NewDecoder(in)
	var job Job
	if err := lines.Decode(&job); err != nil {
		return fmt.Errorf("reading the job: %w", err)
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	gone, start := make(chan struct{}), make(chan struct{})
	go watch(lines, stop, start, gone)
	done, events := make(chan error, 1), newSink(out)
	go func() { done <- c.do(ctx, job, events, start) }()
	select {
	case err := <-done:
		return err
	case err := <-events.over:
		return err
	case <-gone:
		return ErrParentGone
	}
}

// watch obeys the parent until its end.
func watch(lines *json.Decoder, stop context.CancelFunc, start, gone chan<- struct{}) {
	var once sync.Once
	for {
		var c command
		if lines.Decode(&c) != nil {
			close(gone)
			return
		}
		if c.Stop {
			stop()
		}
		if c.Start {
			once.Do(func() { close(start) })
		}
	}
}

func (c Catalogue) do(ctx context.Context, job Job, out *sink, start <-chan struct{}) error {
	switch {
	case job.Kind == JobFind:
		inventory, err := c.find(ctx, job, out)
		if err != nil {
			return out.send(event{Error: err.Error()})
		}
		return out.send(event{Inventory: &inventory})
	case job.Kind == JobPeak && c.Peak != nil:
		return c.peak(ctx, job, out)
	case job.Kind == JobMeasure && job.Plan != nil && job.Result != nil:
		return c.measure(ctx, job, out, start)
	case job.Kind == JobSelftest:
		return c.selftest(ctx, job.Part, out)
	}
	return out.send(event{Error: fmt.Sprintf("this worker cannot do a job of kind %q", job.Kind)})
}

// find asks one backend and probes the engines on every device.
func (c Catalogue) find(ctx context.Context, job Job, out *sink) (Inventory, error) {
	name := job.Backend
	i := slices.IndexFunc(c.Backends, func(b devices.Backend) bool { return b.Name() == name })
	if i < 0 {
		return Inventory{}, fmt.Errorf("unknown backend %q", name)
	}
	found, err := c.Backends[i].Find(ctx, c.Machine)
	inventory := Inventory{Backend: name, Problems: found.Problems}
	switch {
	case errors.Is(err, devices.ErrAbsent):
		inventory.Absent = err.Error()
	case err != nil:
		inventory.Problems = append(inventory.Problems, devices.Problem{Text: err.Error()})
	}
	for _, dev := range found.Devices {
		candidate, err := c.candidate(ctx, dev, job.Skip, out)
		if err != nil {
			return Inventory{}, err
		}
		inventory.Devices = append(inventory.Devices, candidate)
		if err := dev.Close(); err != nil {
			inventory.Problems = append(inventory.Problems, devices.Problem{Text: err.Error()})
		}
	}
	return inventory, nil
}

// candidate reads a device and probes the engines there. It tells which one before, since a vendor's library may take the process along.
func (c Catalogue) candidate(ctx context.Context, dev devices.Device, skip map[string]string, tell *sink) (Candidate, error) {
	info := dev.Info()
	// Without sensors the size of the memory has to do.
	reading, err := dev.Read(ctx)
	out := Candidate{Info: info, FreeBytes: freeBytes(info, reading)}
	if err == nil {
		out.Reading = &reading
	}
	for _, e := range c.Engines(0) {
		p := Probed{Name: e.Name()}
		if reason, skipped := skip[p.Name]; skipped {
			p.Reason = reason
			out.Engines = append(out.Engines, p)
			continue
		}
		if err := tell.stage(stageOfProbe(p.Name), 0); err != nil {
			return Candidate{}, err
		}
		if engine, err := e.Probe(info); err != nil {
			p.Reason, p.Unserved = err.Error(), errors.Is(err, devices.ErrUnsupported)
		} else {
			p.Info = &engine
		}
		out.Engines = append(out.Engines, p)
	}
	return out, nil
}

func (c Catalogue) peak(ctx context.Context, job Job, out *sink) error {
	dev, err := c.open(ctx, job.Backend, job.Device)
	if err != nil {
		return out.send(event{Error: err.Error()})
	}
	peak, err := c.Peak(ctx, dev)
	switch {
	case err != nil:
		err = out.send(event{Error: err.Error()})
	case peak == nil:
		err = out.send(event{Error: "no way to measure the peaks of " + job.Device})
	default:
		err = out.send(event{Peak: peak})
	}
	return errors.Join(err, dev.Close())
}

// open finds the device by its id and closes the others of its backend. An id of several devices, joined by "+", opens them as one.
func (c Catalogue) open(ctx context.Context, backend, id string) (devices.Device, error) {
	i := slices.IndexFunc(c.Backends, func(b devices.Backend) bool { return b.Name() == backend })
	if i < 0 {
		return nil, fmt.Errorf("opening device %s: unknown backend %q", id, backend)
	}
	found, err := c.Backends[i].Find(ctx, c.Machine)
	if err != nil && len(found.Devices) == 0 {
		return nil, fmt.Errorf("opening device %s: %w", id, err)
	}
	ids := strings.Split(id, devices.JoinSeparator)
	members := make([]devices.Device, len(ids))
	for _, d := range found.Devices {
		if i := slices.Index(ids, d.Info().ID); i >= 0 && members[i] == nil {
			members[i] = d
		} else if err := d.Close(); err != nil {
			return nil, fmt.Errorf("closing device %s: %w", d.Info().ID, err)
		}
	}
	if i := slices.Index(members, nil); i >= 0 {
		return nil, fmt.Errorf("opening device %s: %w: %s has no such device now", ids[i], devices.ErrAbsent, backend)
	}
	return devices.Join(members), nil
}

func (c Catalogue) workload(p Plan) (*workloads.Workload, error) {
	if c.Workload != nil {
		return c.Workload(p)
	}
	return FindWorkload(p)
}
