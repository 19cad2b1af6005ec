package compare

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// pair is one subject on both sides.
type pair struct{ base, head Subject }

// name is that of both sides. Words that they have in common stand once: resnet50 with (onnxruntime → native) on a machine.
func (p pair) name() string {
	base, head := strings.Fields(p.base.Name), strings.Fields(p.head.Name)
	shorter := min(len(base), len(head))
	first := 0
	for first < shorter && base[first] == head[first] {
		first++
	}
	last := 0
	for last < shorter-first && base[len(base)-1-last] == head[len(head)-1-last] {
		last++
	}
	if first == len(base) && first == len(head) {
		return p.base.Name
	}
	if first > 0 && first+last == shorter { // nothing is left of the shorter one
		first--
	}
	between := strings.Join(base[first:len(base)-last], " ") + " → " + strings.Join(head[first:len(head)-last], " ")
	if first+last > 0 {
		between = "(" + between + ")"
	}
	return strings.Join(slices.Concat(base[:first], []string{between}, base[len(base)-last:]), " ")
}

// match finds the pairs: first of subjects that are equal in key and identity, then of those that are alone on their sides with their
// key. What is left has no partner.
func (c *Comparison) match(base, head []Subject, opts Options) []pair {
	base, head = merged(base), merged(head)
	partner := map[int]int{} // of base in head
	for i, b := range base {
		j := slices.IndexFunc(head, func(h Subject) bool { return h.Key == b.Key && h.identity() == b.identity() })
		if j >= 0 {
			partner[i] = j
		}
	}
	taken := map[int]bool{}
	for _, j := range partner {
		taken[j] = true
	}
	rest := func(subjects []Subject, gone func(int) bool, key string) (at []int) {
		for i, s := range subjects {
			if s.Key == key && !gone(i) {
				at = append(at, i)
			}
		}
		return at
	}
	inBase := func(i int) bool { _, ok := partner[i]; return ok }
	inHead := func(j int) bool { return taken[j] }
	told := map[string]bool{} // keys of which a problem was told
	for i, b := range base {
		if inBase(i) || told[b.Key] {
			continue
		}
		bs, hs := rest(base, inBase, b.Key), rest(head, inHead, b.Key)
		switch {
		case len(hs) == 0:
			c.problem(b.Name, "", "gone: base has it and head does not")
		case len(bs) == 1 && len(hs) == 1:
			partner[i], taken[hs[0]] = hs[0], true
		default:
			told[b.Key] = true
			c.problem(b.Name, "", "not clear what to compare: base has %s, head has %s; give the ones that belong together",
				names(base, bs), names(head, hs))
		}
	}
	for j, h := range head {
		if !taken[j] && !told[h.Key] {
			c.New = append(c.New, h.Name)
		}
	}
	if len(partner) == 0 && len(told) == 0 {
		c.Problems = nil // one for all
		c.problem("", "", "nothing to compare: base has %s, head has %s", names(base, nil), names(head, nil))
	}
	var pairs []pair
	for i := range base {
		if j, ok := partner[i]; ok && c.alike(base[i], head[j], opts) {
			pairs = append(pairs, pair{base[i], head[j]})
		}
	}
	return pairs
}

// names lists subjects for a message; all of them if at is nil.
func names(subjects []Subject, at []int) string {
	const most = 3
	var out []string
	for i, s := range subjects {
		if (at == nil || slices.Contains(at, i)) && !slices.Contains(out, s.Name) {
			out = append(out, s.Name)
		}
	}
	if len(out) == 0 {
		return "nothing"
	}
	if more := len(out) - most; more > 0 {
		out = append(out[:most], fmt.Sprintf("%d more", more))
	}
	return strings.Join(out, "; ")
}

