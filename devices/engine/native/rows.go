package native

import (
	"fmt"
	"math"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/workloads"
)

// rowFloats is the number of elements that one task of a row-wise op works on.
const rowFloats = 1 << 14

// rowOp works on the rows of a tensor independently of each other, in place or not.
type rowOp struct {
	rows, chunk int
	ready       func() error        // nil without
	apply       func(row, rows int) // of some rows
}

func newRowOp(rows, width int, apply func(row, rows int)) *rowOp {
	return &rowOp{rows: rows, chunk: max(1, rowFloats/width), apply: apply}
}

func (o *rowOp) count() int { return (o.rows + o.chunk - 1) / o.chunk }

func (o *rowOp) prepare() error {
	if o.ready == nil {
		return nil
	}
	return o.ready()
}

func (o *rowOp) run(_ *worker, task int) {
	row := task * o.chunk
	o.apply(row, min(o.chunk, o.rows-row))
}

// rowwise makes the ops whose output has the shape of their first input.
func (b *binder) rowwise(n *workloads.Node) (op, error) {
	width := n.Out.Shape[len(n.Out.Shape)-1]
	set, out, ones := b.set, b.values[n.Out], b.ones
	in := make([]*buffer, len(n.In))
	for i, v := range n.In {
		in[i] = b.values[v]
	}
	x, eps := in[0], float32(n.Attr.Eps)
	var apply func(dst, src []float32, lo int)
	switch n.Op {
	case workloads.OpCopy:
		apply = func([]float32, []float32, int) {}
	case workloads.OpAdd:
		apply = func(dst, _ []float32, lo int) { set.AddInto(dst, in[1].f[lo:]) }
	case workloads.OpMul:
		apply = func(dst, _ []float32, lo int) { set.MulInto(dst, in[1].f[lo:]) }
	case workloads.OpRelu, workloads.OpGelu, workloads.OpSilu:
		act := map[workloads.Op]activation{workloads.OpRelu: relu, workloads.OpGelu: gelu, workloads.OpSilu: silu}[n.Op]
		apply = func(dst, _ []float32, _ int) { activate(set, act, dst, ones) }
	case workloads.OpLayerNorm:
		return newRowOp(workloads.Elements(n.Out.Shape)/width, width, func(row, rows int) {
			for lo := row * width; lo < (row+rows)*width; lo += width {
				set.LayerNorm(out.f[lo:lo+width], x.f[lo:lo+width], in[1].f, in[2].f, eps)
			}
		}), nil
	case workloads.OpRMSNorm:
		return newRowOp(workloads.Elements(n.Out.Shape)/width, width, func(row, rows int) {
			for lo := row * width; lo < (row+rows)*width; lo += width {
				set.RMSNorm(out.f[lo:lo+width], x.f[lo:lo+width], in[1].f, eps)
			}
		}), nil
	default:
		return nil, fmt.Errorf("operation %q is not known: %w", n.Op, devices.ErrUnsupported)
	}
	// Element by element: rows do not matter, so one element is one row.
	return newRowOp(workloads.Elements(n.Out.Shape), 1, func(lo, count int) {
		dst := out.f[lo : lo+count]
		copy(dst, x.f[lo:])
		apply(dst, x.f, lo)
	}), nil
}

func (b *binder) embedding(n *workloads.Node) op {
	table, ids, out := b.values[n.In[0]], b.values[n.In[1]], b.values[n.Out]
	count, width := n.In[0].Shape[0], n.In[0].Shape[1]
	o := newRowOp(workloads.Elements(n.In[1].Shape), width, func(row, rows int) {
		for r := row; r < row+rows; r++ {
			copy(out.f[r*width:(r+1)*width], table.f[int(ids.i[r])*width:])
		}
	})
	o.ready = func() error {
		for _, id := range ids.i {
			if id < 0 || int(id) >= count {
				return fmt.Errorf("embedding: id %d in a table of %d rows", id, count)
			}
		}
		return nil
	}
	return o
}

