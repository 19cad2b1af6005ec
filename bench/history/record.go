package history

import (
	"fmt"
	"slices"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/compare"
	"github.com/accelbench/accelbench/internal/english"
)

// Record is an entry with what was measured of each thing in it.
type Record struct {
	Entry    Entry
	Subjects []compare.Subject
}

// Filter says what to read. The zero value reads everything.
type Filter struct {
	Branch    string   // only entries of it
	Workloads []string // only results of these
}

// Own are the results of an entry that are of its commit: without the base side of interleaved comparisons, and with the head side as
// runs like others.
func Own(results []bench.Result) []bench.Result {
	var out []bench.Result
	for _, r := range results {
		if r.Trial != nil && r.Trial.Side == bench.SideBase {
			continue
		}
		r.Trial = nil
		out = append(out, r)
	}
	return out
}

// Records reads the entries of a store, in the order of time. A result that several entries have, as after a merge of two branches,
// counts in the first. Only an entry's [Own] results count. Warnings say what was left out.
func Records(s Store, f Filter) (records []Record, warnings []string, err error) {
	entries, err := s.Entries()
	if err != nil {
		return nil, nil, err
	}
	seen := map[string]bool{}
	twice, base := 0, 0
	var notes tally
	for _, e := range entries {
		if f.Branch != "" && e.Branch != f.Branch {
			continue
		}
		results, more, err := s.Results(e.ID)
		if err != nil {
			return nil, nil, err
		}
		warnings = append(warnings, more...)
		own := Own(results)
		base += len(results) - len(own)
		var kept []bench.Result
		for _, r := range own {
			if seen[r.ID] {
				twice++
				continue
			}
			seen[r.ID] = true
			if len(f.Workloads) == 0 || slices.Contains(f.Workloads, r.Workload.Name) {
				kept = append(kept, r)
			}
		}
		subjects, left := compare.Subjects(kept)
		notes.count(left)
		records = append(records, Record{e, subjects})
	}
	if twice > 0 {
		warnings = append(warnings, "in several entries, count in the first: "+english.Count(twice, "result"))
	}
	if base > 0 {
		warnings = append(warnings, "left out, not of the commit of their entry: "+english.Count(base, "run")+" of the base side of a comparison")
	}
	return records, append(warnings, notes.texts()...), nil
}

// tally counts texts, in the order in which each first came.
type tally struct {
	order []string
	times map[string]int
}

func (t *tally) count(texts []string) {
	if t.times == nil {
		t.times = map[string]int{}
	}
	for _, text := range texts {
		if t.times[text] == 0 {
			t.order = append(t.order, text)
		}
		t.times[text]++
	}
}

func (t *tally) texts() []string {
	var out []string
	for _, text := range t.order {
		if n := t.times[text]; n > 1 {
			text = fmt.Sprintf("%s (in each of %d entries)", text, n)
		}
		out = append(out, text)
	}
	return out
}

// Metrics are the names of what records have, in the order in which each first occurs.
func Metrics(records []Record) []string {
	var out []string
	for _, r := range records {
		for _, subject := range r.Subjects {
			for _, s := range subject.Series {
				if !slices.Contains(out, s.Metric.Name) {
					out = append(out, s.Metric.Name)
				}
			}
		}
	}
	return out
}

// Gap is a thing of which the newest entry has runs without figures.
type Gap struct {
	Name    string   `json:"name"`
	Runs    int      `json:"runs"`
	Bad     int      `json:"bad"`
	Reasons []string `json:"reasons"`
}

// Gaps are those of the newest record: what broke has no point in any series.
func Gaps(records []Record) []Gap {
	var out []Gap
	if len(records) == 0 {
		return nil
	}
	for _, s := range records[len(records)-1].Subjects {
		if s.Bad > 0 {
			out = append(out, Gap{s.Name, s.Runs, s.Bad, s.Reasons})
		}
	}
	return out
}
