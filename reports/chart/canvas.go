package chart

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/accelbench/accelbench/internal/english"
)

// The frame of every chart.
const (
	fullWidth = 880.0
	margin    = 20.0
	lineStep  = 19.0
	tickRoom  = 22.0 // beneath an axis, for the texts of its ticks
)

// palette is the number of styles of series.
const palette = 6

// style sets the colours. Every rule holds within a chart only, so that charts may stand in a page.
const style = `
.abc{font:13px -apple-system,"Segoe UI","Noto Sans",Helvetica,Arial,sans-serif}
.abc .bg{fill:#fff;stroke:#d0d7de}.abc text{fill:#1f2328}.abc .muted{fill:#59636e}.abc .title{font-size:16px;font-weight:600}.abc .bold{font-weight:600}.abc .on{paint-order:stroke;stroke:#fff;stroke-width:3px;stroke-linejoin:round}
.abc .grid{stroke:#dfe4ea}.abc .axis{stroke:#59636e}.abc .ink{stroke:#1f2328;stroke-width:1.5;fill:none}.abc .halo{stroke:#fff;stroke-width:4.5;fill:none}
.abc .band{fill:#59636e;fill-opacity:.14}.abc .limit{stroke:#1f2328;stroke-dasharray:2 3}
.abc .s0{color:#0072b2}.abc .s1{color:#d55e00}.abc .s2{color:#009e73}.abc .s3{color:#b5598b}.abc .s4{color:#3d444d}.abc .s5{color:#b07a00}
.abc .fill{fill:currentColor;stroke:currentColor}.abc .line{fill:none;stroke:currentColor;stroke-width:2;stroke-linejoin:round}
.abc .hollow{fill:#fff;stroke:currentColor;stroke-width:2}.abc .faded{opacity:.55}
.abc .d1{stroke-dasharray:7 4}.abc .d2{stroke-dasharray:2 3}.abc .d3{stroke-dasharray:9 3 2 3}.abc .d4{stroke-dasharray:12 5}.abc .d5{stroke-dasharray:4 2}
@media (prefers-color-scheme:dark){
.abc .bg{fill:#0d1117;stroke:#3d444d}.abc text{fill:#e6edf3}.abc .muted{fill:#9198a1}.abc .grid{stroke:#262c36}.abc .axis{stroke:#9198a1}
.abc .ink{stroke:#e6edf3}.abc .halo{stroke:#0d1117}.abc .band{fill:#9198a1;fill-opacity:.2}.abc .limit{stroke:#e6edf3}
.abc .s0{color:#56b4e9}.abc .s1{color:#e69f00}.abc .s2{color:#1fbf92}.abc .s3{color:#e08fbf}.abc .s4{color:#d1d7e0}.abc .s5{color:#f0e442}
.abc .hollow{fill:#0d1117}.abc .on{stroke:#0d1117}}
`

// canvas collects the elements of a drawing from the top down.
type canvas struct {
	body strings.Builder
	y    float64 // where the next block begins
}

// Head is what a chart says in words: its title, and the sentence that says what to see.
type Head struct{ Title, Says string }

func newCanvas(h Head) *canvas {
	c := &canvas{y: margin + titleSize}
	c.text("title", "start", margin, c.y, fit(h.Title, fullWidth-2*margin, 1.08*titleSize))
	c.y += 6
	for _, line := range wrap(h.Says, fullWidth-2*margin, textSize, 4) {
		c.y += lineStep
		c.text("muted", "start", margin, c.y, line)
	}
	c.y += 18
	return c
}

// drawing is the finished chart.
func (c *canvas) drawing(h Head) string {
	height := coordinate(c.y + 4)
	return `<svg xmlns="http://www.w3.org/2000/svg" class="abc" role="img" viewBox="0 0 880 ` + height + `" width="880" height="` + height +
		`"><title>` + escaped(h.Title) + `</title><desc>` + escaped(h.Says) + `</desc><style>` + style + `</style>` +
		`<rect class="bg" x="0.5" y="0.5" width="879" height="` + coordinate(c.y+3) + `" rx="6"/>` + "\n" + c.body.String() + "</svg>\n"
}

// coordinate writes a place to a tenth of a unit, which leaves no room for the last bits in which machines differ.
func coordinate(x float64) string {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		x = 0
	}
	text := strconv.FormatFloat(x, 'f', 1, 64)
	if text = strings.TrimSuffix(text, ".0"); text == "-0" {
		return "0"
	}
	return text
}

func (c *canvas) add(format string, args ...any) { fmt.Fprintf(&c.body, format+"\n", args...) }

