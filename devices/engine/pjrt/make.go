package pjrt

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/engine/pjrt/client"
	"github.com/accelbench/accelbench/workloads"
	"github.com/accelbench/accelbench/workloads/stablehlo"
	"github.com/accelbench/accelbench/workloads/stablehlo/probe"
)

// maker makes the buffers of a session and takes the time.
type maker struct {
	*session
	times *devices.Loaded
}

// params makes the parameters: on the device, by one program for each kind of them, or, where they come from files, one after the
// other through the memory of the host.
func (m maker) params(ctx context.Context, w *workloads.Workload, programs []*stablehlo.Program) error {
	generators, err := stablehlo.Generators(w, m.form)
	if err != nil {
		return unsupported(err)
	}
	for _, g := range generators {
		if err := m.generate(ctx, g); err != nil {
			return fmt.Errorf("making parameters by %s: %w", g.Program.Name, err)
		}
	}
	for _, p := range programs {
		for _, port := range p.Args {
			if port.Role != stablehlo.Param || m.session.params[port.Name] != nil {
				continue
			}
			if err := m.upload(ctx, w, port); err != nil {
				return fmt.Errorf("parameter %s: %w", port.Name, err)
			}
		}
	}
	return nil
}

// generate runs a generator for each of its parameters.
func (m maker) generate(ctx context.Context, g stablehlo.Generator) error {
	start := time.Now()
	program, err := m.client.Compile(g.Program.Text)
	if err != nil {
		return fmt.Errorf("compiling: %w", err)
	}
	m.times.Compile += time.Since(start)

	start = time.Now()
	for _, p := range g.Params {
		if err := ctx.Err(); err != nil {
			return errors.Join(err, program.Close())
		}
		made, err := m.call(program, g.Program, p.Args)
		if err != nil {
			return errors.Join(fmt.Errorf("executing for %s: %w", p.Name, err), program.Close())
		}
		m.session.params[p.Name] = made
	}
	m.times.Synthesis += time.Since(start)
	return program.Close()
}

// call runs a program of scalar arguments and one result.
func (m maker) call(program *client.Executable, p *stablehlo.Program, scalars [][]byte) (result *client.Buffer, err error) {
	if len(scalars) != len(p.Args) {
		return nil, fmt.Errorf("%d arguments for %d", len(scalars), len(p.Args))
	}
	var args []*client.Buffer
	defer func() { err = errors.Join(err, closeAll(args)) }()
	for i, bytes := range scalars {
		b, err := m.client.Upload(bytes, p.Args[i].DType, p.Args[i].Shape)
		if err != nil {
			return nil, err
		}
		args = append(args, b)
	}
	results, err := program.Run(args, make([]bool, len(args)))
	if err != nil {
		return nil, err
	}
	if len(results) != 1 {
		return nil, errors.Join(fmt.Errorf("it gave %d results", len(results)), closeAll(results))
	}
	return results[0], nil
}

// upload copies a parameter from the host.
func (m maker) upload(ctx context.Context, w *workloads.Workload, port stablehlo.Port) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	start := time.Now()
	bytes, err := stablehlo.Host(w, port)
	if err != nil {
		return err
	}
	m.times.Synthesis += time.Since(start)

	start = time.Now()
	parts := m.form.Partitions
	b, err := m.client.UploadParts(port.Cut(bytes, parts), port.DType, port.Part(parts).Shape)
	if err != nil {
		return fmt.Errorf("copying it to the device: %w", err)
	}
	m.times.Load += time.Since(start)
	m.session.params[port.Name] = b
	return nil
}

// zeros makes the states on the device. Attention reads the rows of its caches only up to the position of the call, but what it
// masks must be numbers.
func (m maker) zeros(ctx context.Context, programs []*stablehlo.Program) error {
	start := time.Now()
	var ports []stablehlo.Port // one for each shape
	names, seen := map[int][]string{}, map[string]bool{}
	for _, p := range programs {
		for _, a := range p.Args {
			if a.Role != stablehlo.State || seen[a.Name] {
				continue
			}
			seen[a.Name] = true
			i := slices.IndexFunc(ports, func(o stablehlo.Port) bool {
				return o.DType == a.DType && o.Shard == a.Shard && slices.Equal(o.Shape, a.Shape)
			})
			if i < 0 {
				i, ports = len(ports), append(ports, a)
			}
			names[i] = append(names[i], a.Name)
		}
	}
	for i, port := range ports {
		if err := m.zero(ctx, port, names[i]); err != nil {
			return fmt.Errorf("making the states %v of %s: %w", port.Shape, port.DType, err)
		}
	}
	m.times.Load += time.Since(start)
	return nil
}

func (m maker) zero(ctx context.Context, port stablehlo.Port, names []string) error {
	p, err := probe.Zeros(port.DType, port.Part(m.form.Partitions).Shape, m.form.Partitions)
	if err != nil {
		return err
	}
	program, err := m.client.Compile(p.Text)
	if err != nil {
		return fmt.Errorf("compiling: %w", err)
	}
	for _, name := range names {
		if err := ctx.Err(); err != nil {
			return errors.Join(err, program.Close())
		}
		made, err := m.call(program, p, nil)
		if err != nil {
			return errors.Join(err, program.Close())
		}
		m.states[name] = made
	}
	return program.Close()
}

// closeAll closes buffers; nil ones are passed over.
func closeAll(list []*client.Buffer) error {
	var errs []error
	for _, b := range list {
		if b != nil {
			errs = append(errs, b.Close())
		}
	}
	return errors.Join(errs...)
}
