package chart_test

import (
	"encoding/binary"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/reports/chart"
)

// wellFormed requires XML whose coordinates are all numbers within reason, and returns its texts.
func wellFormed(t *testing.T, svg string) []string {
	t.Helper()
	require.Less(t, len(svg), 1<<18)
	coordinates := map[string]bool{"x": true, "y": true, "x1": true, "x2": true, "y1": true, "y2": true, "width": true, "height": true, "cx": true,
		"cy": true, "points": true, "transform": true, "viewBox": true}
	var texts []string
	decoder := xml.NewDecoder(strings.NewReader(svg))
	decoder.Strict = true
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return texts
		}
		require.NoError(t, err)
		switch x := token.(type) {
		case xml.CharData:
			texts = append(texts, string(x))
		case xml.StartElement:
			require.NotContains(t, []string{"script", "foreignObject", "image", "a", "use"}, x.Name.Local)
			for _, a := range x.Attr {
				require.NotContains(t, a.Value, "NaN")
				require.NotContains(t, a.Value, "Inf")
				require.False(t, strings.HasPrefix(a.Name.Local, "on"), a.Name.Local)
				if !coordinates[a.Name.Local] {
					continue
				}
				for _, text := range strings.FieldsFunc(a.Value, func(r rune) bool { return !strings.ContainsRune("0123456789.-+e", r) || r == 'e' }) {
					v, err := strconv.ParseFloat(text, 64)
					require.NoError(t, err, a.Value)
					require.LessOrEqual(t, math.Abs(v), 5000.0, "%s=%s", a.Name.Local, a.Value)
				}
			}
		}
	}
}

func TestDrawingsAreWellFormed(t *testing.T) {
	for _, d := range drawings() {
		wellFormed(t, d.svg)
	}
	require.Contains(t, wellFormed(t, ugly().SVG()), `<script>alert("1")</script> & \x1b[31m`)
}

// FuzzDrawings draws every chart of arbitrary numbers and texts.
func FuzzDrawings(f *testing.F) {
	numbers := func(xs ...float64) []byte {
		var out []byte
		for _, x := range xs {
			out = binary.LittleEndian.AppendUint64(out, math.Float64bits(x))
		}
		return out
	}
	f.Add("name", "says", "images/s", numbers(1, 2, 3, 4, 5, 6))
	f.Add("<a>&\"'\x00\xff\ufffe", "\u202e"+strings.Repeat("long ", 99), "ns", numbers(math.NaN(), math.Inf(1), math.Inf(-1), 0, -1, math.MaxFloat64))
	f.Add(strings.Repeat("w", 2000), "", "", numbers(1e-300, 1e300, 5e-324, 1, 1, 1+1e-16, -1e99, 1e99))
	f.Add("近", "]]>", "%s%d", numbers(1e15, 1e15+1, 1e15+2, 1e-99, 1e99))
	f.Fuzz(func(t *testing.T, name, says, unit string, raw []byte) {
		var xs []float64
		for ; len(raw) >= 8 && len(xs) < 3000; raw = raw[8:] {
			xs = append(xs, math.Float64frombits(binary.LittleEndian.Uint64(raw)))
		}
		for _, svg := range everyChart(name, says, unit, xs) {
			wellFormed(t, svg)
		}
	})
}

// everyChart draws each kind of chart from the same numbers.
func everyChart(name, says, unit string, xs []float64) []string {
	at := func(i int) float64 { return xs[i%len(xs)] }
	head, axis := chart.Head{Title: name, Says: says}, chart.Axis{Name: name, Unit: unit}
	b := chart.Bars{Head: head, Axis: axis, Notes: []string{says}}
	r := chart.Forest{Head: head, Axis: axis}
	d := chart.Percentiles{Head: head, Axis: axis}
	c := chart.Curve{Head: head, X: axis, Y: axis, Lines: []string{name, says}}
	p := chart.Pareto{Head: head, X: axis, Y: axis}
	l := chart.Timeline{Head: head}
	var points []chart.Percentile
	var moments []chart.Moment
	for i, x := range xs {
		interval := &chart.Interval{Low: at(i + 1), High: at(i + 2)}
		b.Rows = append(b.Rows, chart.Bar{Name: name, Value: x, Interval: interval, Text: says, Hollow: i%2 > 0})
		r.Rows = append(r.Rows, chart.Ratio{Name: name, Value: x, Interval: interval, Text: says, Judged: chart.Judged(unit)})
		c.Points = append(c.Points, chart.Load{Name: name, X: x, Y: []float64{at(i + 1), at(i + 2)}, Mark: says, Hover: name})
		c.Limits = append(c.Limits, chart.Limit{Name: name, Value: x})
		p.Offers = append(p.Offers, chart.Offer{Name: name, X: x, Y: at(i + 1), Spread: interval, Hover: says, Hollow: i%2 > 0})
		l.Spans = append(l.Spans, chart.Span{Name: name, From: x, To: at(i + 1)})
		points = append(points, chart.Percentile{P: x, Value: at(i + 1)})
		moments = append(moments, chart.Moment{Seconds: x, Value: at(i + 1)})
		r.Band = *interval
	}
	for range 8 {
		d.Rows = append(d.Rows, chart.Distribution{Name: name, Points: points})
		l.Panels = append(l.Panels, chart.Panel{Axis: axis, Moments: moments})
	}
	return []string{b.SVG(), r.SVG(), d.SVG(), c.SVG(), p.SVG(), l.SVG(), chart.Badge{Label: name, Text: says, Judged: chart.Judged(unit)}.SVG()}
}
