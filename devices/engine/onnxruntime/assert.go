package onnxruntime

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The names of the execution providers in profiles and in the library's list of those compiled in.
const (
	cpuProvider      = "CPUExecutionProvider"
	cudaProvider     = "CUDAExecutionProvider"
	tensorRTProvider = "TensorrtExecutionProvider"
)

// errProvider marks work that another provider did than the one asked for.
var errProvider = errors.New("the asked execution provider did not do the work")

// maxHostBytes bounds the result of a node that may stay on the CPU beside an accelerator: shapes and positions are a few
// integers, activations are more.
const maxHostBytes = 1 << 10

// hostOps are the operators that the accelerators' providers leave to the CPU by design, because they compute shapes and
// positions: integers that decide about sizes and places and are needed on the host.
func hostOps() []string {
	return []string{"Add", "Cast", "Concat", "ConstantOfShape", "Div", "Equal", "Gather", "Less", "Mul", "Range", "ReduceMax",
		"ReduceSum", "Shape", "Size", "Slice", "Squeeze", "Sub", "Unsqueeze", "Where"}
}

// work is what one provider did in a profile.
type work struct {
	nodes int // executions of operators, copies between memories not counted
	time  time.Duration
	// ops counts by operator the executions that are more than the reckoning of shapes and positions.
	ops map[string]int
}

// profile is the work by provider.
type profile map[string]*work

// event is what matters of an entry of a profile: Chrome's trace format, times in microseconds.
type event struct {
	Category string `json:"cat"`
	Name     string `json:"name"`
	Micros   int64  `json:"dur"`
	Args     struct {
		Op       string `json:"op_name"`
		Provider string `json:"provider"`
		Bytes    string `json:"output_size"`
	} `json:"args"`
}

// readProfile adds up the executions of nodes in a profile of the library: an array of events, read one at a time. Those of
// a node that are not its execution (waiting before and after it) are left out.
func readProfile(r io.Reader) (profile, error) {
	in := json.NewDecoder(bufio.NewReader(r))
	if start, err := in.Token(); err != nil || start != json.Delim('[') {
		return nil, errors.Join(errors.New("the profile does not start as a list of events"), err)
	}
	p := profile{}
	for in.More() {
		var e event
		if err := in.Decode(&e); err != nil {
			return nil, fmt.Errorf("reading an event of the profile: %w", err)
		}
		if e.Category == "Node" && strings.HasSuffix(e.Name, "_kernel_time") {
			if err := p.add(e); err != nil {
				return nil, err
			}
		}
	}
	if _, err := in.Token(); err != nil {
		return nil, fmt.Errorf("the profile is cut off: %w", err)
	}
	return p, nil
}

func (p profile) add(e event) error {
	if e.Args.Provider == "" {
		return fmt.Errorf("the profile does not say which provider ran the node %s", strings.TrimSuffix(e.Name, "_kernel_time"))
	}
	if e.Args.Op == "MemcpyFromHost" || e.Args.Op == "MemcpyToHost" {
		return nil
	}
	done := p[e.Args.Provider]
	if done == nil {
		done = &work{ops: map[string]int{}}
		p[e.Args.Provider] = done
	}
	done.nodes++
	done.time += time.Duration(e.Micros) * time.Microsecond
	size, err := strconv.ParseInt(e.Args.Bytes, 10, 64)
	if small := err == nil && size <= maxHostBytes; !small || !slices.Contains(hostOps(), e.Args.Op) {
		done.ops[e.Args.Op]++
	}
	return nil
}

// assert is nil if the asked providers did the work: the first of them at least half of their time, and others nothing. Beside an
// accelerator the CPU may reckon shapes and positions. What runs on the CPU may have no nodes at all: all of it was constant.
func (p profile) assert(asked []string) error {
	if p[asked[0]] == nil && asked[0] != cpuProvider {
		return fmt.Errorf("%w: no operator ran on %s, but %s", errProvider, asked[0], p)
	}
	var all time.Duration // of the asked providers
	for _, name := range slices.Sorted(maps.Keys(p)) {
		if slices.Contains(asked, name) {
			all += p[name].time
			continue
		}
		if name != cpuProvider || len(p[name].ops) > 0 {
			return fmt.Errorf("%w: asked for %s, and %s ran %s: %s", errProvider, strings.Join(asked, " and "), name, p[name].text(), p)
		}
	}
	if first := p[asked[0]]; first != nil && first.time < all/2 {
		return fmt.Errorf("%w: %s did less than half of the work: %s", errProvider, asked[0], p)
	}
	return nil
}

// String lists nodes and time by provider.
func (p profile) String() string {
	if len(p) == 0 {
		return "no operator ran"
	}
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(p)) {
		parts = append(parts, fmt.Sprintf("%d nodes in %s on %s", p[name].nodes, p[name].time, name))
	}
	return strings.Join(parts, ", ")
}

// text names the operators, the most frequent first.
func (w *work) text() string {
	ops := slices.SortedFunc(maps.Keys(w.ops), func(a, b string) int {
		if w.ops[a] != w.ops[b] {
			return w.ops[b] - w.ops[a]
		}
		return strings.Compare(a, b)
	})
	const most = 8
	var parts []string
	for i, op := range ops {
		if i == most {
			parts = append(parts, fmt.Sprintf("%d more kinds", len(ops)-most))
			break
		}
		parts = append(parts, fmt.Sprintf("%s (%d)", op, w.ops[op]))
	}
	return strings.Join(parts, ", ")
}

// assertFile reads a profile and asserts that the asked providers did the work.
func assertFile(path string, asked []string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("opening the profile: %w", err)
	}
	p, err := readProfile(f)
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("reading which execution provider ran what: %w", err)
	}
	return p.assert(asked)
}