// tied multiplies few rows by the transpose of a table, taking the table as it lies. Its rows are split, in pieces that stay in
// a cache while the rows of x pass by.
func (b *binder) tied(n *workloads.Node) op {
	set, x, table, out := b.set, b.values[n.In[0]], b.values[n.In[1]], b.values[n.Out]
	count, width := n.In[1].Shape[0], n.In[1].Shape[1]
	rows := workloads.Elements(n.Out.Shape) / count
	const piece = 64
	return newRowOp((count+piece-1)/piece, piece*width, func(first, pieces int) {
		for lo := first * piece; lo < min((first+pieces)*piece, count); lo += piece {
			hi := min(lo+piece, count)
			for r := range rows {
				set.DotRows(out.f[r*count+lo:r*count+hi], x.f[r*width:(r+1)*width], table.f[lo*width:], width)
			}
		}
	})
}

func (b *binder) last(n *workloads.Node) op {
	x, out := b.values[n.In[0]], b.values[n.Out]
	length, width := n.In[0].Shape[1], n.In[0].Shape[2]
	return newRowOp(n.In[0].Shape[0], width, func(row, rows int) {
		for r := row; r < row+rows; r++ {
			copy(out.f[r*width:(r+1)*width], x.f[((r+1)*length-1)*width:])
		}
	})
}

// maxPool works by lines of output pixels.
func (b *binder) maxPool(n *workloads.Node) op {
	set, x, out := b.set, b.values[n.In[0]], b.values[n.Out]
	h, w, c := n.In[0].Shape[1], n.In[0].Shape[2], n.In[0].Shape[3]
	outH, outW := n.Out.Shape[1], n.Out.Shape[2]
	size, stride, pad := n.Attr.Kernel, n.Attr.Stride, n.Attr.Pad
	pixel := func(dst []float32, image, y, x0 int) {
		first := true
		for iy := max(y, 0); iy < min(y+size, h); iy++ {
			for ix := max(x0, 0); ix < min(x0+size, w); ix++ {
				src := x.f[((image*h+iy)*w+ix)*c:][:c]
				if first {
					copy(dst, src)
					first = false
				} else {
					set.MaxInto(dst, src)
				}
			}
		}
	}
	return newRowOp(n.Out.Shape[0]*outH, outW*c*size*size, func(line, lines int) {
		for l := line; l < line+lines; l++ {
			for ox := range outW {
				pixel(out.f[(l*outW+ox)*c:][:c], l/outH, l%outH*stride-pad, ox*stride-pad)
			}
		}
	})
}

func (b *binder) globalAvgPool(n *workloads.Node) op {
	set, x, out := b.set, b.values[n.In[0]], b.values[n.Out]
	pixels, c := n.In[0].Shape[1]*n.In[0].Shape[2], n.In[0].Shape[3]
	return newRowOp(n.Out.Shape[0], pixels*c, func(row, rows int) {
		for r := row; r < row+rows; r++ {
			dst := out.f[r*c : (r+1)*c]
			clear(dst)
			for p := range pixels {
				set.AddInto(dst, x.f[(r*pixels+p)*c:])
			}
			set.Scale(dst, 1/float32(pixels))
		}
	})
}

// angleKey tells the tables of angles apart that a graph needs.
type angleKey struct {
	half, rows int
	theta      float64
	position   *buffer
}

// angles holds cosine and sine of the rotations of rows that start at one position. All layers share it: it is computed once
// per call.
type angles struct {
	angleKey
	cos, sin []float32
	at       int32
	filled   bool
}

func newAngles(k angleKey) *angles {
	return &angles{angleKey: k, cos: make([]float32, k.rows*k.half), sin: make([]float32, k.rows*k.half)}
}

func (a *angles) update() error {
	start := a.position.i[0]
	if start < 0 {
		return fmt.Errorf("rope: position %d", start)
	}
	if a.filled && a.at == start {
		return nil
	}
	for i := range a.half {
		frequency := math.Pow(a.theta, -float64(i)/float64(a.half))
		for r := range a.rows {
			sin, cos := math.Sincos(float64(int(start)+r) * frequency)
			a.sin[r*a.half+i], a.cos[r*a.half+i] = float32(sin), float32(cos)
		}
	}
	a.at, a.filled = start, true
	return nil
}

func (b *binder) rope(n *workloads.Node) op {
	set, x, out := b.set, b.values[n.In[0]], b.values[n.Out]
	length, width, d := n.Out.Shape[1], n.Out.Shape[2], n.Attr.HeadDim
	key := angleKey{half: d / 2, rows: length, theta: n.Attr.Theta, position: b.values[n.In[1]]}
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
