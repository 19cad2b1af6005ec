package nrt

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/engine/nrt/libnrt"
	"github.com/accelbench/accelbench/workloads"
	"github.com/accelbench/accelbench/workloads/stablehlo"
)

// inputName and outputName are how the compiler names arguments and results of a module. That is from public code; Load
// compares them with what the runtime says.
func inputName(i int) string  { return fmt.Sprintf("input%d", i) }
func outputName(i int) string { return fmt.Sprintf("output%d", i) }

// built is a phase's program and its executable.
type built struct {
	*stablehlo.Program
	neff   []byte
	cached bool
}

// loadGraphs makes a session of a standard workload. Compile is writing and compiling, Synthesis making parameters, Load the
// rest: starting the runtime, loading programs, and copying parameters to the device.
func (e *engine) loadGraphs(ctx context.Context, l opened, dev devices.Info, c cores, w *workloads.Workload) (loaded devices.Loaded, err error) {
	start := time.Now()
	programs, err := e.build(ctx, dev, w)
	if err != nil {
		return loaded, err
	}
	loaded.Compile = time.Since(start)

	start = time.Now()
	p, err := e.runtime.enter(l.Library, c)
	if err != nil {
		return loaded, err
	}
	s := &session{workload: w, place: p, shared: map[string]*libnrt.Tensor{}, states: map[string]*state{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	for i, b := range programs {
		if err := ctx.Err(); err != nil {
			return loaded, err
		}
		if err := s.add(b); err != nil {
			return loaded, fmt.Errorf("phase %s on %s: %w", w.Phases[i].Name, dev.ID, err)
		}
	}
	if err := p.room(s.need()); err != nil {
		return loaded, err
	}
	copying := time.Now()
	copied, err := s.fill(ctx)
	if err != nil {
		return loaded, err
	}
	loaded.Synthesis = time.Since(copying) - copied
	loaded.Session, loaded.Load = s, time.Since(start)-loaded.Synthesis
	loaded.Products = stablehlo.Products(w.Options.Precision)
	return loaded, ctx.Err()
}

// build writes and compiles the programs of all phases, or takes those of an earlier time.
func (e *engine) build(ctx context.Context, dev devices.Info, w *workloads.Workload) ([]built, error) {
	c, t, err := e.compiler(ctx, dev)
	if err != nil {
		return nil, err
	}
	t.model = modelType(w)
	var out []built
	hits := 0
	for i, phase := range w.Phases {
		b, err := e.buildPhase(ctx, c, t, w, i)
		if err != nil {
			return nil, fmt.Errorf("phase %s: %w", phase.Name, err)
		}
		if b.cached {
			hits++
		}
		out = append(out, b)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.compiled != nil {
		return out, nil // replicas find what the first has had compiled
	}
	e.compiled = []devices.Detail{
		{Name: "compiler", Value: compilerName + " " + c.version},
		{Name: "compiled for", Value: t.family},
		{Name: "programs from the cache", Value: fmt.Sprintf("%d of %d", hits, len(out))},
	}
	return out, nil
}

func (e *engine) buildPhase(ctx context.Context, c compiler, t target, w *workloads.Workload, phase int) (built, error) {
	p, err := stablehlo.Write(w, phase, stablehlo.Options{})
	if err != nil {
		return built{}, err
	}
	return e.obtain(ctx, c, t, p)
}

// obtain compiles a program, or takes it from the cache.
func (e *engine) obtain(ctx context.Context, c compiler, t target, p *stablehlo.Program) (built, error) {
	module, err := lower(p)
	if err != nil {
		return built{}, err
	}
	kept, name := cache(e.options.Cache), key(module, c, t)
	if neff := kept.get(name); neff != nil {
		return built{p, neff, true}, nil
	}
	neff, err := c.compile(ctx, t, module)
	if err != nil {
		return built{}, err
	}
	// A folder that cannot be written to costs the next run its time, and nothing else.
	_ = kept.put(name, neff)
	return built{p, neff, false}, nil
}

// fill makes the parameters, on all CPUs, and copies them to the device, one at a time. It returns the time of the copies.
func (s *session) fill(ctx context.Context) (copied time.Duration, err error) {
	ports := s.parameters()
	work := make(chan stablehlo.Port)
	var mu sync.Mutex
	var wait sync.WaitGroup
	var errs []error
	failed := func(err error) {
		mu.Lock()
		defer mu.Unlock()
		errs = append(errs, err)
	}
	for range min(len(ports), runtime.GOMAXPROCS(0)) {
		wait.Go(func() {
			for port := range work {
				content, err := stablehlo.Host(s.workload, port)
				if err != nil {
					failed(err)
					continue
				}
				mu.Lock()
				start := time.Now()
				err = s.put(port, content)
				copied += time.Since(start)
				mu.Unlock()
				if err != nil {
					failed(err)
				}
			}
		})
	}
	for _, port := range ports {
		mu.Lock()
		stop := len(errs) > 0
		mu.Unlock()
		if stop || ctx.Err() != nil {
			break
		}
		work <- port
	}
	close(work)
	wait.Wait()
	if err := errors.Join(errs...); err != nil {
		return copied, err
	}
	if err := ctx.Err(); err != nil {
		return copied, err
	}
	start := time.Now()
	err = s.clear()
	return copied + time.Since(start), err
}

// put copies a parameter to the device.
func (s *session) put(port stablehlo.Port, content []byte) error {
	t, err := s.place.allocate(port.Name, port.Bytes())
	if err != nil {
		return err
	}
	s.shared[port.Name] = t
	if err := t.Write(content, 0); err != nil {
		return fmt.Errorf("copying parameter %s: %w", port.Name, err)
	}
	return nil
}
