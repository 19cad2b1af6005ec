package workloads

import "math"

// Llama3Scaling is the change of rotary frequencies of Llama 3.1 and 3.2 (models.md of the project's facts, after Meta's
// model code): frequencies whose wavelength is above Context/Low are divided by Factor, those below Context/High stay, and
// those between blend. The zero value changes nothing.
type Llama3Scaling struct {
	Factor  float64 `json:"factor,omitempty"`
	Low     float64 `json:"low,omitempty"`
	High    float64 `json:"high,omitempty"`
	Context float64 `json:"context,omitempty"`
}

// YarnScaling is YaRN as gpt-oss uses it: frequencies between the two rotations-per-context BetaFast and BetaSlow blend
// linearly from unchanged to divided by Factor, and sine and cosine are multiplied by 0.1 ln Factor + 1. The bounds are not
// rounded to integers. The zero value changes nothing.
type YarnScaling struct {
	Factor   float64 `json:"factor,omitempty"`
	BetaFast float64 `json:"beta_fast,omitempty"`
	BetaSlow float64 `json:"beta_slow,omitempty"`
	Context  float64 `json:"context,omitempty"`
}

// Frequencies are the HeadDim/2 angles in radians by which one position rotates: theta^(-2i/HeadDim), scaled.
func (a Attr) Frequencies() []float64 {
	out := make([]float64, a.HeadDim/2)
	for i := range out {
		f := math.Pow(a.Theta, -2*float64(i)/float64(a.HeadDim))
		switch {
		case a.Llama3.Factor > 0:
			f = a.Llama3.scale(f)
		case a.Yarn.Factor > 0:
			f = a.Yarn.scale(f, i, a)
		}
		out[i] = f
	}
	return out
}

// RopeScale multiplies sine and cosine: 1 but for YaRN.
func (a Attr) RopeScale() float64 {
	if a.Yarn.Factor > 0 {
		return 0.1*math.Log(a.Yarn.Factor) + 1
	}
	return 1
}

func (s Llama3Scaling) scale(f float64) float64 {
	turns := s.Context * f / (2 * math.Pi) // wavelengths per context
	switch {
	case turns > s.High:
		return f
	case turns < s.Low:
		return f / s.Factor
	}
	blend := (turns - s.Low) / (s.High - s.Low)
	return (1-blend)*f/s.Factor + blend*f
}

// scale blends by the place of i between the dimensions that turn BetaFast and BetaSlow times in the context.
func (s YarnScaling) scale(f float64, i int, a Attr) float64 {
	dimension := func(turns float64) float64 {
		return float64(a.HeadDim) / 2 * math.Log(s.Context/(turns*2*math.Pi)) / math.Log(a.Theta)
	}
	low, high := dimension(s.BetaFast), dimension(s.BetaSlow)
	ramp := min(max((float64(i)-low)/(high-low), 0), 1)
	return f/s.Factor*ramp + f*(1-ramp)
}
