package gobench

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/perf/benchunit"

	"github.com/accelbench/accelbench/bench/compare"
)

// Unit is a unit in the form that names metrics: ns/op is sec/op there, and MB/s is B/s.
func Unit(written string) string {
	_, unit := benchunit.Tidy(1, written)
	return unit
}

// Subjects gathers the runs of each benchmark, in the order in which each first occurs: one series a unit. Benchmarks of the same name
// in two packages are two subjects, and so are those of one package on two processors.
func (r *Reader) Subjects(runs []Run) []compare.Subject {
	var order []string
	by := map[string][]Run{}
	packages := map[string]bool{}
	for _, run := range runs {
		key := run.key()
		for _, name := range identity() {
			key += "\n" + run.config(name)
		}
		if by[key] == nil {
			order = append(order, key)
		}
		by[key] = append(by[key], run)
		packages[run.config(pkgKey)] = true
	}
	var out []compare.Subject
	for _, key := range order {
		first := by[key][0]
		name := first.Name
		if len(packages) > 1 {
			name = first.key()
		}
		out = append(out, compare.Subject{Key: first.key(), Name: name, Fields: fields(by[key]), Series: r.series(by[key]), Runs: len(by[key])})
	}
	return out
}

// identity are the configuration lines of the machine: other processors give other figures, whatever the code.
func identity() []string { return []string{"goos", "goarch", "cpu"} }

// key is what must be equal for runs to be of the same benchmark.
func (run Run) key() string {
	if pkg := run.config(pkgKey); pkg != "" {
		return pkg + "." + run.Name
	}
	return run.Name
}

func (run Run) config(key string) string {
	for _, c := range run.Config {
		if c.Key == key {
			return c.Value
		}
	}
	return ""
}

// fields are the configuration of the runs.
func fields(runs []Run) []compare.Field {
	values := map[string][]string{}
	for _, run := range runs {
		for _, c := range run.Config {
			if c.Key != pkgKey && !slices.Contains(values[c.Key], c.Value) {
				values[c.Key] = append(values[c.Key], c.Value)
			}
		}
	}
	var out []compare.Field
	for key, each := range values {
		slices.Sort(each)
		out = append(out, compare.Field{Name: key, Value: strings.Join(each, " | "), Identity: slices.Contains(identity(), key)})
	}
	slices.SortFunc(out, func(a, b compare.Field) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

func (r *Reader) series(runs []Run) []compare.Series {
	var out []compare.Series
	at := map[string]int{}
	for _, run := range runs {
		for _, v := range run.Values {
			i, known := at[v.Unit]
			if !known {
				i = len(out)
				at[v.Unit] = i
				out = append(out, compare.Series{Metric: r.metric(v, run)})
			}
			out[i].Values = append(out[i].Values, compare.Value{X: v.X, Round: run.Round})
		}
	}
	for i, s := range out {
		if lacking := len(runs) - len(s.Values); lacking > 0 {
			out[i].Missing = fmt.Sprintf("%d of %d lines have no %s", lacking, len(runs), s.Metric.Name)
		}
	}
	return out
}

func (r *Reader) metric(v Value, run Run) compare.Metric {
	m := compare.Metric{Name: v.Unit, Unit: v.Unit, Better: r.better(v.Unit), Method: compare.Mean}
	// go test computes MB/s from the time and the bytes of an operation.
	if v.Written == "MB/s" && slices.ContainsFunc(run.Values, func(o Value) bool { return o.Unit == "sec/op" }) {
		m.Follows = "sec/op"
	}
	return m
}

// better is what a Unit line says, else what the unit itself says; empty if neither does.
func (r *Reader) better(unit string) compare.Direction {
	switch direction := r.in.Units().GetBetter(unit); {
	case direction > 0:
		return compare.Higher
	case direction < 0:
		return compare.Lower
	case strings.HasSuffix(unit, "/s"):
		return compare.Higher
	}
	return ""
}

// Undirected are the units of the runs of which nothing says which way is better, in order.
func (r *Reader) Undirected(runs []Run) []string {
	var out []string
	for _, run := range runs {
		for _, v := range run.Values {
			if r.better(v.Unit) == "" && !slices.Contains(out, v.Unit) {
				out = append(out, v.Unit)
			}
		}
	}
	slices.Sort(out)
	return out
}
