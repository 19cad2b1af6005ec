package pjrt

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/engine/pjrt/client"
	"github.com/accelbench/accelbench/workloads"
	"github.com/accelbench/accelbench/workloads/stablehlo"
)

// acquire gives the client for the device, which it opens if no session has it; release gives it back.
func (e *engine) acquire(dev devices.Info) (*shared, error) {
	platform, err := e.platform(dev)
	if err != nil {
		return nil, err
	}
	o, err := e.open(dev, platform)
	if err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := e.sees(dev); err != nil {
		return nil, err
	}
	if e.shared == nil {
		c, err := client.Open(o.Plugin, options(platform, parts(dev)))
		if err != nil {
			if _, ok := e.places.CUDALibraries(o.path); platform == "cuda" && !ok {
				err = fmt.Errorf("%w (NVIDIA's libraries are not beside the plugin, in a folder nvidia one or two levels above it)", err)
			}
			return nil, err
		}
		indexes, err := join(dev, platform, c.Platform(), c.Devices())
		if err != nil {
			return nil, errors.Join(err, c.Close())
		}
		c.Use(indexes...)
		c.Prefer(e.compilerOptions(platform))
		e.shared = &shared{Client: c}
		for _, index := range indexes {
			e.shared.kinds = append(e.shared.kinds, c.Devices()[index].Kind)
		}
	}
	e.shared.sessions++
	return e.shared, nil
}

// release closes the client when nobody uses it any longer.
func (e *engine) release(c *shared) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if c.sessions--; c.sessions > 0 {
		return nil
	}
	e.shared = nil
	return c.Close()
}

// load makes a session. Compile is writing and compiling, Synthesis the making of parameters on the device, Load what is copied to
// it and the making of states.
func (e *engine) load(ctx context.Context, dev devices.Device, w *workloads.Workload) (loaded devices.Loaded, err error) {
	if err := ctx.Err(); err != nil {
		return loaded, err
	}
	info := dev.Info()
	if err := e.Supports(info, w); err != nil {
		return loaded, err
	}
	start := time.Now()
	programs, err := write(w, form(info))
	if err != nil {
		return loaded, err
	}
	loaded.Compile = time.Since(start)

	// Without sensors the size of the memory has to do.
	reading, _ := dev.Read(ctx)
	have, known := available(info, reading)
	lasting, passing := need(programs)
	if known {
		if err := fits(w, info, lasting+passing, 0, have); err != nil {
			return loaded, err
		}
	}
	c, err := e.acquire(info)
	if err != nil {
		return loaded, err
	}
	s := &session{engine: e, client: c, workload: w, form: form(info), params: map[string]*client.Buffer{}, states: map[string]*client.Buffer{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	start = time.Now()
	var extra int64
	for _, p := range programs {
		if err := ctx.Err(); err != nil {
			return loaded, err
		}
		ph, err := s.compile(p)
		if err != nil {
			return loaded, fmt.Errorf("compiling %s: %w", p.Name, err)
		}
		s.phases = append(s.phases, ph)
		extra = max(extra, workspace(ph.program.Memory()))
	}
	loaded.Compile += time.Since(start)
	if known {
		if err := fits(w, info, lasting+passing, extra, have); err != nil {
			return loaded, err
		}
	}
	m := maker{session: s, times: &loaded}
	if err := m.params(ctx, w, programs); err != nil {
		return loaded, err
	}
	if err := m.zeros(ctx, programs); err != nil {
		return loaded, err
	}
	loaded.Session, loaded.Products = s, stablehlo.Products(w.Options.Precision)
	return loaded, ctx.Err()
}

// write writes the programs of all phases.
func write(w *workloads.Workload, o stablehlo.Options) ([]*stablehlo.Program, error) {
	var out []*stablehlo.Program
	for i := range w.Phases {
		p, err := stablehlo.Write(w, i, o)
		if err != nil {
			return nil, unsupported(err)
		}
		out = append(out, p)
	}
	return out, nil
}

// compile makes a phase of a program.
func (s *session) compile(p *stablehlo.Program) (*phaseProgram, error) {
	compiled, err := s.client.Compile(p.Text)
	if err != nil {
		return nil, err
	}
	ph := &phaseProgram{program: compiled, args: p.Args, results: p.Results, inputs: ports(p.Args, stablehlo.Input),
		outputs: ports(p.Results, stablehlo.Output), donate: make([]bool, len(p.Args))}
	for i, a := range p.Args {
		ph.donate[i] = a.Result >= 0
	}
	return ph, nil
}
