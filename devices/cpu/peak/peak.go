// Package peak measures what this CPU can do at most: float32 multiply-adds held in registers, and streaming reads from memory.
// The two figures are what a result's "share of measured peak" divides by.
//
// The flow: Measure pins one thread to each CPU asked for, starts them together on a barrier, runs each loop for at least
// MinDuration, and takes the best of a few repeats. A thread's affinity is put back before it returns to the scheduler.
//
// The room's one rule: it shares no code with any engine. A slow engine must not be able to lower its own bar.
package peak

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"sync"
	"time"
)

// Defaults of Options, and the least time that one repeat runs.
const (
	DefaultRepeats  = 3
	DefaultDuration = 270 * time.Millisecond
	MinDuration     = 250 * time.Millisecond
)

// ErrWrongResult says that a loop returned a sum that its arithmetic cannot give: its speed means nothing.
var ErrWrongResult = errors.New("the loop computed a wrong result")

// Options chooses the effort. The zero value means the defaults: both figures in about 2.5 s.
type Options struct {
	// Threads is the most threads to run where Measure is given no CPUs; 0 means as many as there are CPUs. A cgroup quota
	// that allows less than the affinity mask makes more threads stop each other.
	Threads int
	// Repeats is the number of runs of each loop, of which the best counts. 0 means DefaultRepeats.
	Repeats int
	// Duration is the least time of one run; 0 means DefaultDuration, and less than MinDuration is refused.
	Duration time.Duration
	// BufferBytes is the memory read by all threads together. 0 chooses four times the last-level caches of the CPUs, at least 64 MiB and
	// at most 4 GiB; in any case no more than a quarter of the available memory. Unknown cache: 256 MiB.
	BufferBytes int64
}

// Peaks is what was measured, over all threads together.
type Peaks struct {
	// FlopsF32 is float32 operations per second, a multiply-add counting as two.
	FlopsF32 float64
	// ReadBytesPerSecond is bytes read per second from a buffer of BufferBytes.
	ReadBytesPerSecond float64
	// Threads is the number of threads that ran at once, Pinned how many of them were held on their CPU.
	Threads, Pinned int
	// Method names the multiply-add loop: "fma avx512", "fma avx2", or "scalar go", which is a lower bound and no peak.
	Method string
	// LowerBound is true where Method uses less than the CPU's vector units.
	LowerBound bool
	// ReadMethod names the reading loop, and Streams is how many places each thread read at once in the best run.
	ReadMethod string
	Streams    int
	// CPUOverWall is the CPU time of the threads over the wall time they ran, for the run that FlopsF32 comes from. Below about 0.95
	// something else took CPUs and the figure is too low. nil where thread times are unknown (outside Linux).
	CPUOverWall *float64
	// BufferBytes is the memory that was read, all threads together.
	BufferBytes int64
	// Repeats and Duration are what each figure is the best of.
	Repeats  int
	Duration time.Duration
}

// Measure runs the loops on one thread per entry of cpus (operating system numbers); no cpus means one thread on each CPU that
// this process may use. Where threads cannot be pinned (outside Linux) the same number of threads runs unpinned, as Pinned says.
// It fails when a CPU is not allowed to this process, when ctx ends, or with ErrWrongResult.
func Measure(ctx context.Context, cpus []int, opts Options) (Peaks, error) {
	var err error
	if len(cpus) == 0 {
		if cpus, err = allowedCPUs(); err != nil {
			return Peaks{}, fmt.Errorf("measuring CPU peak: listing the allowed CPUs: %w", err)
		}
		if opts.Threads > 0 && opts.Threads < len(cpus) {
			cpus = cpus[:opts.Threads]
		}
	}
	if opts, err = opts.withDefaults(cpus); err != nil {
		return Peaks{}, fmt.Errorf("measuring CPU peak: %w", err)
	}
	loop := fmaLoops()[0]
	p := Peaks{Threads: len(cpus), Method: loop.name, LowerBound: loop.lowerBound, ReadMethod: readName(), BufferBytes: opts.BufferBytes, Repeats: opts.Repeats, Duration: opts.Duration}
	for range opts.Repeats {
		sum, err := together(ctx, cpus, func(int) worker { return fmaWorker(loop, opts.Duration) })
		if err != nil {
			return Peaks{}, fmt.Errorf("measuring CPU multiply-add peak: %w", err)
		}
		if sum.rate > p.FlopsF32 {
			p.FlopsF32, p.CPUOverWall, p.Pinned = sum.rate, sum.cpuOverWall(), sum.pinned
		}
	}
	if err := p.measureReads(ctx, cpus, opts); err != nil {
		return Peaks{}, err
	}
	return p, nil
}

func (o Options) withDefaults(cpus []int) (Options, error) {
	if o.Repeats == 0 {
		o.Repeats = DefaultRepeats
	}
	if o.Duration == 0 {
		o.Duration = DefaultDuration
	}
	if o.Repeats < 0 || o.Duration < MinDuration {
		return o, fmt.Errorf("%d repeats of %v: at least 1 of %v are needed", o.Repeats, o.Duration, MinDuration)
	}
	o.BufferBytes = bufferBytes(o.BufferBytes, lastLevelCache(cpus), availableMemory())
	return o, nil
}

