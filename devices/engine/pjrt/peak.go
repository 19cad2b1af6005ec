package pjrt

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/engine/pjrt/client"
	"github.com/accelbench/accelbench/workloads"
	"github.com/accelbench/accelbench/workloads/stablehlo/probe"
)

// effort bounds the measurement: how long one execution should take, how long all of it may, and the largest matrices.
type effort struct {
	execution time.Duration // aimed at
	all       time.Duration // nothing more is begun after it
	largest   int           // rows of a matrix
	arrays    int64         // bytes of an array in the device's memory
	copies    int64         // bytes of a copy
}

// accelerator is the effort for accelerators: one execution takes milliseconds on the fastest of them, its launch some ten
// microseconds. Arrays have fewer elements than 32 bits count, beyond which compilers compute places in 64.
var accelerator = effort{execution: 100 * time.Millisecond, all: 75 * time.Second, largest: 8192, arrays: 4 << 30, copies: 256 << 20}

// Executions that are timed for each figure, of which the median counts.
const timedExecutions = 7

// MeasurePeak measures the peaks of a device that the engine serves, of joined ones in sum: all do the same at once. Data are random and made on the device: a chip fed with zeros
// is faster than any workload. The errors are those of Load.
func MeasurePeak(ctx context.Context, o Options, dev devices.Device) (devices.Peaks, error) {
	p, err := newEngine(o).peaks(ctx, dev, accelerator)
	if err != nil {
		return devices.Peaks{}, fmt.Errorf("measuring the peaks of %s with engine %s: %w", dev.Info().ID, Name, err)
	}
	return p, nil
}

func (e *engine) peaks(ctx context.Context, dev devices.Device, most effort) (p devices.Peaks, err error) {
	info := dev.Info()
	c, err := e.acquire(info)
	if err != nil {
		return p, err
	}
	defer func() { err = errors.Join(err, e.release(c)) }()
	reading, _ := dev.Read(ctx)
	m := meter{ctx: ctx, client: c, effort: most, until: time.Now().Add(most.all), memory: 1 << 30, parts: parts(info)}
	if have, known := available(info, reading); known {
		m.memory = have / 2
	}
	platform, err := e.platform(info)
	if err != nil {
		return p, err
	}
	var missing []string
	try := func(what string, measure func() error) {
		if err == nil && ctx.Err() == nil && time.Now().Before(m.until) {
			if failed := measure(); failed != nil {
				missing = append(missing, what+" ("+shortened(failed)+")")
			}
			return
		}
		missing = append(missing, what+" (no time was left)")
	}
	try("launch", func() (err error) { p.Launch, err = m.launch(); return err })
	try("memory", func() (err error) { p.BytesPerSecond, err = m.bandwidth(); return err })
	try("copies", func() (err error) { p.HostToDevice, p.DeviceToHost, err = m.copies(); return err })
	p.FLOPs = map[string]float64{}
	largest := 0
	for _, precision := range []string{workloads.BFloat16, workloads.Half, workloads.Full, workloads.Float8, workloads.Int8} {
		if computes(info, platform, precision) != nil {
			continue
		}
		try(precision, func() error {
			rate, size, err := m.products(stored(precision))
			if err == nil {
				p.FLOPs[precision], largest = rate, max(largest, size)
			}
			return err
		})
	}
	if err := ctx.Err(); err != nil {
		return p, err
	}
	p.Method = fmt.Sprintf("StableHLO programs of this project through PJRT, median of %d: products of random matrices of up to %d rows, the sum of two arrays, "+
		"copies of memory that is not pinned", timedExecutions, largest)
	if m.parts > 1 {
		p.Method += fmt.Sprintf("; on %d devices at once, each by itself; copies to one after the other, and from the first", m.parts)
	}
	if len(missing) > 0 {
		p.Method += "; not measured: " + strings.Join(missing, ", ")
	}
	return p, nil
}

// stored is the element type of a precision's products.
func stored(precision string) workloads.DType {
	return map[string]workloads.DType{workloads.Full: workloads.F32, workloads.Half: workloads.F16, workloads.BFloat16: workloads.BF16,
		workloads.Float8: workloads.F8E4M3, workloads.Int8: workloads.I8}[precision]
}

// shortened is the beginning of an error, for a line that says more.
func shortened(err error) string {
	const most = 160
	text := oneLine(err.Error())
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "..."
	}
	return text
}

// meter measures on a device.
type meter struct {
	effort
	ctx    context.Context
	client *shared
	until  time.Time
	memory int64 // that may be used, of each device
	parts  int   // devices that do the same at once
	seeds  uint64
}

// launch times a program that is all overhead.
func (m *meter) launch() (*time.Duration, error) {
	p, err := probe.Nothing(m.parts)
	if err != nil {
		return nil, err
	}
	number := make([]byte, 4)
	var args []*client.Buffer
	defer func() { _ = closeAll(args) }()
	for range p.Args {
		b, err := m.client.Upload(number, workloads.F32, nil)
		if err != nil {
			return nil, err
		}
		args = append(args, b)
	}
	took, err := m.run(p.Text, args, 200)
	return &took, err
}

