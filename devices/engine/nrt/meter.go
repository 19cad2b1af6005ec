package nrt

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/engine/nrt/libnrt"
	"github.com/accelbench/accelbench/workloads"
	"github.com/accelbench/accelbench/workloads/stablehlo"
	"github.com/accelbench/accelbench/workloads/stablehlo/probe"
)

const (
	// timedExecutions is how many are timed for each figure, of which the median counts, after one that is not timed.
	timedExecutions = 7
	timedLaunches   = 200
	// productsAtOnce is how many products one execution makes.
	productsAtOnce = 4
)

// meter measures on the logical cores of a device.
type meter struct {
	effort
	ctx      context.Context
	now      func() time.Time
	engine   *engine
	until    time.Time
	places   []place // one on each core
	compiler compiler
	target   target
	missing  []string // what could not be measured, and why
}

// leave gives the cores back.
func (m *meter) leave() {
	for _, p := range m.places {
		p.leave()
	}
}

// copies times copies to and from one core. A copy to it ends when its last bytes can be read back, whatever the runtime does before.
func (m *meter) copies() (to, from *float64, err error) {
	data, back := make([]byte, m.effort.copies), make([]byte, m.effort.copies)
	if err := probe.Fill(data, workloads.I8, workloads.MixFirst, 0); err != nil {
		return nil, nil, err
	}
	t, err := m.places[0].allocate("copy", m.effort.copies)
	if err != nil {
		return nil, nil, err
	}
	defer t.Close()
	last := back[:min(64, len(back))]
	up, err := devices.MedianTime(m.ctx, m.now, timedExecutions, func() error {
		return errors.Join(t.Write(data, 0), t.Read(last, t.Size()-int64(len(last))))
	})
	if err != nil {
		return nil, nil, err
	}
	down, err := devices.MedianTime(m.ctx, m.now, timedExecutions, func() error { return t.Read(back, 0) })
	if err != nil {
		return nil, nil, err
	}
	if !bytes.Equal(data, back) {
		return nil, nil, errors.New("what comes back is not what was written")
	}
	return rate(float64(m.effort.copies), up), rate(float64(m.effort.copies), down), nil
}

func rate(work float64, took time.Duration) *float64 {
	r := work / took.Seconds()
	return &r
}

// launch times a program that is all overhead, on one core.
func (m *meter) launch() (*time.Duration, error) {
	p, err := probe.Nothing(1)
	if err != nil {
		return nil, err
	}
	took, err := m.run(p, m.places[:1], timedLaunches)
	if err != nil {
		return nil, err
	}
	return &took, nil
}

// bandwidth is that of adding two arrays into a third, bytes read and written per second, of all cores.
func (m *meter) bandwidth() (*float64, error) {
	const columns, width = 1 << 10, 4
	rows := int(m.arrays / (columns * width))
	p, err := probe.Sum(rows, columns, 1)
	if err != nil {
		return nil, err
	}
	took, err := m.run(p, m.places, timedExecutions)
	if err != nil {
		return nil, err
	}
	return rate(3*float64(rows)*columns*width*float64(len(m.places)), took), nil
}

// products is the rate of operations in products of square matrices, a multiply-add counting as two, of all cores.
func (m *meter) products(dtype workloads.DType) (float64, error) {
	p, err := probe.Products(dtype, m.rows, productsAtOnce, 1)
	if err != nil {
		return 0, err
	}
	took, err := m.run(p, m.places, timedExecutions)
	if err != nil {
		return 0, err
	}
	n := float64(m.rows)
	return *rate(2*n*n*n*productsAtOnce*float64(len(m.places)), took), nil
}

// run times the executions of a program on cores, all at once, from the first call to the last end.
func (m *meter) run(p *stablehlo.Program, places []place, n int) (took time.Duration, err error) {
	all, err := m.load(p, places)
	defer func() { err = errors.Join(err, all.close()) }()
	if err != nil {
		return 0, err
	}
	if took, err = devices.MedianTime(m.ctx, m.now, n, all.execute); err != nil {
		return 0, err
	}
	return took, all.written()
}

// load compiles a program and makes it ready on cores. What it made it returns with an error as well.
func (m *meter) load(p *stablehlo.Program, places []place) (all lanes, err error) {
	limited, cancel := context.WithTimeout(m.ctx, m.compile)
	defer cancel()
	b, err := m.engine.obtain(limited, m.compiler, m.target, p)
	if err != nil {
		if limited.Err() != nil && m.ctx.Err() == nil {
			return nil, fmt.Errorf("compiling with %s took longer than %s", compilerName, m.compile)
		}
		return nil, err
	}
	for _, here := range places {
		if err := here.room(p.Bytes()); err != nil {
			return all, err
		}
		l := &lane{}
		all = append(all, l)
		if err := l.load(here, b); err != nil {
			return all, err
		}
	}
	if err := all.fill(m.ctx, p.Args, m.chunk); err != nil {
		return all, err
	}
	return all, all.mark()
}