// text draws a text that has been fitted to its place; anchor is start, middle or end.
func (c *canvas) text(class, anchor string, x, y float64, s string) {
	if s = plain(s); s == "" {
		return
	}
	c.add(`<text class="%s" text-anchor="%s" x="%s" y="%s">%s</text>`, class, anchor, coordinate(x), coordinate(y), escaped(s))
}

func (c *canvas) line(class string, x1, y1, x2, y2 float64) {
	c.add(`<line class="%s" x1="%s" y1="%s" x2="%s" y2="%s"/>`, class, coordinate(x1), coordinate(y1), coordinate(x2), coordinate(y2))
}

// rect draws a box that shows a text when pointed at.
func (c *canvas) rect(class string, x, y, w, h float64, hover string) {
	c.add(`<rect class="%s" x="%s" y="%s" width="%s" height="%s">%s</rect>`, class, coordinate(x), coordinate(y), coordinate(max(w, 0)),
		coordinate(max(h, 0)), hoverText(hover))
}

func hoverText(s string) string {
	if s = escaped(s); s == "" {
		return ""
	}
	return "<title>" + s + "</title>"
}

// place is a point of the drawing.
type place struct{ x, y float64 }

// polyline joins points.
func (c *canvas) polyline(class string, points []place) {
	if len(points) < 2 {
		return
	}
	var b strings.Builder
	for i, p := range points {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(coordinate(p.x) + "," + coordinate(p.y))
	}
	c.add(`<polyline class="%s" points="%s"/>`, class, b.String())
}

// mark draws the shape of a series at a point.
func (c *canvas) mark(class string, series int, p place, hover string) {
	const shapes = 6
	path := [shapes]string{
		"M-5,0a5,5 0 1,0 10,0a5,5 0 1,0 -10,0z", "M-4.5,-4.5h9v9h-9z", "M0,-5.5l5.5,10h-11z", "M0,-6.2l6.2,6.2l-6.2,6.2l-6.2,-6.2z",
		"M0,5.5l5.5,-10h-11z", "M-1.8,-5.5h3.6v3.7h3.7v3.6h-3.7v3.7h-3.6v-3.7h-3.7v-3.6h3.7z",
	}[series%shapes]
	c.add(`<path class="s%d %s" transform="translate(%s,%s)" d="%s">%s</path>`, series%palette, class, coordinate(p.x), coordinate(p.y), path, hoverText(hover))
}

// whisker draws an interval, level or upright.
func (c *canvas) whisker(from, to place) {
	const half = 4
	end := place{0, half}
	if from.x == to.x {
		end = place{half, 0}
	}
	for _, class := range []string{"halo", "ink"} {
		c.add(`<path class="%s" d="M%s,%sL%s,%sM%s,%sL%s,%sM%s,%sL%s,%s"/>`, class, coordinate(from.x), coordinate(from.y), coordinate(to.x), coordinate(to.y),
			coordinate(from.x-end.x), coordinate(from.y-end.y), coordinate(from.x+end.x), coordinate(from.y+end.y),
			coordinate(to.x-end.x), coordinate(to.y-end.y), coordinate(to.x+end.x), coordinate(to.y+end.y))
	}
}

// notes are lines under the chart.
func (c *canvas) notes(texts ...string) {
	for _, text := range texts {
		for _, line := range wrap(text, fullWidth-2*margin, textSize, 3) {
			c.y += lineStep
			c.text("muted", "start", margin, c.y, line)
		}
	}
	c.y += 14
}

// legend names series one a line, each with its letter, its dash and its shape.
func (c *canvas) legend(entries []entry) {
	c.y += 4
	for _, e := range entries {
		c.y += lineStep
		y := c.y - 4.5
		c.text("bold", "start", margin, c.y, e.letter)
		if e.dash >= 0 {
			c.line(fmt.Sprintf("s%d line d%d", e.series%palette, e.dash%palette), margin+18, y, margin+58, y)
		}
		c.mark(e.class, e.series, place{margin + 38, y}, "")
		c.text("", "start", margin+68, c.y, fit(e.name, fullWidth-2*margin-68, textSize))
	}
}

// entry is a line of a legend; dash below 0 has no line.
type entry struct {
	letter, name, class string
	series, dash        int
}

// letter names the n-th thing of a chart: A to Z, then A1 and so on.
func letter(n int) string {
	const letters = 26
	if n < letters {
		return string(rune('A' + n))
	}
	return string(rune('A'+n%letters)) + strconv.Itoa(n/letters)
}

// leftOut says how many of the things were not drawn; empty if all were.
func leftOut(all, drawn int, thing string) string {
	if all == drawn {
		return ""
	}
	return english.Are(all-drawn, "further "+thing) + " not drawn."
}
