package peak

import (
	"context"
	"fmt"
	"math"
	"time"
	"unsafe"
)

// streamCounts are the numbers of places that a thread reads at once: one stream does not fill the memory's queues on every CPU.
var streamCounts = [...]int{1, 2, 4, 8}

// readUnit is what the reading loops take from one stream in a step.
const readUnit = 256

// measureReads tries each number of streams for a fifth of Duration, then repeats the best of them for the whole of it.
func (p *Peaks) measureReads(ctx context.Context, cpus []int, opts Options) error {
	share := opts.BufferBytes / int64(len(cpus)) / (8 * readUnit) * (8 * readUnit)
	if share == 0 {
		return fmt.Errorf("measuring memory reads: %d bytes for %d threads are too few", opts.BufferBytes, len(cpus))
	}
	buffers := make([][]float32, len(cpus))
	run := func(streams int, least time.Duration) error {
		sum, err := together(ctx, cpus, func(i int) worker {
			if buffers[i] == nil {
				buffers[i] = ones(int(share / 4)) // by the thread that reads it: near its CPU where memory has a place
			}
			return readWorker(buffers[i], streams, least)
		})
		if err != nil {
			return fmt.Errorf("measuring memory reads: %w", err)
		}
		if sum.rate > p.ReadBytesPerSecond {
			p.ReadBytesPerSecond, p.Streams = sum.rate, streams
		}
		return nil
	}
	for _, streams := range streamCounts {
		if err := run(streams, opts.Duration/5); err != nil {
			return err
		}
	}
	best := p.Streams
	p.ReadBytesPerSecond = 0
	for range opts.Repeats {
		if err := run(best, opts.Duration); err != nil {
			return err
		}
	}
	return nil
}

func ones(n int) []float32 {
	b := make([]float32, n)
	for i := range b {
		b[i] = 1
	}
	return b
}

// readWorker reads its buffer over and over, as so many adjacent parts at once. The sum of the ones read proves the reading.
func readWorker(buffer []float32, streams int, least time.Duration) worker {
	const chunk = 1 << 20 // bytes per stream between two looks at the clock
	part := len(buffer) * 4 / streams
	return func(ctx context.Context) (float64, time.Duration, error) {
		var bytes float64
		begin := time.Now()
		for {
			for at := 0; at < part; at += chunk {
				if err := ctx.Err(); err != nil {
					return 0, 0, err
				}
				n := min(chunk, part-at)
				sum := readStreams(unsafe.Add(unsafe.Pointer(&buffer[0]), at), part, streams, n)
				if want := float64(n / 4 * streams); math.IsNaN(sum) || math.Abs(sum-want) > 1e-3*want {
					return 0, 0, fmt.Errorf("read loop of %d streams: sum %v, want %v: %w", streams, sum, want, ErrWrongResult)
				}
				bytes += float64(n * streams)
				if took := time.Since(begin); took >= least {
					return bytes, took, nil
				}
			}
		}
	}
}

// readGo is the portable reading loop: two values at a time from each stream in turn.
func readGo(p unsafe.Pointer, distance, streams, n int) float64 {
	var total float64
	for s := range streams {
		var s0, s1, s2, s3 float32
		x := unsafe.Slice((*float32)(unsafe.Add(p, s*distance)), n/4)
		for ; len(x) >= 4; x = x[4:] {
			s0 += x[0]
			s1 += x[1]
			s2 += x[2]
			s3 += x[3]
		}
		total += float64(s0) + float64(s1) + float64(s2) + float64(s3)
	}
	return total
}
