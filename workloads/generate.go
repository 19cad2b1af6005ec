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
type ParamSpec struct {
	Seed   uint64  `json:"seed"`
	Scale  float32 `json:"scale"`
	Offset int32   `json:"offset,omitempty"`
}

// Fill writes the elements first, first+1, ... of the parameter called name to dst.
func (p ParamSpec) Fill(name string, first int, dst []float32) {
	fillUniform(streamSeed(p.Seed, name), first, p.Offset, p.Scale, dst)
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
// turns from 0 to 1 in the middle of the sequence, or the position at which a call starts.
const (
	FillUniform  InputKind = "uniform"
	FillTokens   InputKind = "tokens"
	FillIota     InputKind = "iota"
	FillSegments InputKind = "segments"
	FillPosition InputKind = "position"
)

// InputSpec generates an input; Vocab bounds token ids.
type InputSpec struct {
	Kind  InputKind `json:"kind"`
	Vocab int       `json:"vocab,omitempty"`
}
