package workloads

// mix is the finaliser of the splitmix64 generator: a bijection of 64-bit integers with full avalanche.
func mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	x ^= x >> 31
	return x
}

// weyl is the odd increment of splitmix64; neighbouring indexes land far apart.
const weyl = 0x9e3779b97f4a7c15

// streamSeed joins a seed and a name to the start of a stream of integers.
func streamSeed(seed uint64, name string) uint64 {
	h := mix(seed + weyl)
	for i := 0; i < len(name); i++ {
		h = mix(h ^ uint64(name[i])*weyl)
	}
	return h
}

// uniformBits is the width of the integers behind generated floats. 22 bits plus an offset of at most 2^23 stay exact in
// a float32, so that the only rounding is that of the one multiplication.
const uniformBits = 22

// ParamSpec generates a parameter: element i is float32(u(i) + Offset) * Scale, where u(i) is a signed 22-bit integer
// hashed from seed, name and i. One multiplication, one rounding: bit-identical wherever IEEE float32 is.
//
// With Bits > 0 the parameter is quantised, symmetrically and by blocks, and these are its exact values: element i is
// float32(q(i)) * s(g), where q(i) is one of the LevelCount integers around 0, hashed as u(i) is, and s(g) is the scale of
// i's group. The integers are stored as such, or as Store, which holds them exactly, in Bits each. A group is Block elements that lie Stride apart: g = i / (Block*Stride) * Stride + i % Stride. Scales are
// uniform in [0.75, 1.25) times the float32 Scale*2^23.
type ParamSpec struct {
	Seed   uint64  `json:"seed"`
	Scale  float32 `json:"scale"`
	Offset int32   `json:"offset,omitempty"`
	Bits   int     `json:"bits,omitempty"`
	Store  DType   `json:"store,omitempty"` // F8E4M3, or empty for integers
	Block  int     `json:"block,omitempty"`
	Stride int     `json:"stride,omitempty"`
}

// e4m3Levels are -15 to 15: the four significant bits of e4m3 hold every integer up to 16, and of those beyond only some.
const e4m3Levels = 31

// LevelCount is the number of integers that a quantised parameter is made of, odd, with 0 in the middle: 2^Bits - 1, and 31
// in F8E4M3.
func (p *ParamSpec) LevelCount() int {
	if p.Store == F8E4M3 {
		return e4m3Levels
	}
	return 1<<p.Bits - 1
}

// Generate writes the elements first, first+1, ... of a parameter to dst. Quantised ones come as the floats that they stand
// for. An error is that of the file which the weights are read from.
func (v *Value) Generate(first int, dst []float32) error {
	switch {
	case v.Weights != nil:
		return v.Weights.Fill(first, dst)
	case v.Param.Bits == 0:
		fillUniform(streamSeed(v.Param.Seed, v.Name), first, v.Param.Offset, v.Param.Scale, dst)
		return nil
	}
	const chunk = 1 << 12
	levels, scales := make([]int8, min(len(dst), chunk)), v.Param.scales(v.Name)
	for lo := 0; lo < len(dst); lo += chunk {
		part := dst[lo:min(lo+chunk, len(dst))]
		v.Levels(first+lo, levels[:len(part)])
		for i, q := range levels[:len(part)] {
			part[i] = float32(q) * v.Param.groupScale(scales, v.Param.group(first+lo+i))
		}
	}
	return nil
}

// Levels writes the integers first, first+1, ... of a quantised parameter to dst, in the order of its elements.
func (v *Value) Levels(first int, dst []int8) {
	span := uint64(v.Param.LevelCount())
	x := streamSeed(v.Param.Seed, v.Name) + uint64(first)*weyl
	for i := range dst {
		dst[i] = int8(int64(mix(x)>>(64-uniformBits)*span>>uniformBits) - int64(span/2))
		x += weyl
	}
}

// Groups is the number of groups of a quantised parameter; they are in row-major order of the tensor whose blocks are
// single elements.
func (v *Value) Groups() int { return Elements(v.Shape) / v.Param.Block }

// Scales writes the scales of the groups first, first+1, ... of a quantised parameter to dst.
func (v *Value) Scales(first int, dst []float32) {
	stream := v.Param.scales(v.Name)
	for i := range dst {
		dst[i] = v.Param.groupScale(stream, first+i)
	}
}

func (p *ParamSpec) group(i int) int { return i/(p.Block*p.Stride)*p.Stride + i%p.Stride }

// scales is the stream of the group scales.
func (p *ParamSpec) scales(name string) uint64 { return streamSeed(p.Seed, name+".scale") }

// groupScale has 22 random bits on top of the constant, so that the sum is exact and the product rounds once.
func (p *ParamSpec) groupScale(stream uint64, group int) float32 {
	u := int32(mix(stream+uint64(group)*weyl)>>(64-uniformBits)) - 1<<(uniformBits-1)
	return float32(u+1<<23) * p.Scale
}

func fillUniform(stream uint64, first int, offset int32, scale float32, dst []float32) {
	x := stream + uint64(first)*weyl
	for i := range dst {
		u := int32(mix(x)>>(64-uniformBits)) - 1<<(uniformBits-1)
		dst[i] = float32(u+offset) * scale
		x += weyl
	}
}

// InputKind says how an input is synthesised.
type InputKind string

// Inputs are uniform floats in [-1, 1), token ids below a vocabulary size, the positions 0, 1, 2, ..., a segment id that
// turns from 0 to 1 in the middle of the sequence, or the position at which a call starts. Those of a model file are uniform
// in [Low, High) (integers up to and including High), or given.
const (
	FillUniform  InputKind = "uniform"
	FillTokens   InputKind = "tokens"
	FillIota     InputKind = "iota"
	FillSegments InputKind = "segments"
	FillPosition InputKind = "position"
	FillRange    InputKind = "range"
	FillGiven    InputKind = "given"
)

// InputSpec generates an input; Vocab bounds token ids, Low and High a range. Given is the input itself, the same for all
// samples.
type InputSpec struct {
	Kind  InputKind `json:"kind"`
	Vocab int       `json:"vocab,omitempty"`
	Low   float64   `json:"low,omitempty"`
	High  float64   `json:"high,omitempty"`
	Given *Tensor   `json:"-"`
}
