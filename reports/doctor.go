package reports

import (
	"strings"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/devices/host"
	"github.com/accelbench/accelbench/internal/english"
)

// DoctorSchema names the form of the pre-flight in JSON.
const DoctorSchema = "accelbench.doctor/v1"

// DoctorData is the pre-flight in JSON.
type DoctorData struct {
	Schema string                 `json:"schema"`
	Checks []bench.PreflightCheck `json:"checks"`
	Host   host.Host              `json:"host"`
	Cloud  host.Cloud             `json:"cloud"`
}

// Doctor shows the checks of a machine in the given order: what is wrong with what to do about it, then what is not known,
// then what is well.
func Doctor(checks []bench.PreflightCheck, h host.Host, c host.Cloud) Document {
	d := Document{Title: "Pre-flight", Sheet: checkSheet(checks),
		Data: DoctorData{DoctorSchema, append([]bench.PreflightCheck{}, checks...), h, c}, Checks: preflightChecks(checks)}
	by := map[bench.PreflightStatus][]bench.PreflightCheck{}
	for _, check := range checks {
		by[check.Status] = append(by[check.Status], check)
	}
	d.Blocks = append(d.Blocks, Paragraph{Text: fitness(by), Strong: true})
	for _, part := range []struct {
		name   string
		status bench.PreflightStatus
	}{{"Fails", bench.PreflightFail}, {"Warnings", bench.PreflightWarn}} {
		var list List
		for _, check := range by[part.status] {
			list = append(list, checkText(check))
		}
		if len(list) > 0 {
			d.Blocks = append(d.Blocks, Heading(part.name), list)
		}
	}
	for _, part := range []struct {
		name   string
		status bench.PreflightStatus
	}{{"Not known", bench.PreflightUnknown}, {"Well", bench.PreflightOK}} {
		if len(by[part.status]) > 0 {
			d.Blocks = append(d.Blocks, Heading(part.name), tableOf(by[part.status], []field[bench.PreflightCheck]{
				{"Check", Left, func(c bench.PreflightCheck) string { return c.Name }},
				{"Found", Left, func(c bench.PreflightCheck) string { return orNA(c.Found) }},
				{"Meaning", Left, func(c bench.PreflightCheck) string { return c.Why }},
			}))
		}
	}
	d.Blocks = append(d.Blocks, Heading("Machine"), machineTable(h, c))
	return d
}

// fitness is the verdict on the machine in one line.
func fitness(by map[bench.PreflightStatus][]bench.PreflightCheck) string {
	verdict := "Fit to measure on"
	if len(by[bench.PreflightFail]) > 0 {
		verdict = "Not fit to measure on"
	}
	var counts []string
	for _, part := range []struct {
		status bench.PreflightStatus
		words  string
	}{{bench.PreflightFail, "failed"}, {bench.PreflightWarn, "with a warning"}, {bench.PreflightUnknown, "unknown"}, {bench.PreflightOK, "ok"}} {
		if n := len(by[part.status]); n > 0 {
			counts = append(counts, english.Count(n, "check")+" "+part.words)
		}
	}
	return english.Joined(": ", verdict, strings.Join(counts, ", ")) + "."
}

// preflightChecks are the checks in words that CI understands: a warning is open, and so is what is not known.
func preflightChecks(checks []bench.PreflightCheck) []Check {
	out := []Check{}
	for _, c := range checks {
		outcome := Open
		switch c.Status {
		case bench.PreflightFail:
			outcome = Failed
		case bench.PreflightOK:
			outcome = Passed
		}
		out = append(out, Check{Suite: "accelbench doctor", Name: c.Name, Outcome: outcome, Text: checkText(c)})
	}
	return out
}

func checkText(c bench.PreflightCheck) string {
	return english.Joined(". ", english.Joined(": ", c.Name, orNA(c.Found)), sentence(c.Why), sentence(c.Remedy))
}

// sentence begins a text with a capital, unless it begins with a command.
func sentence(s string) string {
	if s == "" || strings.HasPrefix(s, "accelbench ") || strings.HasPrefix(s, "nvidia-smi ") {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

func checkSheet(checks []bench.PreflightCheck) Sheet {
	return sheetOf(checks, []key[bench.PreflightCheck]{
		{"check", func(c bench.PreflightCheck) any { return c.Name }},
		{"status", func(c bench.PreflightCheck) any { return string(c.Status) }},
		{"found", func(c bench.PreflightCheck) any { return c.Found }},
		{"why", func(c bench.PreflightCheck) any { return c.Why }},
		{"remedy", func(c bench.PreflightCheck) any { return c.Remedy }},
	})
}
