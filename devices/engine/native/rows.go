package native

import (
	"fmt"

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
	case workloads.OpStore:
		apply = func(dst, _ []float32, lo int) { copy(in[1].f[lo:], dst) }
	case workloads.OpSigmoid:
		apply = func(dst, _ []float32, _ int) { set.Sigmoid(dst) }
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
	width := n.In[0].Shape[1]
	o := newRowOp(workloads.Elements(n.In[1].Shape), width, func(row, rows int) {
		for r := row; r < row+rows; r++ {
			copy(out.f[r*width:(r+1)*width], table.f[int(ids.i[r])*width:])
		}
	})
	o.ready = func() error { return inTable(n, ids) }
	return o
}

func (b *binder) embeddingBag(n *workloads.Node) op {
	set, table, ids, out := b.set, b.values[n.In[0]], b.values[n.In[1]], b.values[n.Out]
	width, bag := n.In[0].Shape[1], n.In[1].Shape[1]
	o := newRowOp(n.Out.Shape[0], width*bag, func(row, rows int) {
		for r := row; r < row+rows; r++ {
			dst := out.f[r*width : (r+1)*width]
			clear(dst)
			for _, id := range ids.i[r*bag : (r+1)*bag] {
				set.AddInto(dst, table.f[int(id)*width:])
			}
		}
	})
	o.ready = func() error { return inTable(n, ids) }
	return o
}

// inTable checks the ids that a node gathers by.
func inTable(n *workloads.Node, ids *buffer) error {
	count := n.In[0].Shape[0]
	for _, id := range ids.i {
		if id < 0 || int(id) >= count {
			return fmt.Errorf("%s: id %d in a table of %d rows", n.Op, id, count)
		}
	}
	return nil
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

// addRows adds to each row the one of its batch entry.
func (b *binder) addRows(n *workloads.Node) op {
	set, x, y, out := b.set, b.values[n.In[0]], b.values[n.In[1]], b.values[n.Out]
	width, length := n.In[1].Shape[1], rowsOf(n.Out)
	return newRowOp(n.Out.Shape[0]*length, width, func(row, rows int) {
		copy(out.f[row*width:(row+rows)*width], x.f[row*width:])
		for r := row; r < row+rows; r++ {
			set.AddInto(out.f[r*width:(r+1)*width], y.f[r/length*width:])
		}
	})
}

func (b *binder) concat(n *workloads.Node) op {
	out, width := b.values[n.Out], n.Out.Shape[len(n.Out.Shape)-1]
	return newRowOp(workloads.Elements(n.Out.Shape)/width, width, func(row, rows int) {
		at := 0
		for _, v := range n.In {
			part, x := v.Shape[len(v.Shape)-1], b.values[v]
			for r := row; r < row+rows; r++ {
				copy(out.f[r*width+at:][:part], x.f[r*part:])
			}
			at += part
		}
	})
}

// upsample works by lines of output pixels.
func (b *binder) upsample(n *workloads.Node) op {
	x, out := b.values[n.In[0]], b.values[n.Out]
	w, c := n.In[0].Shape[2], n.In[0].Shape[3]
	return newRowOp(n.Out.Shape[0]*n.Out.Shape[1], 2*w*c, func(line, lines int) {
		for l := line; l < line+lines; l++ {
			src, dst := x.f[l/2*w*c:], out.f[l*2*w*c:]
			for p := range w {
				copy(dst[2*p*c:][:c], src[p*c:])
				copy(dst[(2*p+1)*c:][:c], src[p*c:])
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
