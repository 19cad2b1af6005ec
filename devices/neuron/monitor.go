package neuron

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
	"time"

	"github.com/accelbench/accelbench/devices"
)

// monitors are the places of neuron-monitor: only login shells have its folder in the path.
var monitors = []string{"/opt/aws/neuron/bin/neuron-monitor", "neuron-monitor"}

// monitorSettings ask for the shortest period that there is, and for what is read alone. Hardware counters are in sysfs.
const monitorSettings = `{"period":"1s","neuron_runtimes":[{"tag_filter":".*","metrics":[` +
	`{"type":"neuroncore_counters"},{"type":"memory_used"},{"type":"execution_stats"}]}],"system_metrics":[]}` + "\n"

const (
	// maxReport bounds a line; those of 16 chips have some 100 KiB.
	maxReport = 4 << 20
	// monitorPatience is how long a report stands for now, and how long the tool may take to begin: some periods.
	monitorPatience = 5 * time.Second
)

// monitor is a running neuron-monitor. It goes from start to stop.
type monitor struct {
	of       subject
	settings string // the file that the tool reads
	stream   io.Closer
	ended    sync.WaitGroup

	mu      sync.Mutex
	started time.Time
	last    report
	at      time.Time // of last; zero before the first
	errors  *uint64   // over all periods
	// trouble is the first thing that went wrong; what comes later mostly follows from it.
	trouble string
}

// startMonitor starts the tool, or keeps why it cannot.
func startMonitor(start devices.Starter, of subject) *monitor {
	m := &monitor{of: of, started: time.Now()}
	if start == nil {
		m.trouble = "nothing can be started here"
		return m
	}
	if err := m.writeSettings(); err != nil {
		m.trouble = "no place for its settings"
		return m
	}
	for _, tool := range monitors {
		out, err := start(tool, "-c", m.settings)
		if isNotFound(err) {
			m.trouble = "it is not installed (aws-neuronx-tools)"
			continue
		}
		if err != nil {
			m.trouble = "it cannot be started: " + cause(err)
			return m
		}
		m.trouble, m.stream = "", out
		m.ended.Go(func() { m.listen(out) })
		return m
	}
	return m
}

// cause leaves out where the command is.
func cause(err error) string {
	if located := (*fs.PathError)(nil); errors.As(err, &located) {
		err = located.Err
	}
	return err.Error()
}

func (m *monitor) writeSettings() error {
	f, err := os.CreateTemp("", "neuron-monitor-*.json")
	if err != nil {
		return err
	}
	m.settings = f.Name()
	_, err = f.WriteString(monitorSettings)
	return errors.Join(err, f.Close())
}

// listen reads reports until the tool ends or is stopped. Lines that are none are passed over.
func (m *monitor) listen(out io.Reader) {
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, maxReport)
	for lines.Scan() {
		r, err := parseReport(lines.Bytes(), m.of)
		m.mu.Lock()
		if err != nil {
			m.complain("it wrote what is no report")
		} else {
			m.take(r)
		}
		m.mu.Unlock()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		m.complain(fmt.Sprintf("it wrote a line of more than %d bytes", maxReport))
		return
	}
	m.complain("it ended")
}

func (m *monitor) complain(what string) {
	if m.trouble == "" {
		m.trouble = what
	}
}

func (m *monitor) take(r report) {
	m.last, m.at = r, time.Now()
	if r.errors == nil {
		return
	}
	if m.errors == nil {
		m.errors = new(uint64)
	}
	*m.errors += *r.errors
}

// fill adds what the last report says, unless that is too old to stand for now. Memory is filled in where the driver's own
// figure, which is of the device whoever uses it, is missing.
func (m *monitor) fill(r *devices.Reading) {
	m.mu.Lock()
	defer m.mu.Unlock()
	since := m.at
	if since.IsZero() {
		since = m.started
	}
	if time.Since(since) > monitorPatience {
		m.complain(fmt.Sprintf("it wrote nothing for %v", monitorPatience))
		return
	}
	if m.at.IsZero() {
		return
	}
	r.UtilizationPercent, r.DeviceLatency = m.last.utilization, m.last.latency
	if m.errors != nil {
		n := *m.errors
		r.ExecutionErrors = &n
	}
	if r.MemoryUsedBytes == nil {
		r.MemoryUsedBytes = m.last.memory
	}
}

// says is why there is nothing, or not all, to read; empty if nothing went wrong.
func (m *monitor) says() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.trouble
}

// stop ends the tool and whatever it started. What it says while it is stopped is no trouble of its own.
func (m *monitor) stop() error {
	m.mu.Lock()
	trouble := m.trouble
	m.mu.Unlock()
	var errs []error
	if m.stream != nil {
		errs = append(errs, m.stream.Close())
		m.ended.Wait()
	}
	m.mu.Lock()
	m.trouble = trouble
	m.mu.Unlock()
	if m.settings != "" {
		errs = append(errs, os.Remove(m.settings))
	}
	return errors.Join(errs...)
}
