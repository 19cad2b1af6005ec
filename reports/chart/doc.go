// Package chart draws what a report measured as SVG.
//
// The flow: a chart is a plain struct of finished texts and numbers ([Bars], [Forest], [Percentiles], [Curve], [Pareto],
// [Timeline], [Badge]); its SVG method lays it out on a canvas 880 units wide, GitHub's width, and returns the drawing.
//
// The room's one rule: the same data give the same bytes, and whatever the data, the drawing is well-formed, of bounded size
// and without a coordinate that is no number. What cannot be drawn (NaN, infinities, more rows than there is room for) is left
// out, and the drawing says how much.
//
// Colours are those of M. Okabe and K. Ito, "Color Universal Design", 2008, which people with any colour vision tell apart, some
// darker or lighter for their background;
// shapes, dashes and letters tell the same without colour. Light and dark follow prefers-color-scheme within the file, since
// GitHub shows files as images: no script, no font, nothing from elsewhere.
package chart
