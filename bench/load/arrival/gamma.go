package arrival

import "math"

// gamma draws gaps of a gamma distribution of a shape and of mean 1, by the method of Marsaglia and Tsang ("A simple
// method for generating gamma variables", 2000). It draws for the shape, or for shape+1 where that is below 1, and there
// multiplies by U^(1/shape).
type gamma struct {
	d, c  float64 // the method's own: d = shape - 1/3, c = 1/sqrt(9d)
	scale float64 // d over the shape asked for
	boost float64 // the shape asked for where it is below 1, else 0

	spare    float64 // the second normal of a pair
	hasSpare bool
}

func newGamma(shape float64) gamma {
	var g gamma
	drawn := shape
	if shape < 1 {
		g.boost = shape
		drawn = shape + 1
	}
	g.d = drawn - 1.0/3
	g.c = 1 / math.Sqrt(mul(9, g.d))
	g.scale = g.d / shape
	return g
}

// gap is the next gap.
func (g *gamma) gap(source *Source) float64 {
	gap := mul(g.scale, g.cube(source))
	if g.boost > 0 {
		gap = mul(gap, exp(ln(source.unit())/g.boost))
	}
	return gap
}

// cube is the v of the method: d*v has the gamma distribution.
func (g *gamma) cube(source *Source) float64 {
	for {
		x := g.normal(source)
		root := 1 + mul(g.c, x)
		if root <= 0 {
			continue
		}
		v := mul(mul(root, root), root)
		u := source.unit()
		square := mul(x, x)
		// The squeeze accepts nearly all without a logarithm, and nothing that the exact test would reject.
		if u < 1-mul(0.0331, mul(square, square)) {
			return v
		}
		if ln(u) < mul(0.5, square)+mul(g.d, 1-v+ln(v)) {
			return v
		}
	}
}

// normal is a standard normal number by Marsaglia's polar method, which makes two at a time.
func (g *gamma) normal(source *Source) float64 {
	if g.hasSpare {
		g.hasSpare = false
		return g.spare
	}
	for {
		x := mul(2, source.unit()) - 1
		y := mul(2, source.unit()) - 1
		s := mul(x, x) + mul(y, y)
		if s >= 1 || s == 0 {
			continue
		}
		factor := math.Sqrt(mul(-2, ln(s)) / s)
		g.spare, g.hasSpare = mul(y, factor), true
		return mul(x, factor)
	}
}