// bufferBytes applies the rules that Options.BufferBytes tells; cache and available are 0 where unknown.
func bufferBytes(asked, cache, available int64) int64 {
	const mib = 1 << 20
	size := asked
	switch {
	case asked > 0:
	case cache > 0:
		size = min(max(4*cache, 64*mib), 4096*mib)
	default:
		size = 256 * mib
	}
	if available > 0 {
		size = min(size, available/4)
	}
	return max(size, mib)
}

// worker runs one loop until its time is up and returns the work done and the time taken.
type worker func(ctx context.Context) (work float64, took time.Duration, err error)

// totals is what the threads of one run did together.
type totals struct {
	rate      float64       // work per second, added up
	pinned    int           // threads that were held on their CPU
	cpu, wall time.Duration // of all threads; cpu 0: unknown
}

func (t totals) cpuOverWall() *float64 {
	if t.cpu == 0 {
		return nil
	}
	ratio := t.cpu.Seconds() / t.wall.Seconds()
	return &ratio
}

// together runs one worker per CPU, pinned, from a common start, and adds up what they did.
func together(ctx context.Context, cpus []int, build func(i int) worker) (totals, error) {
	var (
		sum         totals
		ready, done sync.WaitGroup
		mu          sync.Mutex
		errs        []error
	)
	start := make(chan struct{})
	ready.Add(len(cpus))
	for i, cpu := range cpus {
		done.Go(func() {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			restore, held, pinErr := pin(cpu)
			defer restore()
			work := build(i)
			ready.Done()
			<-start
			var amount float64
			var took time.Duration
			err := pinErr
			began := threadTime()
			if err == nil {
				amount, took, err = work(ctx)
			}
			used := threadTime() - began
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				errs = append(errs, fmt.Errorf("cpu %d: %w", cpu, err))
				return
			}
			sum.rate += amount / took.Seconds()
			sum.cpu += used
			sum.wall += took
			if held {
				sum.pinned++
			}
		})
	}
	ready.Wait()
	close(start)
	done.Wait()
	return sum, errors.Join(errs...)
}

// fmaLoop is one register-only multiply-add loop. run performs rounds rounds of flops operations on lanes accumulators that start
// at 1, each round x = x*scale + shift, and returns the sum of all lanes.
type fmaLoop struct {
	name       string
	lowerBound bool
	lanes      int
	perRound   int // multiply-adds of each lane in a round
	run        func(rounds int, scale, shift float32) float32
}

// With x = x/2 + 1/2 every accumulator stays exactly 1: no overflow, no denormals, and a sum that proves that each lane was there.
const scale, shift = 0.5, 0.5

func fmaWorker(loop fmaLoop, least time.Duration) worker {
	const rounds = 200_000 // some tens of microseconds to milliseconds: the clock and the context are read between
	return func(ctx context.Context) (float64, time.Duration, error) {
		var calls int
		begin := time.Now()
		for {
			if err := ctx.Err(); err != nil {
				return 0, 0, err
			}
			if err := loop.check(loop.run(rounds, scale, shift)); err != nil {
				return 0, 0, err
			}
			calls++
			if took := time.Since(begin); took >= least {
				return 2 * float64(loop.lanes) * float64(loop.perRound) * rounds * float64(calls), took, nil
			}
		}
	}
}

func (l fmaLoop) check(sum float32) error {
	if math.Abs(float64(sum)-float64(l.lanes)) <= 1e-3*float64(l.lanes) {
		return nil
	}
	return fmt.Errorf("%s loop: sum %v, want %d: %w", l.name, sum, l.lanes, ErrWrongResult)
}

// fmaGo is the portable loop: sixteen scalar accumulators.
func fmaGo() fmaLoop {
	return fmaLoop{name: "scalar go", lowerBound: true, lanes: 16, perRound: 1, run: func(rounds int, scale, shift float32) float32 {
		a0, a1, a2, a3 := float32(1), float32(1), float32(1), float32(1)
		b0, b1, b2, b3 := a0, a1, a2, a3
		c0, c1, c2, c3 := a0, a1, a2, a3
		d0, d1, d2, d3 := a0, a1, a2, a3
		for range rounds {
			a0, a1, a2, a3 = a0*scale+shift, a1*scale+shift, a2*scale+shift, a3*scale+shift
			b0, b1, b2, b3 = b0*scale+shift, b1*scale+shift, b2*scale+shift, b3*scale+shift
			c0, c1, c2, c3 = c0*scale+shift, c1*scale+shift, c2*scale+shift, c3*scale+shift
			d0, d1, d2, d3 = d0*scale+shift, d1*scale+shift, d2*scale+shift, d3*scale+shift
		}
		return a0 + a1 + a2 + a3 + b0 + b1 + b2 + b3 + c0 + c1 + c2 + c3 + d0 + d1 + d2 + d3
	}}
}
