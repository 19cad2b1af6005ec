package chart

import "strconv"

// Moment is a reading: the time in seconds, and a value, NaN where none was read.
type Moment struct{ Seconds, Value float64 }

// Panel is one quantity over time. Readings are in order of time; a line has a gap where a value is not known.
type Panel struct {
	Axis    Axis
	Moments []Moment
}

// Span is a part of the time in which something ran.
type Span struct {
	Name     string
	From, To float64 // seconds
}

// Timeline are quantities over the same time, one panel each.
type Timeline struct {
	Head
	Panels []Panel
	// Spans are shaded in turn and named by letters; those of the same name have the same one.
	Spans []Span
	// Notes stand under the chart.
	Notes []string
}

// The most that is drawn.
const (
	mostPanels = 4
	mostSpans  = 60
	mostNames  = 12
)

// SVG draws the panels.
func (t Timeline) SVG() string {
	const panelHeight = 130.0
	panels := t.Panels[:min(len(t.Panels), mostPanels)]
	var seconds []float64
	for _, p := range panels {
		for _, m := range p.Moments {
			seconds = append(seconds, m.Seconds)
		}
	}
	spans, names := t.spans()
	for _, s := range spans {
		seconds = append(seconds, s.From, s.To)
	}
	c := newCanvas(t.Head)
	x := zeroScale(seconds, plotLeft, plotRight)
	c.y += textSize + 8
	top := c.y
	bottom := top
	if len(panels) > 0 {
		bottom = top + float64(float64(len(panels))*(panelHeight+46)) - 46
	}
	t.shade(c, spans, names, x, box{top: top, bottom: bottom})
	thinned := false
	for i, p := range panels {
		var values []float64
		for _, m := range p.Moments {
			values = append(values, m.Value)
		}
		y := zeroScale(values, c.y+panelHeight, c.y)
		c.uprightAxis(y, p.Axis, plotLeft, plotRight)
		c.line("axis", plotLeft, y.from, plotRight, y.from)
		lines, some := segments(p.Moments)
		thinned = thinned || some
		for _, moments := range lines {
			var line []place
			for _, m := range moments {
				line = append(line, place{x.at(m.Seconds), y.at(m.Value)})
			}
			if len(line) == 1 {
				c.add(`<circle class="s%d fill" cx="%s" cy="%s" r="1.5"/>`, i%palette, coordinate(line[0].x), coordinate(line[0].y))
			}
			c.polyline("s"+strconv.Itoa(i%palette)+" line", line)
		}
		c.y += panelHeight + 46
	}
	c.levelAxis(x, Axis{"Time in runs, s", ""}, top, bottom)
	c.y = bottom + tickRoom + lineStep
	notes := t.Notes
	for i, name := range names {
		notes = append(notes[:len(notes):len(notes)], letter(i)+": "+fit(name, fullWidth-2*margin-40, textSize))
	}
	if thinned {
		notes = append(notes[:len(notes):len(notes)], "Drawn are the least and the greatest of each few readings; the results have all.")
	}
	c.notes(append(notes[:len(notes):len(notes)], leftOut(len(t.Panels), len(panels), "quantity"), leftOut(len(t.Spans), len(spans), "run"))...)
	return c.drawing(t.Head)
}

// spans are those that can be drawn, and their names, each once.
func (t Timeline) spans() (spans []Span, names []string) {
	for _, s := range t.Spans {
		if !drawable(s.From) || !drawable(s.To) || s.To < s.From || len(spans) == mostSpans {
			continue
		}
		if at := indexOf(names, s.Name); at < 0 {
			if len(names) == mostNames {
				continue
			}
			names = append(names, s.Name)
		}
		spans = append(spans, s)
	}
	return spans, names
}

func indexOf(names []string, name string) int {
	for i, n := range names {
		if n == name {
			return i
		}
	}
	return -1
}

// shade draws the spans behind the panels, every other one darker, with their letters where these have room.
func (t Timeline) shade(c *canvas, spans []Span, names []string, x scale, within box) {
	const nameRoom = textSize + 3 // above the first panel
	for i, s := range spans {
		from, to := x.at(s.From), x.at(s.To)
		if i%2 == 0 {
			c.rect("band", from, within.top-nameRoom, to-from, within.bottom-within.top+nameRoom, s.Name)
		}
		if name := letter(indexOf(names, s.Name)); to-from > width(name, textSize)+2 {
			c.text("bold", "middle", (from+to)/2, within.top-4, name)
		}
	}
}

// segments are the stretches without a gap, thinned to a number of points that can be told apart; some says that they were.
func segments(moments []Moment) (out [][]Moment, some bool) {
	stride := (len(moments) + mostPoints - 1) / mostPoints
	var line []Moment
	end := func() {
		if len(line) > 0 {
			out = append(out, thin(line, stride))
		}
		line = nil
	}
	for i, m := range moments {
		if len(out) >= mostPoints {
			return out, true
		}
		if !drawable(m.Value) || !drawable(m.Seconds) || i > 0 && m.Seconds < moments[i-1].Seconds {
			end()
			continue
		}
		line = append(line, m)
	}
	end()
	return out, stride > 1
}

// thin keeps the least and the greatest of each group of readings, in their order.
func thin(line []Moment, stride int) []Moment {
	if stride < 2 || len(line) < 3 {
		return line
	}
	stride *= 2 // two of each group are kept
	var out []Moment
	for from := 0; from < len(line); from += stride {
		group := line[from:min(from+stride, len(line))]
		low, high := 0, 0
		for i, m := range group {
			if m.Value < group[low].Value {
				low = i
			}
			if m.Value > group[high].Value {
				high = i
			}
		}
		out = append(out, group[min(low, high)])
		if low != high {
			out = append(out, group[max(low, high)])
		}
	}
	return out
}