// run compiles a program and times its executions with the same arguments.
func (m *meter) run(text []byte, args []*client.Buffer, n int) (took time.Duration, err error) {
	program, err := m.client.Compile(text)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, program.Close()) }()
	donate := make([]bool, len(args))
	return devices.MedianTime(m.ctx, time.Now, n, func() error {
		results, err := program.Run(args, donate)
		return errors.Join(err, closeAll(results))
	})
}

// random makes so many matrices on the device.
func (m *meter) random(dtype workloads.DType, rows, columns, n int) (made []*client.Buffer, err error) {
	p, err := probe.Random(dtype, rows, columns, m.parts)
	if err != nil {
		return nil, err
	}
	program, err := m.client.Compile(p.Text)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err = errors.Join(err, program.Close()); err != nil {
			err = errors.Join(err, closeAll(made))
		}
	}()
	k := maker{session: &session{client: m.client}}
	for range n {
		m.seeds++
		b, err := k.call(program, p, [][]byte{littleEndian(m.seeds * workloads.MixFirst)})
		if err != nil {
			return made, err
		}
		made = append(made, b)
	}
	return made, nil
}

func littleEndian(x uint64) []byte {
	out := make([]byte, 8)
	for i := range out {
		out[i] = byte(x >> (8 * i))
	}
	return out
}

// bandwidth adds arrays that grow until an execution outweighs its launch, or fills its share of the memory.
func (m *meter) bandwidth() (*float64, error) {
	const columns, width = 1 << 10, 4
	most := int(min(m.arrays, m.memory/3) / (columns * width))
	for rows := min(1<<10, most); ; rows = min(rows*16, most) {
		took, err := m.sum(rows, columns)
		if err != nil {
			return nil, err
		}
		if took >= m.execution/10 || rows == most {
			rate := 3 * float64(rows) * columns * width * float64(m.parts) / took.Seconds()
			return &rate, nil
		}
	}
}

func (m *meter) sum(rows, columns int) (time.Duration, error) {
	p, err := probe.Sum(rows, columns, m.parts)
	if err != nil {
		return 0, err
	}
	args, err := m.random(workloads.F32, rows, columns, len(p.Args))
	if err != nil {
		return 0, err
	}
	defer func() { _ = closeAll(args) }()
	return m.run(p.Text, args, timedExecutions)
}

// copies times copies of an array that grows as that of bandwidth.
func (m *meter) copies() (to, from *float64, err error) {
	for size := int64(1 << 20); ; size = min(size*16, m.effort.copies) {
		made, err := m.random(workloads.I8, 1, int(size), 1)
		if err != nil {
			return nil, nil, err
		}
		bytes := make([]byte, size)
		down, err := devices.MedianTime(m.ctx, time.Now, timedExecutions, func() error { return made[0].Download(bytes) })
		if err = errors.Join(err, closeAll(made)); err != nil {
			return nil, nil, err
		}
		up, err := m.arrival(bytes)
		if err != nil {
			return nil, nil, err
		}
		if min(up, down) >= m.execution/10 || size == m.effort.copies {
			toRate, fromRate := float64(size)*float64(m.parts)/up.Seconds(), float64(size)/down.Seconds()
			return &toRate, &fromRate, nil
		}
	}
}

// arrival times a copy to the device up to the end of a program that reads it. The upload by itself may end earlier: when the host's
// memory may be used again, after a copy to memory that is pinned.
func (m *meter) arrival(bytes []byte) (took time.Duration, err error) {
	p, err := probe.End(len(bytes), m.parts)
	if err != nil {
		return 0, err
	}
	program, err := m.client.Compile(p.Text)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, program.Close()) }()
	return devices.MedianTime(m.ctx, time.Now, timedExecutions, func() error {
		b, err := m.client.Upload(bytes, p.Args[0].DType, p.Args[0].Shape)
		if err != nil {
			return err
		}
		results, err := program.Run([]*client.Buffer{b}, []bool{false})
		return errors.Join(err, closeAll(results), b.Close())
	})
}

// productsAtOnce is how many products one execution makes.
const productsAtOnce = 4

// products times products of matrices that grow as long as an execution stays within its time at the rate that was measured, which
// small matrices do not reach.
func (m *meter) products(dtype workloads.DType) (rate float64, size int, err error) {
	fits := func(size int) bool {
		result := max(dtype.Bytes(), 2) // or more; there is room
		return int64(size)*int64(size)*(dtype.Bytes()*(1+productsAtOnce)+2*result*productsAtOnce) <= m.memory
	}
	work := func(size int) float64 {
		return 2 * productsAtOnce * float64(m.parts) * float64(size) * float64(size) * float64(size)
	}
	for next := 256; next > size; {
		size = next
		took, err := m.product(dtype, size)
		if err != nil {
			return 0, 0, err
		}
		rate = max(rate, work(size)/took.Seconds())
		for n := size * 2; n <= m.largest && fits(n) && work(n)/rate <= 20*m.execution.Seconds(); n *= 2 {
			next = n
		}
	}
	return rate, size, nil
}

func (m *meter) product(dtype workloads.DType, size int) (time.Duration, error) {
	p, err := probe.Products(dtype, size, productsAtOnce, m.parts)
	if err != nil {
		return 0, err
	}
	args, err := m.random(dtype, size, size, len(p.Args))
	if err != nil {
		return 0, err
	}
	defer func() { _ = closeAll(args) }()
	return m.run(p.Text, args, timedExecutions)
}
