package reports

import (
	"fmt"
	"slices"
	"strings"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/devices"
)

// task is what rows of several engines have in common when they did the same.
type task struct {
	workload, scenario, place string
}

func taskOf(r row) task {
	w := r.First.Workload
	return task{r.workload + w.Hash, r.scenario, place(r.First)}
}

// engines puts the engines side by side on every task that several of them did.
func (v view) engines() []Block {
	byTask := map[task][]row{}
	var order []task
	for _, r := range v.rows {
		if r.Valid == 0 || r.Throughput == nil {
			continue
		}
		t := taskOf(r)
		if byTask[t] == nil {
			order = append(order, t)
		}
		byTask[t] = append(byTask[t], r)
	}
	var rows []compared
	for _, t := range order {
		if group := byTask[t]; len(group) > 1 {
			rows = append(rows, sideBySide(group)...)
		}
	}
	if len(rows) == 0 {
		return nil
	}
	fields := []field[compared]{
		{"Workload", Left, func(c compared) string { return c.workload }},
		{"Scenario", Left, func(c compared) string { return c.scenario }},
		{"Engine", Left, func(c compared) string { return orNA(shortName(engineName(c.First))) + kindText(c.First.Engine.Kind) }},
		{"Throughput", Right, func(c compared) string { return c.throughput() }},
		{"Ratio", Right, func(c compared) string { return c.ratio }},
		{"p50", Right, func(c compared) string { return c.latency(p50) }},
		{"Of peak", Right, func(c compared) string { return share(c.row) }},
		{"Check", Left, func(c compared) string { return check(c.row) }},
	}
	if v.severalDevices {
		fields = slices.Insert(fields, 2, field[compared]{"Device", Left, func(c compared) string { return v.labels[place(c.First)] }})
	}
	blocks := append([]Block{Heading("Engines side by side")}, folded(rows, fields)...)
	return append(blocks, Paragraph{Text: v.deployedEngines()})
}

// compared is a row beside the first of its task.
type compared struct {
	row
	ratio string
}

// sideBySide orders the rows of a task, deployed engines first, and gives each its throughput over that of the first.
func sideBySide(rows []row) []compared {
	slices.SortStableFunc(rows, func(a, b row) int { return deployedFirst(a) - deployedFirst(b) })
	out := make([]compared, len(rows))
	for i, r := range rows {
		out[i] = compared{r, "1"}
		if i > 0 {
			out[i].ratio = NA
			if base := rows[0].Throughput.Value; base > 0 {
				out[i].ratio = digits(r.Throughput.Value/base, 3)
			}
		}
	}
	return out
}

func deployedFirst(r row) int {
	if r.First.Engine.Kind == devices.Deployed {
		return 0
	}
	return 1
}

// deployedEngines says which engines are what people run in production.
func (v view) deployedEngines() string {
	names := map[devices.EngineKind][]string{}
	for _, r := range v.rows {
		kind, name := r.First.Engine.Kind, shortName(r.First.Engine.Name)
		if kind != "" && !slices.Contains(names[kind], name) {
			names[kind] = append(names[kind], name)
		}
	}
	var parts []string
	if list := names[devices.Deployed]; len(list) > 0 {
		parts = append(parts, fmt.Sprintf("Deployed, what people run in production: %s", strings.Join(list, ", ")))
	}
	if list := names[devices.Harness]; len(list) > 0 {
		parts = append(parts, fmt.Sprintf("harness, this project's own, as a second opinion: %s", strings.Join(list, ", ")))
	}
	text := strings.Join(parts, "; ")
	return strings.ToUpper(text[:1]) + text[1:] + ". Ratio is the throughput over that of the first engine of the same task; " +
		"two figures whose intervals overlap may well be equal."
}

// checkNote says what a check was against, where that is not the float64 reference.
func checkNote(c *bench.Checks) string {
	switch c.Kind {
	case bench.CrossEngine, bench.Repeatable:
		return " (" + c.Kind + ")"
	}
	return ""
}