// lane is a program on a core with tensors of its own.
type lane struct {
	program *program
	in, out []*libnrt.Tensor
	sets    [2]*libnrt.Set // inputs, outputs
}

func (l *lane) load(here place, b built) (err error) {
	if l.program, err = here.load(b.neff); err != nil {
		return err
	}
	if l.in, l.sets[0], err = l.bind(l.program.inputs, b.Args, inputName); err != nil {
		return fmt.Errorf("inputs: %w", err)
	}
	if l.out, l.sets[1], err = l.bind(l.program.outputs, b.Results, outputName); err != nil {
		return fmt.Errorf("outputs: %w", err)
	}
	return nil
}

// bind allocates a tensor for each port. What it made it returns with an error as well.
func (l *lane) bind(infos map[string]libnrt.TensorInfo, ports []stablehlo.Port, name func(int) string) (made []*libnrt.Tensor, set *libnrt.Set, err error) {
	named := map[string]*libnrt.Tensor{}
	for i, port := range ports {
		info, ok := infos[name(i)]
		if !ok {
			return made, nil, fmt.Errorf("the program has no %s", name(i))
		}
		if err := check(info, port.DType, port.Bytes()); err != nil {
			return made, nil, err
		}
		t, err := l.program.place.allocate(name(i), port.Bytes())
		if err != nil {
			return made, nil, err
		}
		made, named[name(i)] = append(made, t), t
	}
	if err := unexpected("tensors", infos, func(name string) bool { return named[name] != nil }); err != nil {
		return made, nil, err
	}
	set, err = l.program.place.set(named)
	return made, set, err
}

// lanes run the same program.
type lanes []*lane

// fill makes random inputs on the host, so that no compiler need take the program that makes them, the same for all cores: so many
// bytes at a time.
func (all lanes) fill(ctx context.Context, ports []stablehlo.Port, most int64) error {
	var chunk []byte
	for i, port := range ports {
		for at := int64(0); at < port.Bytes(); at += most {
			if err := ctx.Err(); err != nil {
				return err
			}
			n := min(most, port.Bytes()-at)
			chunk = slices.Grow(chunk[:0], int(n))[:n]
			if err := probe.Fill(chunk, port.DType, uint64(i+1)*workloads.MixFirst, int(at/port.DType.Bytes())); err != nil {
				return err
			}
			for _, l := range all {
				if err := l.in[i].Write(chunk, at); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// execute runs the program on all cores at once.
func (all lanes) execute() error {
	if len(all) == 1 {
		return all[0].program.Execute(all[0].sets[0], all[0].sets[1])
	}
	errs := make([]error, len(all))
	var wait sync.WaitGroup
	for i, l := range all {
		wait.Go(func() { errs[i] = l.program.Execute(l.sets[0], l.sets[1]) })
	}
	wait.Wait()
	return errors.Join(errs...)
}

// notANumber is no number in any type of floats of two or four bytes.
func notANumber() []byte { return []byte{0xff, 0xff, 0xff, 0xff} }

// mark makes the end of each output no number, so that written can tell whether executions compute.
func (all lanes) mark() error {
	for _, l := range all {
		for _, t := range l.out {
			if err := t.Write(notANumber(), t.Size()-int64(len(notANumber()))); err != nil {
				return err
			}
		}
	}
	return nil
}

func (all lanes) written() error {
	for _, l := range all {
		for _, t := range l.out {
			end := make([]byte, len(notANumber()))
			if err := t.Read(end, t.Size()-int64(len(end))); err != nil {
				return err
			}
			if bytes.Equal(end, notANumber()) {
				return errors.New("executions succeed and do not write their results")
			}
		}
	}
	return nil
}

// close gives up sets, tensors and programs, in this order.
func (all lanes) close() error {
	var errs []error
	for _, l := range all {
		for _, set := range l.sets {
			if set != nil {
				set.Close()
			}
		}
		for _, t := range slices.Concat(l.in, l.out) {
			t.Close()
		}
		if l.program != nil {
			errs = append(errs, l.program.Close())
		}
	}
	return errors.Join(errs...)
}