// alike refuses subjects that are known to differ in what they are.
func (c *Comparison) alike(base, head Subject, opts Options) bool {
	var unlike []string
	for _, d := range differences(base, head) {
		if d.Identity && d.Base != "" && d.Head != "" {
			unlike = append(unlike, fmt.Sprintf("%s (%s, %s)", d.Field, d.Base, d.Head))
		}
	}
	if len(unlike) == 0 || opts.Mixed {
		return true
	}
	c.Problems = append(c.Problems, Problem{Case: pair{base, head}.name(), Refused: true,
		Text: "base and head differ in " + strings.Join(unlike, ", ") + "; compare them all the same with --allow-mixed"})
	return false
}

// differences are the fields in which two subjects differ, in the order of base, then of head.
func differences(base, head Subject) []Difference {
	of := func(s Subject, name string) Field {
		for _, f := range s.Fields {
			if f.Name == name {
				return f
			}
		}
		return Field{Name: name}
	}
	var out []Difference
	seen := map[string]bool{}
	for _, f := range slices.Concat(base.Fields, head.Fields) {
		if seen[f.Name] {
			continue
		}
		seen[f.Name] = true
		b, h := of(base, f.Name), of(head, f.Name)
		if b.Value != h.Value {
			out = append(out, Difference{Field: f.Name, Base: b.Value, Head: h.Value, Identity: b.Identity || h.Identity})
		}
	}
	return out
}

// identity is the fields of identity as one text.
func (s Subject) identity() string {
	var fields []string
	for _, f := range s.Fields {
		if f.Identity {
			fields = append(fields, fmt.Sprintf("%q=%q", f.Name, f.Value))
		}
	}
	slices.Sort(fields)
	return strings.Join(fields, " ")
}

// merged joins the subjects of a side that are equal in key and identity, as those of several files.
func merged(subjects []Subject) []Subject {
	var out []Subject
	for _, s := range subjects {
		i := slices.IndexFunc(out, func(o Subject) bool { return o.Key == s.Key && o.identity() == s.identity() })
		if i < 0 {
			out = append(out, s.apart())
			continue
		}
		out[i].join(s)
	}
	return out
}

// apart is a copy that can be added to.
func (s Subject) apart() Subject {
	s.Fields, s.Series, s.Reasons, s.IDs = slices.Clone(s.Fields), slices.Clone(s.Series), slices.Clip(s.Reasons), slices.Clip(s.IDs)
	for i := range s.Series {
		s.Series[i].Values = slices.Clip(s.Series[i].Values)
	}
	return s
}

// join adds the runs of b.
func (s *Subject) join(b Subject) {
	for _, f := range b.Fields {
		i := slices.IndexFunc(s.Fields, func(o Field) bool { return o.Name == f.Name })
		if i < 0 {
			s.Fields = append(s.Fields, f)
			continue
		}
		s.Fields[i].Value = joinWords(s.Fields[i].Value, f.Value)
	}
	for _, series := range b.Series {
		i := slices.IndexFunc(s.Series, func(o Series) bool { return o.Metric == series.Metric })
		if i < 0 {
			series.Values = slices.Clip(series.Values)
			s.Series = append(s.Series, series)
			continue
		}
		s.Series[i].Values = append(s.Series[i].Values, series.Values...)
		s.Series[i].Missing = cmp.Or(s.Series[i].Missing, series.Missing)
	}
	s.Runs, s.Bad = s.Runs+b.Runs, s.Bad+b.Bad
	s.IDs = append(s.IDs, b.IDs...)
	for _, r := range b.Reasons {
		if !slices.Contains(s.Reasons, r) {
			s.Reasons = append(s.Reasons, r)
		}
	}
}

// joinWords adds the words of b to those of a that are there already, in order.
func joinWords(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	words := slices.Concat(strings.Split(a, wordBreak), strings.Split(b, wordBreak))
	slices.Sort(words)
	return strings.Join(slices.Compact(words), wordBreak)
}

// wordBreak stands between the values of a field that differs among the runs of a side.
const wordBreak = " | "

func (c *Comparison) problem(name, metric, format string, args ...any) {
	c.Problems = append(c.Problems, Problem{Case: name, Metric: metric, Text: fmt.Sprintf(format, args...)})
}

func (c *Comparison) note(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(c.Notes, text) {
		c.Notes = append(c.Notes, text)
	}
}
