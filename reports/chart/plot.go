package chart

import (
	"math"
	"strconv"
)

// The plot of charts with two axes.
const (
	plotLeft   = 92.0
	plotRight  = fullWidth - margin - 34 // right of it stand letters
	plotHeight = 300.0
)

// The most that is drawn of series, and of points of one.
const (
	mostSeries = palette
	mostPoints = 400
)

// Percentile is a latency in nanoseconds below which lies the share P of all.
type Percentile struct{ P, Value float64 }

// Distribution is a row of [Percentiles]: its points in order of P, no further than there are samples for.
type Distribution struct {
	Name   string
	Points []Percentile
}

// Percentiles are latency distributions over percentiles, with as much room for 99 to 99.9 as for 90 to 99.
type Percentiles struct {
	Head
	Axis Axis // of the latency
	Rows []Distribution
	// Notes stand under the chart.
	Notes []string
}

// tail is the axis of percentiles: the power of ten by which fewer lie above.
func tail(p float64) float64 { return -math.Log10(1 - p) }

// SVG draws the curves.
func (d Percentiles) SVG() string {
	var rows [][]Percentile
	var names []string
	var values []float64
	last := 1.0
	for _, r := range d.Rows {
		var points []Percentile
		for _, p := range r.Points {
			if p.P >= 0 && p.P <= 0.999999 && drawable(p.Value) && len(points) < mostPoints {
				points = append(points, p)
			}
		}
		if len(points) == 0 || len(rows) == mostSeries {
			continue
		}
		rows, names = append(rows, points), append(names, r.Name)
		for _, p := range points {
			values, last = append(values, p.Value), max(last, tail(p.P))
		}
	}
	c := newCanvas(d.Head)
	x := scale{ticks: []float64{0, last}, from: plotLeft, to: plotRight}
	y := c.plot(values, d.Axis)
	bottom := y.from
	for _, p := range []float64{0, 0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999} {
		if at := x.at(tail(p)); tail(p) <= last+1e-9 {
			c.line("grid", at, bottom, at, y.to)
			c.text("muted", "middle", at, bottom+17, strconv.FormatFloat(100*p, 'f', -1, 64)+" %")
		}
	}
	c.text("muted", "middle", (plotLeft+plotRight)/2, bottom+17+lineStep, "Percentile (log of the share above)")
	var ends []label
	var entries []entry
	for i, points := range rows {
		var line []place
		for _, p := range points {
			line = append(line, place{x.at(tail(p.P)), y.at(p.Value)})
		}
		c.polyline(series(i), line)
		for n, p := range points {
			if p.P == 0.5 || p.P == 0.9 || p.P == 0.99 || p.P == 0.999 || p.P == 0.9999 || n == len(points)-1 {
				c.mark("fill", i, line[n], names[i]+": "+strconv.FormatFloat(100*p.P, 'g', 8, 64)+" % within "+durationText(p.Value, d.Axis))
			}
		}
		ends = append(ends, label{letter(i), line[len(line)-1]})
		entries = append(entries, entry{letter(i), names[i], "fill", i, i})
	}
	c.endLabels(ends)
	c.y = bottom + tickRoom + lineStep
	c.legend(entries)
	c.notes(append(d.Notes, leftOut(len(d.Rows), len(rows), "row"))...)
	return c.drawing(d.Head)
}

// durationText writes a value of an axis for those who point at it.
func durationText(x float64, a Axis) string {
	text := tickText(rounded(x), math.Abs(x), a.Unit)
	if a.Unit != "" && a.Unit != Nanoseconds {
		text += " " + a.Unit
	}
	return text
}

// rounded has three digits.
func rounded(x float64) float64 {
	y, _ := strconv.ParseFloat(strconv.FormatFloat(x, 'e', 2, 64), 64) // written by strconv
	return y
}

func series(i int) string { return "s" + strconv.Itoa(i%palette) + " line d" + strconv.Itoa(i%palette) }

// plot draws the upright axis of a plot at the canvas's place and returns its scale.
func (c *canvas) plot(values []float64, a Axis) scale {
	c.y += textSize + 8 // the name of the axis
	y := newScale(values, c.y+plotHeight, c.y)
	c.uprightAxis(y, a, plotLeft, plotRight)
	c.line("axis", plotLeft, y.from, plotRight, y.from)
	return y
}

// label is a short text at a place.
type label struct {
	text string
	at   place
}

// endLabels write letters right of where lines end, one under the other where they would overlap.
func (c *canvas) endLabels(labels []label) {
	p := placer{turns: beside()}
	for _, l := range labels {
		p.block(place{l.at.x, l.at.y}, 6, 6)
	}
	for _, l := range labels {
		c.place(&p, l)
	}
}

// placer keeps labels apart.
type placer struct {
	taken []box
	turns []place // the directions in which a label may stand, the best first
}

// beside, above and below are turns that begin with those words.
func beside() []place {
	return []place{{1, 0}, {0.8, -0.8}, {0, -1}, {0.8, 0.8}, {0, 1}, {-0.8, -0.8}, {-1, 0}, {-0.8, 0.8}}
}

func above() []place {
	return []place{{0.8, -1.1}, {0, -1.1}, {1, 0}, {-0.8, -0.8}, {0.8, 0.8}, {0, 1}, {-1, 0}, {-0.8, 0.8}}
}

func below() []place {
	return []place{{0, 1}, {0.8, 0.8}, {1, 0}, {-0.8, 0.8}, {-1, 0}, {0.8, -0.8}, {0, -1}, {-0.8, -0.8}}
}

type box struct{ left, top, right, bottom float64 }

func (p *placer) block(at place, halfWidth, halfHeight float64) {
	p.taken = append(p.taken, box{at.x - halfWidth, at.y - halfHeight, at.x + halfWidth, at.y + halfHeight})
}

func (p *placer) free(b box) bool {
	if b.left < plotLeft-60 || b.right > fullWidth-4 {
		return false
	}
	for _, t := range p.taken {
		if b.left < t.right && t.left < b.right && b.top < t.bottom && t.top < b.bottom {
			return false
		}
	}
	return true
}

// place writes a label as near to its point as there is room, with a line to the point where that is not next to it; a label
// without any room is left to the legend.
func (c *canvas) place(p *placer, l label) {
	half := width(l.text, textSize)/2 + 1
	for _, far := range []float64{14, 24, 36, 50, 66, 84} {
		for _, turn := range p.turns {
			middle := place{l.at.x + float64(turn.x*(far+half-5)), l.at.y + float64(turn.y*far)}
			b := box{middle.x - half, middle.y - 8, middle.x + half, middle.y + 8}
			if !p.free(b) {
				continue
			}
			p.taken = append(p.taken, b)
			if far > 14 {
				c.line("axis", l.at.x, l.at.y, middle.x-float64(turn.x*half), middle.y-float64(turn.y*8))
			}
			c.text("bold on", "middle", middle.x, middle.y+4.5, l.text)
			return
		}
	}
}
