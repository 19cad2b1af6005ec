package native

import "github.com/accelbench/accelbench/workloads"

// patches is the matrix of a convolution: a row per output pixel, holding the part of the image under the filter, in the order
// of the filter's elements (line, column, channel). It is never written out as a whole: a product asks for blocks of it.
type patches struct {
	image        *buffer
	h, w, c      int
	outH, outW   int
	size, stride int // of the filter, along the columns
	above, left  int // padding
}

// newPatches makes the patches of a convolution of images, or of sequences: these are images of one line, without padding above.
func newPatches(n *workloads.Node, image *buffer) *patches {
	in, out, a := n.In[0].Shape, n.Out.Shape, n.Attr
	p := &patches{image: image, size: a.Kernel, stride: a.Stride, left: a.Pad}
	if n.Op == workloads.OpConv1D {
		p.h, p.w, p.c, p.outH, p.outW = 1, in[1], in[2], 1, out[1]
	} else {
		p.h, p.w, p.c, p.outH, p.outW, p.above = in[1], in[2], in[3], out[1], out[2], a.Pad
	}
	return p
}

// patchFiller gives a worker's product its blocks of patches. fill is made once, so that a call allocates no closure.
type patchFiller struct {
	patches *patches
	row     int // that the product's row 0 stands for
	fill    func(dst []float32, ldd, i0, i1, p0, p1 int)
}

func (f *patchFiller) bind() {
	f.fill = func(dst []float32, ldd, i0, i1, p0, p1 int) { f.patches.fill(dst, ldd, f.row+i0, f.row+i1, p0, p1) }
}

// fill writes columns [p0,p1) of rows [i0,i1) to dst, rows ldd apart.
func (p *patches) fill(dst []float32, ldd, i0, i1, p0, p1 int) {
	x := i0 % p.outW
	y := i0 / p.outW % p.outH
	image := i0 / p.outW / p.outH
	line := p.size * p.c
	for i := i0; i < i1; i++ {
		row := dst[(i-i0)*ldd:][:p1-p0]
		for ky := p0 / line; ky*line < p1; ky++ {
			lo, hi := max(p0, ky*line), min(p1, (ky+1)*line)
			p.fillLine(row[lo-p0:hi-p0], image, y*p.stride-p.above+ky, x*p.stride-p.left, lo-ky*line)
		}
		if x++; x == p.outW {
			x = 0
			if y++; y == p.outH {
				y = 0
				image++
			}
		}
	}
}

// fillLine writes the elements from, from+1, ... of one line of a patch that starts at column x of line y of an image. Within
// the image they are contiguous; outside they are zero.
func (p *patches) fillLine(dst []float32, image, y, x, from int) {
	if y < 0 || y >= p.h {
		clear(dst)
		return
	}
	to := from + len(dst)
	inside := min(max(-x*p.c, from), to)
	outside := max(min((p.w-x)*p.c, to), inside)
	clear(dst[:inside-from])
	if inside < outside {
		copy(dst[inside-from:outside-from], p.image.f[((image*p.h+y)*p.w+x)*p.c+inside:])
	}
	clear(dst[outside-from:])
}
