package neuron

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"

	"github.com/accelbench/accelbench/devices"
)

// subject is what a device wants to know of the reports of neuron-monitor, which are about all chips and processes.
type subject struct {
	// cores are the logical cores of the device, as neuron-ls numbers them; empty if it did not say.
	cores []int
	// pid is this process. tag is what it called itself for neuron-monitor; empty for the default, the pid.
	pid int
	tag string
}

// report is what a line of neuron-monitor says of a subject. What it does not say is nil.
type report struct {
	// utilization is the mean over the device's cores in per cent, whoever uses them.
	utilization *float64
	// memory is what this process uses of devices, in bytes.
	memory *uint64
	// errors counts executions of this process that did not end well in the period.
	errors *uint64
	// latency is that of executions of this process in the period, by the runtime's clock.
	latency *devices.DeviceLatency
}

type object = map[string]json.RawMessage

// errNoReport is the error for a line that is no report.
var errNoReport = errors.New("no report of neuron-monitor")

// parseReport reads a line. Members of another form than expected, and groups that say of themselves that they failed, count
// as absent. What identifies instance and account is not looked at.
func parseReport(line []byte, of subject) (report, error) {
	var top object
	if err := json.Unmarshal(line, &top); err != nil {
		return report{}, fmt.Errorf("%w: %w", errNoReport, err)
	}
	runtimes := field[[]object](top, "neuron_runtime_data")
	if runtimes == nil {
		return report{}, fmt.Errorf("%w: without neuron_runtime_data", errNoReport)
	}
	var r report
	busy, told := map[int]float64{}, false
	for _, o := range *runtimes {
		content := group(o, "report")
		if content == nil || textField(o, "error") != "" {
			continue
		}
		if in := group(group(content, "neuroncore_counters"), "neuroncores_in_use"); in != nil {
			told = true
			addUse(busy, in)
		}
		if of.owns(o) {
			r.memory = memoryOf(content)
			r.errors, r.latency = executions(group(content, "execution_stats"))
		}
	}
	if told {
		r.utilization = of.mean(busy)
	}
	return r, nil
}

// owns tells whether a runtime is that of this process.
func (s subject) owns(runtime object) bool {
	tag := textField(runtime, "neuron_runtime_tag")
	if s.tag != "" {
		return tag == s.tag
	}
	pid := field[int](runtime, "pid")
	return pid != nil && *pid == s.pid || tag == strconv.Itoa(s.pid)
}

// mean is over the cores of the device: those that nobody has in use are idle, and one of which it is unknown makes the mean so.
func (s subject) mean(busy map[int]float64) *float64 {
	if len(s.cores) == 0 {
		return nil
	}
	var sum float64
	for _, id := range s.cores {
		sum += min(busy[id], 100) / float64(len(s.cores))
	}
	if math.IsNaN(sum) {
		return nil
	}
	sum = min(sum, 100)
	return &sum
}

// group is a member that is an object and says nothing of an error; nil otherwise.
func group(o object, key string) object {
	g := field[object](o, key)
	if g == nil || textField(*g, "error") != "" {
		return nil
	}
	return *g
}

// addUse adds the utilisation of each core in per cent; NaN makes that of a core unknown.
func addUse(busy map[int]float64, in object) {
	for key := range in {
		if id, err := strconv.Atoi(key); err == nil {
			busy[id] += use(group(in, key))
		}
	}
}

// use is the utilisation of a core, or the mean of its parts where a core of several physical ones has those only.
func use(core object) float64 {
	for nested := range core {
		if parts := group(core, nested); len(parts) > 0 && core[utilization] == nil {
			var sum float64
			for name := range parts {
				sum += share(group(parts, name)) / float64(len(parts))
			}
			return sum
		}
	}
	return share(core)
}

const utilization = "neuroncore_utilization"

// share is NaN where there is none. A little above 100 is rounding; far above is not believed.
func share(core object) float64 {
	u := field[float64](core, utilization)
	if u == nil || *u < 0 || *u > 101 {
		return math.NaN()
	}
	return *u
}

// memoryOf is the runtime's use of device memory, which two releases spell in two ways.
func memoryOf(content object) *uint64 {
	used := group(group(content, "memory_used"), "neuron_runtime_used_bytes")
	if n := field[uint64](used, "device"); n != nil {
		return n
	}
	return field[uint64](used, "neuron_device")
}

// executions are the failures and the latency of a period. The outcomes are counted as such, and once more by the kind of
// error: one count is enough.
func executions(stats object) (*uint64, *devices.DeviceLatency) {
	failed := total(group(stats, "execution_summary"), "completed")
	if failed == nil {
		failed = total(group(stats, "error_summary"), "")
	}
	device := group(group(stats, "latency_stats"), "device_latency") // null where nothing ran
	p50, p99 := field[float64](device, "p50"), field[float64](device, "p99")
	if p50 == nil || p99 == nil || *p50 < 0 || *p99 < *p50 {
		return failed, nil
	}
	return failed, &devices.DeviceLatency{P50Seconds: *p50, P99Seconds: *p99}
}

// mostErrors bounds what is believed of a period.
const mostErrors = 1 << 40

// total adds the counts of a group, one left out; nil if the group is absent or has none.
func total(counts object, without string) *uint64 {
	var sum *uint64
	for key := range counts {
		n := field[uint64](counts, key)
		if n == nil || *n > mostErrors || key == without || key == "period" {
			continue
		}
		if sum == nil {
			sum = new(uint64)
		}
		*sum += *n
	}
	return sum
}
