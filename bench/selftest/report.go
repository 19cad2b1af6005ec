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
	// Others is the CPU time of other processes over the time of the part; nil if it is unknown, as of parts below a second.
	Others *float64 `json:"others"`
	// LoadAverage1 is the number of runnable tasks over the minute before the part; nil if unknown.
	LoadAverage1 *float64 `json:"load_average_1"`
}

// Report is what all parts gave.
type Report struct {
	// Measured holds every figure of [Figures], in that order.
	Measured []Measured
	// Others is the largest of the parts', LoadAverage1 that of the first part; nil if unknown.
	Others, LoadAverage1 *float64
}

// maxOthers is the share of one CPU that others take above which the machine counts as busy. About as large a share of the queries
// of a spinning generator comes late if they take its CPU. A virtual machine with nothing else to do showed up to 2 %.
const maxOthers = 0.05

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
		if o.Others != nil && (r.Others == nil || *o.Others > *r.Others) {
			r.Others = o.Others
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
func (r Report) Busy() bool { return r.Others != nil && *r.Others > maxOthers }

// Met tells whether a figure keeps to its bar; nil if it has none or is unknown.
func (f Figure) Met(m Measured) *bool {
	if f.AtMost == nil || m.Value == nil {
		return nil
	}
	met := *m.Value <= *f.AtMost
	return &met
}
