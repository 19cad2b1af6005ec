package history

import (
	"fmt"
	"slices"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/compare"
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

// Records reads the entries of a store, in the order of time. A result that several entries have, as after a merge of two branches,
// counts in the first. Runs of the base side of an interleaved comparison belong to another commit and are left out. Warnings say so.
func Records(s Store, f Filter) (records []Record, warnings []string, err error) {
	entries, err := s.Entries()
	if err != nil {
		return nil, nil, err
	}
	seen := map[string]bool{}
	twice, base := 0, 0
	for _, e := range entries {
		if f.Branch != "" && e.Branch != f.Branch {
			continue
		}
		results, more, err := s.Results(e.ID)
		if err != nil {
			return nil, nil, err
		}
		warnings = append(warnings, more...)
		results = slices.DeleteFunc(results, func(r bench.Result) bool {
			switch {
			case seen[r.ID]:
				twice++
				return true
			case r.Trial != nil && r.Trial.Side == bench.SideBase:
				base++
				return true
			}
			seen[r.ID] = true
			return len(f.Workloads) > 0 && !slices.Contains(f.Workloads, r.Workload.Name)
		})
		records = append(records, Record{e, compare.Subjects(results)})
	}
	if twice > 0 {
		warnings = append(warnings, fmt.Sprintf("%d results are in several entries and count in the first", twice))
	}
	if base > 0 {
		warnings = append(warnings, fmt.Sprintf("%d runs were the base side of a comparison, so not of the commit of their entry, and are left out", base))
	}
	return records, warnings, nil
}
