package workloads

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/accelbench/accelbench/internal/names"
)

// ErrPrecision marks a precision that a workload is not defined in. Sweeps turn it into "unsupported".
var ErrPrecision = errors.New("precision not available")

// UnknownError is the error for a workload that does not exist.
type UnknownError struct {
	Name  string
	Known []string // nearest first
}

func (e *UnknownError) Error() string {
	return fmt.Sprintf("unknown workload %q: the workloads are, nearest first, %s", e.Name, strings.Join(e.Known, ", "))
}

// OptionError is the error for an option that a workload does not have or that is out of its range.
type OptionError struct {
	Workload string
	Option   string // as spelt on the command line: batch, seq-len, isl, osl, isl+osl
	Value    int
	Allowed  string // the values that would do; empty if the workload has no such option
}

func (e *OptionError) Error() string {
	if e.Allowed == "" {
		return fmt.Sprintf("workload %s has no option %s (got %d): leave it out", e.Workload, e.Option, e.Value)
	}
	return fmt.Sprintf("workload %s: %s is %d, allowed are %s", e.Workload, e.Option, e.Value, e.Allowed)
}

// Range is an option of a workload with its default and its inclusive bounds.
type Range struct {
	Option  string // batch, seq-len, isl, osl
	Default int
	Min     int
	Max     int
}

// Entry describes a workload of the catalogue.
type Entry struct {
	Name       string
	Title      string
	Family     string
	Unit       string
	Precisions []string
	Options    []Range
	// Everyday tells that a selection without names includes it; the others are large.
	Everyday bool
}

// maxBatch bounds the batch so that element counts stay far from overflow; memory ends sooner.
const maxBatch = 4096

// seed is the seed of all parameters and inputs. Changing it changes every golden value.
const seed = 1

// model is a row of the catalogue: what is known without options, and how the rest follows from them. build gets a
// workload with everything but Phases, UnitsPerSample and Parameters.
type model struct {
	name, title, family, unit, data string
	pool                            int
	positions                       []int
	precisions                      []string
	everyday                        bool // part of the automatic selection
	options                         []Range
	build                           func(w *Workload) error
}

func catalogue() []model {
	return []model{
		memcopy(), gemm(), resnet50(), bertBase(), bertLarge(), dlrm(), whisperTiny(), whisperLarge(), sdxlUNet(),
		smollm2(), llama1B(), llama8B(), mixtral(), gptOSS(),
	}
}

// Names lists the standard workloads, small ones first.
func Names() []string {
	var out []string
	for _, m := range catalogue() {
		out = append(out, m.name)
	}
	return out
}

// Precisions are those that workloads may be defined in.
func Precisions() []string { return []string{Full, Half, BFloat16, Int8, Float8, Int4} }

// Catalogue describes the standard workloads in the order of [Names].
func Catalogue() []Entry {
	var out []Entry
	for _, m := range catalogue() {
		out = append(out, Entry{Name: m.name, Title: m.title, Family: m.family, Unit: m.unit,
			Precisions: m.precisions, Options: m.ranges(), Everyday: m.everyday})
	}
	return out
}

// Find builds the workload of that name. The error is an [*UnknownError], an [*OptionError] or wraps [ErrPrecision].
func Find(name string, o Options) (*Workload, error) {
	models := catalogue()
	i := slices.IndexFunc(models, func(m model) bool { return m.name == name })
	if i < 0 {
		return nil, &UnknownError{Name: name, Known: names.Nearest(name, Names())}
	}
	m := models[i]
	o, err := m.effective(o)
	if err != nil {
		return nil, err
	}
	return m.finish(m.workload(o))
}

// workload is everything but what finish adds.
func (m model) workload(o Options) *Workload {
	return &Workload{Name: m.name, Title: m.title, Family: m.family, Options: o, Unit: m.unit, UnitsPerSample: 1,
		Data: m.data, Seed: seed, Pool: m.pool, positions: m.positions}
}

func (m model) finish(w *Workload) (*Workload, error) {
	if err := m.build(w); err != nil {
		return nil, err
	}
	w.Parameters -= w.copies
	for _, v := range w.Phases[0].Graph.Params() {
		w.Parameters += int64(Elements(v.Shape))
	}
	return w, nil
}

// ranges are all options of the model: those of its own, and the batch that every model has.
func (m model) ranges() []Range {
	return append([]Range{{Option: "batch", Default: 1, Min: 1, Max: maxBatch}}, m.options...)
}

// effective fills in the defaults and checks every option against the model.
func (m model) effective(o Options) (Options, error) {
	if o.Precision == "" {
		o.Precision = string(F32)
	}
	if !slices.Contains(m.precisions, o.Precision) {
		return o, fmt.Errorf("workload %s: precision %q: %w: it is defined in %s", m.name, o.Precision, ErrPrecision,
			strings.Join(m.precisions, ", "))
	}
	ranges := m.ranges()
	for _, f := range []struct {
		option string
		value  *int
	}{{"batch", &o.Batch}, {"seq-len", &o.SeqLen}, {"isl", &o.ISL}, {"osl", &o.OSL}} {
		i := slices.IndexFunc(ranges, func(r Range) bool { return r.Option == f.option })
		switch {
		case i < 0 && *f.value != 0:
			return o, &OptionError{Workload: m.name, Option: f.option, Value: *f.value}
		case i < 0:
		case *f.value == 0:
			*f.value = ranges[i].Default
		case *f.value < ranges[i].Min || *f.value > ranges[i].Max:
			return o, &OptionError{Workload: m.name, Option: f.option, Value: *f.value,
				Allowed: fmt.Sprintf("%d to %d", ranges[i].Min, ranges[i].Max)}
		}
	}
	return o, nil
}
