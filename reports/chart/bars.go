package chart

// Interval is the range that a value lies in.
type Interval struct{ Low, High float64 }

// drawn tells whether both ends have a place.
func (i *Interval) drawn() bool {
	return i != nil && drawable(i.Low) && drawable(i.High) && i.Low <= i.High
}

// Bar is a row of [Bars].
type Bar struct {
	Name  string
	Value float64
	// Interval is drawn as a whisker; nil if there is none.
	Interval *Interval
	Text     string // the value in writing
	Hollow   bool   // not to be ranked with the others
}

// Bars are level bars from 0, so that lengths compare as the values do.
type Bars struct {
	Head
	Axis Axis
	Rows []Bar
	// Notes stand under the chart.
	Notes []string
}

// mostBars is how many rows are drawn.
const mostBars = 20

// SVG draws the bars.
func (b Bars) SVG() string {
	var rows []Bar
	var drawn drawnRows
	for _, r := range b.Rows {
		if drawn.take(r.Name, r.Text, r.Value, r.Interval) {
			rows = append(rows, r)
		}
	}
	c := newCanvas(b.Head)
	rowsOf := newRows(drawn.names, drawn.texts)
	s := zeroScale(drawn.values, rowsOf.left, rowsOf.right)
	top := c.y
	bottom := top + float64(len(rows))*rowsOf.step + 4
	c.levelAxis(s, b.Axis, top, bottom)
	for i, r := range rows {
		y := rowsOf.name(c, i, r.Name)
		zero, end := s.at(0), s.at(r.Value)
		class := "s0 fill"
		if r.Hollow {
			class = "s0 hollow"
		}
		c.rect(class, min(zero, end), y-7, max(end-zero, zero-end), 14, r.Name+": "+r.Text)
		if r.Interval.drawn() {
			c.whisker(place{s.at(r.Interval.Low), y}, place{s.at(r.Interval.High), y})
		}
		rowsOf.value(c, i, r.Text)
	}
	c.y = bottom + tickRoom + lineStep
	c.notes(append(b.Notes, leftOut(len(b.Rows), len(rows), "row"))...)
	return c.drawing(b.Head)
}

// drawnRows are the words of the rows that are drawn, and the values that the scale is to hold.
type drawnRows struct {
	names, texts []string
	values       []float64
}

// take tells whether a row is drawn: one that has a place, of the first [mostBars].
func (d *drawnRows) take(name, text string, value float64, interval *Interval) bool {
	if !drawable(value) || len(d.names) == mostBars {
		return false
	}
	d.names, d.texts, d.values = append(d.names, name), append(d.texts, text), append(d.values, value)
	if interval.drawn() {
		d.values = append(d.values, interval.Low, interval.High)
	}
	return true
}

// rows is the layout of named rows: names left of the plot, or above each row where they are long, and texts right of it.
type rows struct {
	step        float64
	left, right float64
	nameRoom    float64
	above       float64 // how far names stand above the middle of a row; 0 where they stand left of it
	middle      float64 // of a row, from its top
}

func newRows(names, texts []string) rows {
	const narrow, widest, gap = 250.0, 290.0, 12.0
	widestOf := func(of []string) float64 {
		most := 0.0
		for _, s := range of {
			most = max(most, width(plain(s), textSize))
		}
		return most
	}
	r := rows{right: fullWidth - margin - gap - min(widestOf(texts), widest)}
	if room := widestOf(names); room <= narrow {
		r.left, r.nameRoom, r.step, r.middle = margin+room+gap, room, 27, 13.5
		return r
	}
	r.left, r.nameRoom, r.step, r.middle, r.above = margin+4, fullWidth-2*margin, 43, 30, 13
	return r
}

// name writes a row's name and returns the middle of the row.
func (r *rows) name(c *canvas, i int, name string) float64 {
	y := c.y + float64(i)*r.step + r.middle
	if r.above > 0 {
		c.text("on", "start", margin+4, y-r.above, fit(name, r.nameRoom, textSize))
	} else {
		c.text("", "end", r.left-8, y+4.5, fit(name, r.nameRoom+1, textSize))
	}
	return y
}

// value writes a row's text at its right end.
func (r *rows) value(c *canvas, i int, text string) {
	y := c.y + float64(i)*r.step + r.middle
	c.text("", "end", fullWidth-margin, y+4.5, fit(text, fullWidth-margin-r.right-8, textSize))
}

