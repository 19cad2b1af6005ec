package chart

import (
	"cmp"
	"slices"
)

// Offer is a point of [Pareto]: what something costs and how long it takes.
type Offer struct {
	Name   string
	X, Y   float64
	Spread *Interval // of Y; nil if there is none
	Hover  string
	Hollow bool // not to be ranked with the others
}

// Pareto are offers by two figures of which less is better, and the front: those that none other beats in both.
type Pareto struct {
	Head
	X, Y   Axis
	Offers []Offer
	// Notes stand under the chart.
	Notes []string
}

// mostOffers is how many are drawn.
const mostOffers = 24

// Front are the places of the offers that no other one beats: none is as good in both figures and better in one. Offers that
// are hollow, or have no place in a chart, neither beat any nor stand on it.
func (p Pareto) Front() []int {
	var front []int
	for i, a := range p.Offers {
		if !a.drawn() || a.Hollow {
			continue
		}
		if !slices.ContainsFunc(p.Offers, func(b Offer) bool { return b.beats(a) }) {
			front = append(front, i)
		}
	}
	return front
}

func (o Offer) drawn() bool { return drawable(o.X) && drawable(o.Y) }

func (o Offer) beats(a Offer) bool {
	return o.drawn() && !o.Hollow && o.X <= a.X && o.Y <= a.Y && (o.X < a.X || o.Y < a.Y)
}

// SVG draws the offers.
func (p Pareto) SVG() string {
	front := p.Front()
	var drawn []int
	var xs, ys []float64
	for _, onFront := range []func(int) bool{func(i int) bool { return slices.Contains(front, i) }, func(i int) bool { return !slices.Contains(front, i) }} {
		for i, o := range p.Offers { // those on the front first, so that they are not the ones left out
			if onFront(i) && o.drawn() && len(drawn) < mostOffers {
				drawn = append(drawn, i)
			}
		}
	}
	slices.Sort(drawn)
	for _, i := range drawn {
		o := p.Offers[i]
		xs, ys = append(xs, o.X), append(ys, o.Y)
		if o.Spread.drawn() {
			ys = append(ys, o.Spread.Low, o.Spread.High)
		}
	}
	c := newCanvas(p.Head)
	y := c.plot(ys, p.Y)
	x := newScale(xs, plotLeft, plotRight)
	c.levelAxis(x, p.X, y.to, y.from)
	front = slices.DeleteFunc(front, func(i int) bool { return !slices.Contains(drawn, i) })
	c.polyline("s0 line", p.staircase(front, x, y))
	taken := placer{turns: above()}
	at := func(i int) place { return place{x.at(p.Offers[i].X), y.at(p.Offers[i].Y)} }
	for _, i := range drawn {
		taken.block(at(i), 7, 7)
		if o := p.Offers[i]; o.Spread.drawn() {
			c.whisker(place{at(i).x, y.at(o.Spread.Low)}, place{at(i).x, y.at(o.Spread.High)})
			taken.block(place{at(i).x, (y.at(o.Spread.Low) + y.at(o.Spread.High)) / 2}, 5, (y.at(o.Spread.Low)-y.at(o.Spread.High))/2+1)
		}
	}
	var entries []entry
	for n, i := range drawn {
		o := p.Offers[i]
		series, class, note := 1, "fill faded", ""
		switch {
		case o.Hollow:
			series, class, note = 4, "hollow", " (harness engine, not ranked)"
		case slices.Contains(front, i):
			series, class, note = 0, "fill", " (on the front)"
		}
		c.mark(class, series, at(i), letter(n)+" "+o.Name+": "+o.Hover)
		entries = append(entries, entry{letter(n), fit(o.Name, 360, textSize) + ": " + o.Hover + note, class, series, -1})
	}
	for n, i := range drawn {
		c.place(&taken, label{letter(n), at(i)})
	}
	c.y = y.from + tickRoom + lineStep
	c.legend(entries)
	c.notes(append(p.Notes, leftOut(len(p.Offers), len(drawn), "row"))...)
	return c.drawing(p.Head)
}

// staircase joins the front: between two of its offers only the dearer one can be had in that time.
func (p Pareto) staircase(front []int, x, y scale) []place {
	order := slices.Clone(front)
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(p.Offers[a].X, p.Offers[b].X) })
	var out []place
	for n, i := range order {
		at := place{x.at(p.Offers[i].X), y.at(p.Offers[i].Y)}
		if n > 0 {
			out = append(out, place{at.x, out[len(out)-1].y})
		}
		out = append(out, at)
	}
	return out
}
