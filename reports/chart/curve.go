package chart

// Load is a point of [Curve]: what a load gave.
type Load struct {
	Name string  // of the load: 4, 20/s
	X    float64 // throughput
	// Y are the latencies in the order of the chart's lines; NaN where one is not known.
	Y     []float64
	Mark  string // what is special about it: knee
	Hover string
}

// Limit is a latency that was not to be passed.
type Limit struct {
	Name  string
	Value float64
}

// Curve is how latency goes with throughput as the load grows.
type Curve struct {
	Head
	X, Y   Axis
	Lines  []string // what the latencies are: p50, p99
	Points []Load   // in order of the load
	Limits []Limit
	// Notes stand under the chart.
	Notes []string
}

// SVG draws the curve.
func (v Curve) SVG() string {
	lines := v.Lines[:min(len(v.Lines), mostSeries)]
	var points []Load
	var xs, ys []float64
	for _, p := range v.Points {
		if !drawable(p.X) || len(p.Y) != len(v.Lines) || len(points) == mostPoints {
			continue
		}
		points, xs = append(points, p), append(xs, p.X)
		for i := range lines {
			ys = append(ys, p.Y[i]) // those that are not known have no place, and scales know that
		}
	}
	limits := v.limits()
	for _, l := range limits {
		ys = append(ys, l.Value)
	}
	c := newCanvas(v.Head)
	y := c.plot(ys, v.Y)
	x := newScale(xs, plotLeft, plotRight)
	c.levelAxis(x, v.X, y.to, y.from)
	taken := placer{turns: below()}
	for _, l := range limits {
		at := y.at(l.Value)
		c.line("limit", plotLeft, at, plotRight, at)
		text := fit("limit: "+l.Name, plotRight-plotLeft-20, textSize)
		c.text("on", "start", plotLeft+6, at-4, text)
		taken.taken = append(taken.taken, box{plotLeft, at - textSize - 4, plotLeft + 6 + width(text, textSize), at})
	}
	var entries []entry
	var labels []label
	for i, name := range lines {
		var line []place
		for _, p := range points {
			if !drawable(p.Y[i]) {
				continue
			}
			at := place{x.at(p.X), y.at(p.Y[i])}
			line = append(line, at)
			taken.block(at, 6, 6)
			if i == 0 {
				labels = append(labels, label{loadLabel(p), at})
			}
		}
		c.polyline(series(i), line)
		if len(line) > 0 {
			entries = append(entries, entry{"", name, "fill", i, i})
		}
	}
	for i := range lines {
		for _, p := range points {
			if drawable(p.Y[i]) {
				class := "fill"
				if p.Mark != "" {
					class = "hollow"
				}
				c.mark(class, i, place{x.at(p.X), y.at(p.Y[i])}, p.Hover)
			}
		}
	}
	for _, l := range labels {
		c.place(&taken, l)
	}
	c.y = y.from + tickRoom + lineStep
	c.legend(entries)
	c.notes(append(v.Notes, leftOut(len(v.Points), len(points), "load"))...)
	return c.drawing(v.Head)
}

// limits are those that can be drawn, a handful at most.
func (v Curve) limits() []Limit {
	const most = 4
	var out []Limit
	for _, l := range v.Limits {
		if drawable(l.Value) && len(out) < most {
			out = append(out, l)
		}
	}
	return out
}

func loadLabel(p Load) string {
	text := fit(p.Name, 100, textSize)
	if p.Mark != "" {
		text += " (" + fit(p.Mark, 100, textSize) + ")"
	}
	return text
}
