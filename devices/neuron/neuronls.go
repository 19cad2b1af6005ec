package neuron

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/accelbench/accelbench/devices"
)

const (
	toolTimeout = 10 * time.Second
	toolPause   = 500 * time.Millisecond
	// maxDevices and maxCores bound what is believed of a tool or file; the driver's own limit is 64 devices.
	maxDevices = 1024
	maxCores   = 1024
)

// tools are the places of neuron-ls: only login shells have its folder in the path.
var tools = []string{"/opt/aws/neuron/bin/neuron-ls", "neuron-ls"}

var errNoTool = errors.New("neuron-ls is not installed")

// entry is one device of neuron-ls. What the tool did not say is nil or empty.
type entry struct {
	number       int
	address      string
	logicalCores *int
	// lnc is the number of physical cores in a logical one.
	lnc          *int
	memoryBytes  *uint64
	coreIDs      []int
	connectedTo  []int
	cpuAffinity  string
	numaNode     *int
	processes    *int
	instanceType string
}

// list asks neuron-ls. A failure is tried once more: before release 2.28 two calls at the same time made one fail.
func list(ctx context.Context, run devices.Runner) ([]entry, error) {
	if run == nil {
		return nil, errNoTool
	}
	for _, tool := range tools {
		entries, err := ask(ctx, run, tool)
		if isNotFound(err) {
			continue
		}
		if err == nil || errors.Is(err, context.DeadlineExceeded) {
			return entries, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(toolPause):
		}
		return ask(ctx, run, tool)
	}
	return nil, errNoTool
}

func isNotFound(err error) bool {
	return errors.Is(err, exec.ErrNotFound) || errors.Is(err, fs.ErrNotExist)
}

func ask(ctx context.Context, run devices.Runner, tool string) ([]entry, error) {
	limited, cancel := context.WithTimeout(ctx, toolTimeout)
	defer cancel()
	stdout, stderr, err := run(limited, tool, "--json-output")
	switch {
	case limited.Err() != nil:
		return nil, fmt.Errorf("no answer within %v: %w", toolTimeout, limited.Err())
	case isNotFound(err):
		return nil, err
	case err != nil:
		return nil, fmt.Errorf("%w: %s", err, complaint(stderr))
	}
	return parse(stdout)
}

var (
	logField   = regexp.MustCompile(`\b(?:msg|error)=("(?:[^"\\]|\\.)*")`)
	instanceID = regexp.MustCompile(`\bi-[0-9a-f]{6,}\b`)
)

// complaint takes the message out of the tool's log line, or its first line, without the instance's id.
func complaint(stderr []byte) string {
	var parts []string
	for _, m := range logField.FindAllSubmatch(stderr, 4) {
		if s, err := strconv.Unquote(string(m[1])); err == nil {
			parts = append(parts, s)
		}
	}
	text := strings.Join(parts, ": ")
	if text == "" {
		line, _, _ := bytes.Cut(bytes.TrimSpace(stderr), []byte("\n"))
		text = strings.ToValidUTF8(string(line[:min(len(line), 200)]), "")
	}
	if text == "" {
		return "no message"
	}
	return instanceID.ReplaceAllString(text, "i-...")
}

// parse reads the output of neuron-ls --json-output: an array with one object per device, whose fields grew with the
// releases. Only the device's number is required; a field of another form than expected counts as absent.
func parse(out []byte) ([]entry, error) {
	var objects []map[string]json.RawMessage
	var instanceType string
	if err := json.Unmarshal(out, &objects); err != nil {
		// Not seen in any real output, but expected by other programs: the array as a member of an object.
		var wrapped map[string]json.RawMessage
		if json.Unmarshal(out, &wrapped) != nil {
			return nil, fmt.Errorf("reading the output of neuron-ls: %w", err)
		}
		list := field[[]map[string]json.RawMessage](wrapped, "neuron_devices")
		if list == nil {
			return nil, errors.New("reading the output of neuron-ls: neither an array nor an object with neuron_devices")
		}
		objects = *list
		instanceType = textField(wrapped, "instance_type")
	}
	if len(objects) == 0 {
		return nil, errors.New("reading the output of neuron-ls: no devices in it")
	}
	seen := map[int]bool{}
	var entries []entry
	for i, o := range objects {
		number := countField(o, "neuron_device", 0, maxDevices)
		if number == nil || seen[*number] {
			return nil, fmt.Errorf("reading the output of neuron-ls: element %d: no neuron_device of its own", i)
		}
		seen[*number] = true
		e := entry{
			number:       *number,
			address:      fullAddress(textField(o, "bdf")),
			logicalCores: countField(o, "nc_count", 1, maxCores),
			lnc:          countField(o, "logical_neuroncore_config", 1, maxCores),
			coreIDs:      listField(o, "neuroncore_ids"),
			connectedTo:  listField(o, "connected_to"),
			cpuAffinity:  textField(o, "cpu_affinity"),
			numaNode:     numaField(o),
			instanceType: cmp.Or(textField(o, "instance_type"), instanceType),
		}
		if size := field[uint64](o, "memory_size"); size != nil && *size > 0 {
			e.memoryBytes = size
		}
		if list := field[[]json.RawMessage](o, "neuron_processes"); list != nil {
			n := len(*list)
			e.processes = &n
		}
		entries = append(entries, e)
	}
	slices.SortFunc(entries, func(a, b entry) int { return cmp.Compare(a.number, b.number) })
	return entries, nil
}

// field decodes a member; nil if it is absent, null, or of another type.
func field[T any](o map[string]json.RawMessage, key string) *T {
	raw, ok := o[key]
	if !ok || string(raw) == "null" {
		return nil
	}
	v := new(T)
	if json.Unmarshal(raw, v) != nil {
		return nil
	}
	return v
}

func textField(o map[string]json.RawMessage, key string) string {
	if s := field[string](o, key); s != nil {
		return *s
	}
	return ""
}

func countField(o map[string]json.RawMessage, key string, least, most int) *int {
	n := field[int](o, key)
	if n == nil || *n < least || *n > most {
		return nil
	}
	return n
}

func listField(o map[string]json.RawMessage, key string) []int {
	if l := field[[]int](o, key); l != nil {
		return *l
	}
	return nil
}

// numaField reads the node, which the tool writes as a string; "-1" is none.
func numaField(o map[string]json.RawMessage) *int {
	n, err := strconv.Atoi(textField(o, "numa_node"))
	if err != nil {
		p := field[int](o, "numa_node")
		if p == nil {
			return nil
		}
		n = *p
	}
	if n < 0 {
		return nil
	}
	return &n
}

var shortAddress = regexp.MustCompile(`^[0-9a-fA-F]{2}:[0-9a-fA-F]{2}\.[0-7]$`)

// fullAddress adds the PCI domain, which some releases leave out, and writes the address as sysfs does.
func fullAddress(bdf string) string {
	if shortAddress.MatchString(bdf) {
		bdf = "0000:" + bdf
	}
	return strings.ToLower(bdf)
}