// levelAxis draws the grid and the ticks of the axis under a plot, with its name.
func (c *canvas) levelAxis(s scale, a Axis, top, bottom float64) {
	texts := s.tickTexts(a.Unit)
	free := 0.0
	for i, x := range s.ticks {
		at := s.at(x)
		c.line("grid", at, top, at, bottom)
		if half := width(texts[i], textSize) / 2; i == 0 || at-half > free {
			c.text("muted", "middle", at, bottom+17, texts[i])
			free = at + half + 6
		}
	}
	c.line("axis", s.from, bottom, s.to, bottom)
	c.text("muted", "middle", (s.from+s.to)/2, bottom+17+lineStep, fit(a.name(s), s.to-s.from+100, textSize))
}

// uprightAxis draws the grid and the ticks of the axis left of a plot, with its name above.
func (c *canvas) uprightAxis(s scale, a Axis, left, right float64) {
	texts := s.tickTexts(a.Unit)
	free := fullWidth * fullWidth // below every place
	for i, x := range s.ticks {
		at := s.at(x)
		c.line("grid", left, at, right, at)
		if at+textSize < free {
			c.text("muted", "end", left-7, at+4.5, fit(texts[i], left-8, textSize))
			free = at
		}
	}
	c.line("axis", left, s.from, left, s.to)
	c.text("muted", "start", margin, s.to-13, fit(a.name(s), fullWidth-2*margin, textSize))
}

// Judged is how a ratio is to be taken.
type Judged string

// The verdicts.
const (
	Worse Judged = "worse"
	Same  Judged = "same"
	Open  Judged = "open"
	Gain  Judged = "gain"
)

// Ratio is a row of [Forest].
type Ratio struct {
	Name     string
	Value    float64
	Interval *Interval // nil if there is none
	Text     string    // ratio and verdict in writing
	Judged   Judged
}

// Forest is a forest plot: ratios with their intervals beside the band that is too small to matter.
type Forest struct {
	Head
	Axis Axis
	Band Interval
	Rows []Ratio
	// Notes stand under the chart.
	Notes []string
}

// SVG draws the forest plot.
func (f Forest) SVG() string {
	var rows []Ratio
	drawn := drawnRows{values: []float64{1}}
	if band := (&f.Band); band.drawn() {
		drawn.values = append(drawn.values, band.Low, band.High)
	}
	for _, r := range f.Rows {
		if drawn.take(r.Name, r.Text, r.Value, r.Interval) {
			rows = append(rows, r)
		}
	}
	c := newCanvas(f.Head)
	layout := newRows(drawn.names, drawn.texts)
	s := ratioScale(drawn.values, layout.left, layout.right)
	top := c.y
	bottom := top + float64(len(rows))*layout.step + 4
	if band := (&f.Band); band.drawn() {
		c.rect("band", s.at(band.Low), top, s.at(band.High)-s.at(band.Low), bottom-top, "tolerance: "+short(band.Low)+" to "+short(band.High))
	}
	c.levelAxis(s, f.Axis, top, bottom)
	c.line("ink", s.at(1), top, s.at(1), bottom)
	for i, r := range rows {
		y := layout.name(c, i, r.Name)
		if r.Interval.drawn() {
			c.whisker(place{s.at(r.Interval.Low), y}, place{s.at(r.Interval.High), y})
		}
		series, class := r.Judged.mark()
		c.mark(class, series, place{s.at(r.Value), y}, r.Name+": "+r.Text)
		layout.value(c, i, r.Text)
	}
	c.y = bottom + tickRoom + lineStep
	c.notes(append(f.Notes, leftOut(len(f.Rows), len(rows), "row"))...)
	return c.drawing(f.Head)
}

// ratioScale is close around its values, or logarithmic where they are far apart.
func ratioScale(values []float64, from, to float64) scale {
	if low, high := extremes(values); low > 0 && high/low >= logFrom {
		return newScale(values, from, to)
	}
	return nearScale(values, from, to)
}

// mark is the colour and shape of a verdict, and how it is filled.
func (j Judged) mark() (series int, class string) {
	switch j {
	case Worse:
		return 1, "fill"
	case Gain:
		return 2, "fill"
	case Same:
		return 0, "fill"
	}
	return 4, "hollow"
}
