package native

import (
	"fmt"
	"math"

	"github.com/accelbench/accelbench/workloads"
)

// angleKey tells the tables of angles apart that a graph needs.
type angleKey struct {
	rotation workloads.Attr
	rows     int
	position *buffer
}

// angles holds cosine and sine of the rotations of rows that start at one position. All layers share it: it is computed once
// per call.
type angles struct {
	angleKey
	frequencies []float64
	scale       float64 // of cosine and sine
	half        int
	cos, sin    []float32
	at          int32
	filled      bool
}

func newAngles(k angleKey) *angles {
	a := &angles{angleKey: k, frequencies: k.rotation.Frequencies(), scale: k.rotation.RopeScale()}
	a.half = len(a.frequencies)
	a.cos, a.sin = make([]float32, k.rows*a.half), make([]float32, k.rows*a.half)
	return a
}

func (a *angles) update() error {
	start := a.position.i[0]
	if start < 0 {
		return fmt.Errorf("rope: position %d", start)
	}
	if a.filled && a.at == start {
		return nil
	}
	for i, frequency := range a.frequencies {
		for r := range a.rows {
			sin, cos := math.Sincos(float64(int(start)+r) * frequency)
			a.sin[r*a.half+i], a.cos[r*a.half+i] = float32(sin*a.scale), float32(cos*a.scale)
		}
	}
	a.at, a.filled = start, true
	return nil
}

func (b *binder) rope(n *workloads.Node) op {
	set, x, out := b.set, b.values[n.In[0]], b.values[n.Out]
	length, width, d := n.Out.Shape[1], n.Out.Shape[2], n.Attr.HeadDim
	key := angleKey{rotation: n.Attr, rows: length, position: b.values[n.In[1]]}
	if b.angles[key] == nil {
		b.angles[key] = newAngles(key)
	}
	table := b.angles[key]
	o := newRowOp(n.Out.Shape[0]*length, width, func(row, rows int) {
		copy(out.f[row*width:(row+rows)*width], x.f[row*width:])
		for r := row; r < row+rows; r++ {
			at := r % length * table.half
			cos, sin := table.cos[at:at+table.half], table.sin[at:at+table.half]
			for lo := r * width; lo < (r+1)*width; lo += d {
				set.Rope(out.f[lo:lo+d], cos, sin)
			}
		}
	})
	o.ready = table.update
	return o
}
