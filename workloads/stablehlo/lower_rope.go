package stablehlo

import (
	"fmt"
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/go-xla/stablehlo"
	"github.com/gomlx/go-xla/types/shapes"

	"github.com/accelbench/accelbench/workloads"
)

// lowerRope rotates the halves of each head by the sines and cosines of its row.
func lowerRope(e *emitter, n *workloads.Node) {
	s, d := n.In[0].Shape, n.Attr.HeadDim
	x := e.wide(e.reshape(e.get(n.In[0]), s[0], s[1], s[2]/d, d))
	a, b := e.slice(x, 3, 0, d/2), e.slice(x, 3, d/2, d)
	along := func(y value) value { return e.broadcast(y, dims(a), 1, 3) }
	cos, sin := along(e.rotation(n, "cos", stablehlo.Cosine)), along(e.rotation(n, "sin", stablehlo.Sine))
	first := e.sub(e.mul(a, cos), e.mul(b, sin))
	second := e.add(e.mul(a, sin), e.mul(b, cos))
	e.set(n, e.reshape(e.concat(3, first, second), s...))
}

// rotation is the sines or cosines of the rows of a call, [S,HeadDim/2]; calls of the same attributes share them.
func (e *emitter) rotation(n *workloads.Node, name string, of func(value) (value, error)) value {
	key := fmt.Sprintf("%p %d %+v", n.In[1], n.In[0].Shape[1], n.Attr)
	return e.memo(name+key, func() value {
		angle := e.memo("angle"+key, func() value { return e.angles(n) })
		return e.times(must(of(angle)), n.Attr.RopeScale())
	})
}

// angles are those of the rows of a call, in radians between -pi and pi. A product of position and frequency in 32-bit floats
// would lose the angle at far positions: its error grows with it. Turns as integers, whose overflow is whole turns, keep an error of
// at most position / 2^33 turns, and come from the frequencies as they are in 64 bits.
func (e *emitter) angles(n *workloads.Node) value {
	rows, frequencies := n.In[0].Shape[1], n.Attr.Frequencies()
	turns := make([]uint32, len(frequencies))
	for i, f := range frequencies {
		_, part := math.Modf(f / (2 * math.Pi))
		turns[i] = uint32(uint64(math.Round(part * (1 << 32)))) // a whole turn is none
	}
	shape := []int{rows, len(turns)}
	at := e.convert(e.position(n.In[1]), dtypes.Uint32)
	count := e.iota(dtypes.Uint32, 0, shape...)
	count = e.add(count, e.filled(at, count))
	step := must(e.main.ConstantFromFlatAndShape(turns, shapes.Make(dtypes.Uint32, len(turns))))
	whole := must(stablehlo.BitcastConvert(e.mul(count, e.broadcast(step, shape, 1)), dtypes.Int32))
	return e.times(e.convert(whole, dtypes.Float32), 2*math.Pi/(1<<32))
}
