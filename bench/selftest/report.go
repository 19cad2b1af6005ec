package selftest

// Measured is a figure as it was measured.
type Measured struct {
	Name string `json:"name"`
	// Value is the figure, the median where it was measured several times; nil if it is unknown, for the Reason.
	Value  *float64 `json:"value"`
	Reason string   `json:"reason,omitempty"`
	// Least is the least of Repeats measurements, which a busy machine disturbs less; nil if there was one.
	Least   *float64 `json:"least,omitempty"`
	Repeats int      `json:"repeats,omitempty"`
}

// Outcome is what one part gave.
type Outcome struct {
	Figures []Measured `json:"figures"`
	// Waited is the time for which threads of the process were ready to run and had no CPU, over the time of the part; nil
	// if the system does not say.
	Waited *float64 `json:"waited"`
	// LoadAverage1 is the number of runnable tasks over the minute before the part; nil if unknown.
	LoadAverage1 *float64 `json:"load_average_1"`
}

// Report is what all parts gave.
type Report struct {
	// Measured holds every figure of [Figures], in that order.
	Measured []Measured
	// Waited is the largest of the parts', LoadAverage1 that of the first part; nil if unknown.
	Waited, LoadAverage1 *float64
}

// maxWaited is the share of waiting for a CPU above which the machine counts as busy. About as large a share of the queries
// of a spinning generator comes late, and twice a hundredth is enough to make a 99th percentile that of the other work.
const maxWaited = 0.02

// NewReport collects outcomes by part. A figure whose part gave none is unknown for the reason that failed holds for the part.
func NewReport(outcomes map[string]Outcome, failed map[string]string) Report {
	var r Report
	found := map[string]Measured{}
	for _, p := range Parts() {
		o, ok := outcomes[p.Name]
		if !ok {
			for _, name := range p.Figures {
				found[name] = Measured{Name: name, Reason: failed[p.Name]}
			}
			continue
		}
		for _, m := range o.Figures {
			found[m.Name] = m
		}
		if r.LoadAverage1 == nil {
			r.LoadAverage1 = o.LoadAverage1
		}
		if o.Waited != nil && (r.Waited == nil || *o.Waited > *r.Waited) {
			r.Waited = o.Waited
		}
	}
	for _, f := range Figures() {
		m, ok := found[f.Name]
		if !ok || m.Value == nil && m.Reason == "" {
			m = Measured{Name: f.Name, Reason: "not measured"}
		}
		r.Measured = append(r.Measured, m)
	}
	return r
}

// Complete tells whether every figure was measured.
func (r Report) Complete() bool {
	for _, m := range r.Measured {
		if m.Value == nil {
			return false
		}
	}
	return true
}

// Busy tells whether the machine had other work, as far as it is known.
func (r Report) Busy() bool { return r.Waited != nil && *r.Waited > maxWaited }

// Met tells whether a figure keeps to its bar; nil if it has none or is unknown.
func (f Figure) Met(m Measured) *bool {
	if f.AtMost == nil || m.Value == nil {
		return nil
	}
	met := *m.Value <= *f.AtMost
	return &met
}
