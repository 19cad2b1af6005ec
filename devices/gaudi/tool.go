package gaudi

import (
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/accelbench/accelbench/devices"
)

const (
	toolName    = "hl-smi"
	toolTimeout = 10 * time.Second
	toolAge     = time.Second
	// maxDevices bounds what is believed of the tool.
	maxDevices = 1024
	// columns are asked for by name. The serial number is one that is left out.
	columns = "index,module_id,bus_id,name,driver_version,memory.total,memory.used,memory.free,utilization.aip,power.draw,temperature.aip,clocks.current.soc,clocks.max.soc"
)

var errNoTool = errors.New("hl-smi is not installed")

// row is one device of hl-smi; what it did not say is nil or empty.
type row struct {
	index    int
	module   any
	address  string
	name     string
	driver   string
	memory   *uint64
	maxClock *float64
	reading  devices.Reading
}

// tool is hl-smi, shared by the devices of one Find.
type tool struct {
	run devices.Runner

	mu   sync.Mutex
	last time.Time
	rows []row
}

func (t *tool) ask(ctx context.Context) ([]row, error) {
	if t.run == nil {
		return nil, errNoTool
	}
	limited, cancel := context.WithTimeout(ctx, toolTimeout)
	defer cancel()
	stdout, stderr, err := t.run(limited, toolName, "-Q", columns, "-f", "csv")
	switch {
	case limited.Err() != nil:
		return nil, fmt.Errorf("no answer within %v: %w", toolTimeout, limited.Err())
	case errors.Is(err, exec.ErrNotFound) || errors.Is(err, fs.ErrNotExist):
		return nil, errNoTool
	case err != nil:
		line, _, _ := bytes.Cut(bytes.TrimSpace(stderr), []byte("\n"))
		return nil, fmt.Errorf("%w: %s", err, strings.ToValidUTF8(string(line[:min(len(line), 200)]), ""))
	}
	return parse(stdout)
}

// read gives the last answer about a device, with the time at which it came.
func (t *tool) read(ctx context.Context, index int) devices.Reading {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.last.IsZero() || time.Since(t.last) >= toolAge {
		rows, err := t.ask(ctx)
		if t.last = time.Now(); err != nil {
			rows = nil
		}
		t.rows = rows
	}
	for _, r := range t.rows {
		if r.index == index {
			r.reading.Time = t.last
			return r.reading
		}
	}
	return devices.Reading{Time: time.Now()}
}

// parse reads the tool's CSV: cells after ", ", a first line of the columns' names with their units in brackets. Only index
// and name are required.
func parse(out []byte) ([]row, error) {
	reader := csv.NewReader(bytes.NewReader(out))
	reader.TrimLeadingSpace, reader.FieldsPerRecord = true, -1
	lines, err := reader.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("reading the output of hl-smi: %w", err)
	}
	if len(lines) < 2 || len(lines) > maxDevices+1 {
		return nil, fmt.Errorf("reading the output of hl-smi: %d lines", len(lines))
	}
	column, unit := map[string]int{}, map[string]string{}
	for i, cell := range lines[0] {
		name, rest, _ := strings.Cut(strings.TrimSpace(cell), " ")
		column[name], unit[name] = i, strings.Trim(rest, "[] ")
	}
	seen := map[int]bool{}
	var rows []row
	for i, cells := range lines[1:] {
		text := func(name string) string {
			at, there := column[name]
			if !there || at >= len(cells) {
				return ""
			}
			if s := strings.TrimSpace(cells[at]); !strings.EqualFold(s, "N/A") {
				return strings.ToValidUTF8(s, "?")
			}
			return ""
		}
		index, err := strconv.ParseUint(text("index"), 10, 16)
		if err != nil || seen[int(index)] || text("name") == "" {
			return nil, fmt.Errorf("reading the output of hl-smi: line %d: no index of its own, or no name", i+2)
		}
		seen[int(index)] = true
		figure := func(name string, factors map[string]float64, most float64) *float64 {
			number, own, _ := strings.Cut(text(name), " ")
			v, err := strconv.ParseFloat(number, 64)
			factor, known := factors[cmp.Or(strings.TrimSpace(own), unit[name])]
			if v *= factor; err != nil || !known || math.IsNaN(v) || v < 0 || v > most {
				return nil
			}
			return &v
		}
		r := row{index: int(index), address: strings.ToLower(text("bus_id")), name: text("name"), driver: text("driver_version"),
			maxClock: figure("clocks.max.soc", clocks, 1e5)}
		if module, err := strconv.ParseUint(text("module_id"), 10, 16); err == nil {
			r.module = int(module)
		}
		if size := figure("memory.total", sizes, 1<<50); size != nil && *size >= 1 {
			n := uint64(*size)
			r.memory = &n
		}
		if used := figure("memory.used", sizes, 1<<50); used != nil {
			n := uint64(*used)
			r.reading.MemoryUsedBytes = &n
		}
		r.reading.UtilizationPercent = figure("utilization.aip", percents, 100)
		if r.reading.PowerWatts = figure("power.draw", watts, 1e5); r.reading.PowerWatts != nil {
			r.reading.PowerSource = "hl_smi_power_draw"
		}
		r.reading.TemperatureC = figure("temperature.aip", degrees, 999)
		r.reading.ClockMHz = figure("clocks.current.soc", clocks, 1e5)
		rows = append(rows, r)
	}
	slices.SortFunc(rows, func(a, b row) int { return cmp.Compare(a.index, b.index) })
	return rows, nil
}

// What a unit is in those of a row; "" where neither cell nor column has one.
var (
	sizes    = map[string]float64{"MiB": 1 << 20, "MB": 1 << 20, "GiB": 1 << 30, "B": 1}
	percents = map[string]float64{"%": 1, "": 1}
	watts    = map[string]float64{"W": 1, "mW": 1e-3, "": 1}
	degrees  = map[string]float64{"C": 1, "": 1}
	clocks   = map[string]float64{"MHz": 1, "GHz": 1e3, "": 1}
)
