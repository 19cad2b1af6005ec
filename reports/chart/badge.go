package chart

// Badge is a flat badge: what, and how it is.
type Badge struct {
	Label, Text string
	Judged      Judged
}

// SVG draws the badge.
func (b Badge) SVG() string {
	const size, height, most = 11.0, "20", 240.0
	label, text := fit(b.Label, most, size), fit(b.Text, most, size)
	left, right := width(label, size)+12, width(text, size)+12
	colour := map[Judged]string{Worse: "#b93a00", Gain: "#00704f", Same: "#00629c", Open: "#59636e"}[b.Judged]
	if colour == "" {
		colour = "#00629c"
	}
	c := canvas{}
	c.add(`<svg xmlns="http://www.w3.org/2000/svg" role="img" width="%s" height="%s"><title>%s: %s</title>`, coordinate(left+right), height,
		escaped(label), escaped(text))
	c.add(`<rect width="%s" height="%s" rx="3" fill="%s"/>`, coordinate(left+right), height, colour)
	c.add(`<path d="M3,0h%sv20h-%sa3,3 0 0,1 -3,-3v-14a3,3 0 0,1 3,-3z" fill="#3d444d"/>`, coordinate(left-3), coordinate(left-3))
	c.add(`<g fill="#fff" text-anchor="middle" font-family="Helvetica,Arial,sans-serif" font-size="11">`)
	c.add(`<text x="%s" y="14">%s</text><text x="%s" y="14">%s</text></g></svg>`, coordinate(left/2), escaped(label), coordinate(left+right/2), escaped(text))
	return c.body.String()
}
