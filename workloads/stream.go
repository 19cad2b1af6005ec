package workloads

// What generating a parameter on a device takes: the integer x(i) = Start + i*Weyl, hashed by x ^= x>>30, x *= MixFirst,
// x ^= x>>27, x *= MixSecond, x ^= x>>31, all modulo 2^64, whose top UniformBits bits, as an unsigned integer, are u(i) + 2^21 of
// [ParamSpec].
const (
	Weyl        = weyl
	MixFirst    = 0xbf58476d1ce4e5b9
	MixSecond   = 0x94d049bb133111eb
	UniformBits = uniformBits
)

// Stream is the Start of a parameter's elements: those of its integers if it is quantised.
func (v *Value) Stream() uint64 { return streamSeed(v.Param.Seed, v.Name) }

// ScaleStream is the Start of the scales of a quantised parameter.
func (v *Value) ScaleStream() uint64 { return v.Param.scales(v.Name) }
