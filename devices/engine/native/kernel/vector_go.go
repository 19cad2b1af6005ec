package kernel

import (
	"math"
	"unsafe"
)

// goVectors returns the portable row functions. The generated ones compute the same formulas.
func goVectors() vectors {
	return vectors{
		relu: reluGo, add: addGo, addRelu: addReluGo, mul: mulGo, maxInto: maxIntoGo, scale: scaleGo,
		gelu: geluGo, siluMul: siluMulGo, maximum: maximumGo, expSum: expSumGo, sum: sumGo, squares: squaresGo,
		normalize: normalizeGo, rms: rmsGo, rope: ropeGo, dotRows: dotRowsGo, sumRows: sumRowsGo,
	}
}

func view(p *float32, n int) []float32 { return unsafe.Slice(p, n) }

func reluGo(x *float32, n int) {
	for i, v := range view(x, n) {
		if v < 0 {
			view(x, n)[i] = 0
		}
	}
}

func addGo(dst, x *float32, n int) {
	d := view(dst, n)
	for i, v := range view(x, n) {
		d[i] += v
	}
}

func addReluGo(dst, x *float32, n int) {
	d := view(dst, n)
	for i, v := range view(x, n) {
		d[i] = max(d[i]+v, 0)
	}
}

func mulGo(dst, x *float32, n int) {
	d := view(dst, n)
	for i, v := range view(x, n) {
		d[i] *= v
	}
}

func maxIntoGo(dst, x *float32, n int) {
	d := view(dst, n)
	for i, v := range view(x, n) {
		d[i] = max(d[i], v)
	}
}

func scaleGo(x *float32, n int, by float32) {
	d := view(x, n)
	for i := range d {
		d[i] *= by
	}
}

// expGo is e^x for x <= 88, with 0 below the smallest normal result. x = k*ln 2 + r with |r| <= ln(2)/2; ln 2 in two parts, the
// first with zero low bits so that k times it is exact; e^r by its Taylor series to r^7, whose remainder is below 6e-9 there.
func expGo(x float32) float32 {
	if x < expLow {
		return 0
	}
	k := float32(math.Floor(float64(x*log2e) + 0.5))
	r := x - k*ln2High
	r -= k * ln2Low
	p := float32(1.0 / 5040)
	p = p*r + 1.0/720
	p = p*r + 1.0/120
	p = p*r + 1.0/24
	p = p*r + 1.0/6
	p = p*r + 0.5
	p = p*r + 1
	p = p*r + 1
	return p * math.Float32frombits(uint32(int32(k)+127)<<23)
}

const (
	log2e   = float32(math.Log2E)
	ln2High = float32(0.693359375) // 355/512
	ln2Low  = float32(math.Ln2 - 0.693359375)
	expLow  = float32(-87.33654) // ln of the smallest normal number, 2^-126
	expHigh = float32(88)

	// farOut bounds |x| where the Gaussian tail has long become 0, so that infinity meets no product with 0.
	farOut = float32(30)
)

// The approximation of erfc for z >= 0, absolute error 1.5e-7: Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26.
// erfc(z) = (a1 t + ... + a5 t^5) exp(-z^2) with t = 1/(1 + p z).
const (
	erfcP = float32(0.3275911)
	erfc1 = float32(0.254829592)
	erfc2 = float32(-0.284496736)
	erfc3 = float32(1.421413741)
	erfc4 = float32(-1.453152027)
	erfc5 = float32(1.061405429)
)

// geluGo computes gelu(x) = max(x, 0) - |x|/2*erfc(|x|/sqrt 2), which loses nothing for negative x.
func geluGo(x *float32, n int) {
	d := view(x, n)
	for i, v := range d {
		size := v
		if v < 0 {
			size = -v
		}
		if size > farOut {
			size = farOut
		}
		z := size * float32(math.Sqrt2/2)
		t := 1 / (1 + erfcP*z)
		p := erfc5*t + erfc4
		p = p*t + erfc3
		p = p*t + erfc2
		p = p*t + erfc1
		d[i] = max(v, 0) - 0.5*size*(p*t*expGo(-z*z))
	}
}

func siluMulGo(gate, up *float32, n int) {
	d := view(gate, n)
	for i, u := range view(up, n) {
		v := max(d[i], -expHigh)
		d[i] = v / (1 + expGo(-v)) * u
	}
}

func maximumGo(x *float32, n int) float32 {
	top := *x
	for _, v := range view(x, n) {
		top = max(top, v)
	}
	return top
}

func expSumGo(x *float32, n int, scale, shift float32) float32 {
	d := view(x, n)
	var total float32
	for i, v := range d {
		e := expGo(scale*v - shift)
		d[i] = e
		total += e
	}
	return total
}

func sumGo(x *float32, n int) float32 {
	var total float64
	for _, v := range view(x, n) {
		total += float64(v)
	}
	return float32(total)
}

func squaresGo(x *float32, n int, mean float32) float32 {
	var total float64
	for _, v := range view(x, n) {
		total += float64(v-mean) * float64(v-mean)
	}
	return float32(total)
}

func normalizeGo(dst, x, gamma, beta *float32, n int, mean, by float32) {
	d, g, b := view(dst, n), view(gamma, n), view(beta, n)
	for i, v := range view(x, n) {
		d[i] = (v-mean)*by*g[i] + b[i]
	}
}

func rmsGo(dst, x, gamma *float32, n int, by float32) {
	d, g := view(dst, n), view(gamma, n)
	for i, v := range view(x, n) {
		d[i] = v * by * g[i]
	}
}

func ropeGo(head, cos, sin *float32, half int) {
	low, high := view(head, half), view(at(head, half), half)
	s := view(sin, half)
	for i, c := range view(cos, half) {
		x, y := low[i], high[i]
		low[i] = x*c - y*s[i]
		high[i] = y*c + x*s[i]
	}
}

func dotRowsGo(dst, x, rows *float32, ld, count, n int) {
	d, q := view(dst, count), view(x, n)
	for j := range d {
		var s0, s1, s2, s3 float32
		row := view(at(rows, j*ld), n)
		i := 0
		for ; i+4 <= n; i += 4 {
			v, w := row[i:][:4], q[i:][:4]
			s0 += v[0] * w[0]
			s1 += v[1] * w[1]
			s2 += v[2] * w[2]
			s3 += v[3] * w[3]
		}
		for ; i < n; i++ {
			s0 += row[i] * q[i]
		}
		d[j] = s0 + s1 + (s2 + s3)
	}
}

func sumRowsGo(dst, weights, rows *float32, ld, count, n int) {
	d := view(dst, n)
	for j, w := range view(weights, count) {
		for i, v := range view(at(rows, j*ld), n) {
			d[i] += w * v
		}
	}
}
