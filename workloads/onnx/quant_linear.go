package onnx

import (
	"fmt"
	"math/bits"

	"github.com/accelbench/accelbench/workloads"
)

// deployQuantisedLinear writes a product with quantised weights: MatMulNBits where they have blocks, DynamicQuantizeMatMul
// where they have one scale a column, and QGemm of a tensor that is quantised already.
func deployQuantisedLinear(e *emitter, n *workloads.Node) {
	w := n.In[1]
	m := whole(w, n.Attr.Transposed)
	switch {
	case !m.byColumns():
		bias := ""
		if len(n.In) == 3 {
			bias = e.get(n.In[2])
		}
		e.set(n.Out, e.multiplyBlocks(n.Out.Name, e.get(n.In[0]), m, w.Name, bias))
	case e.coded(n.In[0]) && len(n.In[0].Shape) == 2:
		e.quantisedGemm(n, m)
	default:
		e.dynamicProduct(n, m)
	}
}

// byColumns tells whether the weights are 8-bit with one scale for each column.
func (m matrix) byColumns() bool { return m.value.Param.Bits == 8 && m.value.Param.Block == m.k }

// multiplyBlocks multiplies x [...,K] by a matrix in blocks. name is that of the weights, which is unique to the matrix.
func (e *emitter) multiplyBlocks(base, x string, m matrix, name, bias string) string {
	p := m.value.Param
	if p.Block < 16 || bits.OnesCount(uint(p.Block)) != 1 || m.k%p.Block != 0 {
		e.fail(fmt.Errorf("%s: %w: its blocks of %d weights are no power of two from 16 on that divides %d", m.value.Name,
			ErrUnsupported, p.Block, m.k))
		return ""
	}
	blocks := int64(m.k / p.Block)
	levels := Weight{Name: name + ".levels", Type: Uint8, Shape: []int64{int64(m.n), blocks, int64(p.Block * p.Bits / 8)},
		Bytes: int64(m.n * m.k * p.Bits / 8), Fill: m.packLevels}
	scales := Weight{Name: name + ".scales", Type: e.float, Shape: []int64{int64(m.n), blocks},
		Bytes: int64(m.n) * blocks * width(e.float), Fill: func(dst []byte) error { return m.packScales(e.float, dst) }}
	in := []string{x, e.weight(levels), e.weight(scales)}
	if bias != "" {
		in = append(in, "", "", bias)
	}
	attrs := []attribute{intAttr("K", m.k), intAttr("N", m.n), intAttr("bits", p.Bits), intAttr("block_size", p.Block)}
	if e.options.Accuracy > 0 {
		attrs = append(attrs, intAttr("accuracy_level", e.options.Accuracy))
	}
	return e.microsoft("MatMulNBits", in, []string{base}, attrs...)[0]
}

// columns are the weights of a matrix with one scale a column: levels [K,N], and the scales [N].
func (e *emitter) columns(m matrix) (levels, scales string) {
	v := m.value
	levels = e.weight(Weight{Name: v.Name + ".columns", Type: Int8, Shape: []int64{int64(m.k), int64(m.n)},
		Bytes: int64(m.k * m.n), Fill: m.columnLevels})
	return levels, e.columnScales(v)
}

// columnScales are the scales of the outputs of a product, in 32 bits at any precision.
func (e *emitter) columnScales(v *workloads.Value) string {
	n := v.Groups()
	return e.weight(Weight{Name: v.Name + ".scales", Type: Float, Shape: []int64{int64(n)}, Bytes: int64(n) * width(Float),
		Fill: func(dst []byte) error {
			scales := make([]float32, n)
			v.Scales(0, scales)
			storeFloats(Float)(dst, scales)
			return nil
		}})
}

// dynamicProduct quantises the rows of x when they come, all with one scale.
func (e *emitter) dynamicProduct(n *workloads.Node, m matrix) {
	levels, scales := e.columns(m)
	in := []string{e.get(n.In[0]), levels, scales}
	if len(n.In) == 3 {
		in = append(in, "", e.get(n.In[2]))
	}
	e.set(n.Out, e.microsoft("DynamicQuantizeMatMul", in, []string{n.Out.Name})[0])
}
