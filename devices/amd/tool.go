package amd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/accelbench/accelbench/devices"
)

const (
	toolTimeout = 10 * time.Second
	// toolAge is how old an answer may be: one call tells of all GPUs, and costs half a second of a CPU.
	toolAge = time.Second
)

// amd-smi comes with ROCm 6, rocm-smi with all; ROCm's folder is not in every path.
var (
	newTools = []string{"amd-smi", "/opt/rocm/bin/amd-smi"}
	oldTools = []string{"rocm-smi", "/opt/rocm/bin/rocm-smi"}
)

// answer is what a tool says of one GPU; nil or empty is not said.
type answer struct {
	index   int
	address string
	name    string
	source  string
	memory  *uint64
	reading devices.Reading
}

// tool is amd-smi or rocm-smi, whichever is there, shared by the devices of one Find.
type tool struct {
	run devices.Runner

	mu   sync.Mutex
	path string
	old  bool
	last time.Time
	said []answer
}

func newTool(run devices.Runner) *tool { return &tool{run: run} }

var errNoTool = errors.New("neither amd-smi nor rocm-smi is installed")

// describe asks for what does not change. The tool's absence is a problem, since names come from it alone.
func (t *tool) describe(ctx context.Context) ([]answer, []devices.Problem) {
	t.mu.Lock()
	defer t.mu.Unlock()
	said, err := t.ask(ctx, []string{"static", "--json"})
	switch {
	case errors.Is(err, errNoTool):
		return nil, []devices.Problem{{Text: err.Error() + ", so that the names of AMD GPUs are not known",
			Remedy: "install amd-smi-lib, or make /opt/rocm/bin reachable"}}
	case err != nil:
		return nil, []devices.Problem{{Text: "asking for the names of AMD GPUs: " + err.Error(),
			Remedy: "run the tool by hand; it and the driver must be of releases that fit"}}
	}
	return said, nil
}

// ask runs the first tool that is there; args are those of amd-smi.
func (t *tool) ask(ctx context.Context, args []string) ([]answer, error) {
	if t.run == nil {
		return nil, errNoTool
	}
	for _, path := range append(append([]string(nil), newTools...), oldTools...) {
		if t.path != "" && path != t.path {
			continue
		}
		old := strings.HasSuffix(path, "rocm-smi")
		if old {
			args = []string{"--showallinfo", "--json"}
		}
		out, err := t.call(ctx, path, args)
		if errors.Is(err, exec.ErrNotFound) || errors.Is(err, fs.ErrNotExist) {
			continue
		}
		t.path, t.old = path, old
		if err != nil {
			return nil, err
		}
		if old {
			return parseROCmSMI(out)
		}
		return parseAMDSMI(out)
	}
	return nil, errNoTool
}

func (t *tool) call(ctx context.Context, path string, args []string) ([]byte, error) {
	limited, cancel := context.WithTimeout(ctx, toolTimeout)
	defer cancel()
	stdout, stderr, err := t.run(limited, path, args...)
	if limited.Err() != nil {
		return nil, fmt.Errorf("no answer within %v: %w", toolTimeout, limited.Err())
	}
	if err != nil {
		line, _, _ := bytes.Cut(bytes.TrimSpace(stderr), []byte("\n"))
		return nil, fmt.Errorf("%w: %s", err, strings.ToValidUTF8(string(line[:min(len(line), 200)]), ""))
	}
	return stdout, nil
}

// of finds the answer about a GPU: by its address, or by its number where the tool tells no addresses or several nodes
// share one.
func (t *tool) of(said []answer, index int, address string) answer {
	var same []answer
	for _, a := range said {
		if a.address == address {
			same = append(same, a)
		}
	}
	if len(same) == 1 {
		return same[0]
	}
	if len(same) == 0 {
		same = said
	}
	for _, a := range same {
		if a.index == index && (a.address == "" || a.address == address) {
			return a
		}
	}
	return answer{}
}

// read fills what the reading lacks, and sets the time to that of the tool's answer if that has power or energy: neither is of now.
// A tool that is not there or fails leaves the reading as it is.
func (t *tool) read(ctx context.Context, index int, address string, r *devices.Reading) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.last.IsZero() || time.Since(t.last) >= toolAge {
		said, err := t.ask(ctx, []string{"metric", "-u", "-m", "-p", "-c", "-t", "-E", "--json"})
		if t.last = time.Now(); err != nil {
			said = nil
		}
		t.said = said
	}
	now := t.of(t.said, index, address).reading
	fill(&r.PowerWatts, now.PowerWatts)
	if r.PowerSource == "" && r.PowerWatts != nil {
		r.PowerSource = now.PowerSource
	}
	fill(&r.EnergyJoules, now.EnergyJoules)
	if now.PowerWatts != nil || now.EnergyJoules != nil {
		r.Time = t.last
	}
	if r.EnergySource == "" && r.EnergyJoules != nil {
		r.EnergySource = now.EnergySource
	}
	fill(&r.TemperatureC, now.TemperatureC)
	fill(&r.MemoryTemperatureC, now.MemoryTemperatureC)
	fill(&r.UtilizationPercent, now.UtilizationPercent)
	fill(&r.MemoryUtilizationPercent, now.MemoryUtilizationPercent)
	fill(&r.ClockMHz, now.ClockMHz)
	fill(&r.MemoryClockMHz, now.MemoryClockMHz)
	fill(&r.MemoryUsedBytes, now.MemoryUsedBytes)
	if r.Throttle == nil {
		r.Throttle = now.Throttle
	}
}

func fill[T any](to **T, from *T) {
	if *to == nil {
		*to = from
	}
}
