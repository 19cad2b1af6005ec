package onnx

import (
	"fmt"

	"github.com/accelbench/accelbench/workloads"
)

// The places of the weights among the inputs of a mixture of experts, after x and the logits of the router.
const (
	gateAt, upAt, downAt             = 2, 3, 4
	gateBiasAt, upBiasAt, downBiasAt = 5, 6, 7
)

func deployExperts(e *emitter, n *workloads.Node) {
	if e.options.Experts == FusedExperts {
		fusedExperts(e, n)
		return
	}
	splitExperts(e, n)
}

// splitExperts writes a mixture with ordinary products: the k copies of each row are sorted by their experts, each expert
// multiplies its share, which may be empty, and the results go back in order and are summed with their weights.
func splitExperts(e *emitter, n *workloads.Node) {
	base, k, d := n.Out.Name, int64(n.Attr.TopK), int64(n.In[0].Shape[2])
	x := e.reshape(base+".rows", e.get(n.In[0]), -1, d)
	logits := e.reshape(base+".logits", e.get(n.In[1]), -1, int64(n.In[1].Shape[2]))
	best := e.call("", "TopK", []string{logits, e.ints(k)}, []string{base + ".best", base + ".chosen"}, intAttr("axis", -1))
	shares := e.op(base+".shares", "Softmax", best[:1], intAttr("axis", -1))
	r := e.route(base, e.reshape(base+".copies", best[1], -1), n.In[gateAt].Shape[0])

	token := e.op(base+".token", "Div", []string{r.order, e.integer(k)})
	sorted := e.op(base+".sorted", "Gather", []string{x, token})
	gate := e.expertProducts(n, gateAt, gateBiasAt, sorted, r.counts)
	up := e.expertProducts(n, upAt, upBiasAt, sorted, r.counts)
	down := e.expertProducts(n, downAt, downBiasAt, e.swiglu(base, gate, up, n.Attr.Clamp), r.counts)

	y := e.op(base+".back", "Gather", []string{down, r.back})
	y = e.reshape(base+".terms", y, -1, k, d)
	y = e.op(base+".weighted", "Mul", []string{y, e.op(base+".weights", "Unsqueeze", []string{shares, e.ints(2)})})
	y = e.op(base+".sum", "ReduceSum", []string{y, e.ints(1)}, intAttr("keepdims", 0))
	e.set(n.Out, e.reshape(base, y, e.dims(n.Out)...))
}

// routes say where rows go: order are the copies sorted by expert, back is the place of each copy in that order, counts are
// the numbers of copies for each expert.
type routes struct{ order, back, counts string }

// route sorts copies, the list of the experts they go to.
func (e *emitter) route(base, copies string, experts int) routes {
	size := e.op(base+".copies.count", "Shape", []string{copies})
	sort := func(name, list string) string {
		out := []string{base + name + ".values", base + name}
		return e.call("", "TopK", []string{list, size}, out, intAttr("axis", 0), intAttr("largest", 0))[1]
	}
	r := routes{order: sort(".order", copies)}
	r.back = sort(".places", r.order)
	numbers := make([]int64, experts)
	for i := range numbers {
		numbers[i] = int64(i)
	}
	column := e.op(base+".column", "Unsqueeze", []string{copies, e.ints(1)})
	hits := e.op(base+".hits", "Equal", []string{column, e.ints(numbers...)})
	hits = e.convert(base+".hits.int64", hits, Bool, Int64)
	r.counts = e.op(base+".counts", "ReduceSum", []string{hits, e.ints(0)}, intAttr("keepdims", 0))
	return r
}

// expertProducts multiplies each expert's share of the sorted rows by the expert's matrix, and adds its bias.
func (e *emitter) expertProducts(n *workloads.Node, at, biasAt int, sorted, counts string) string {
	w, out := n.In[at], make([]string, n.In[at].Shape[0])
	for i := range out {
		out[i] = fmt.Sprintf("%s.%s.%d.rows", n.Out.Name, w.Name, i)
	}
	shares := e.call("", "Split", []string{sorted, counts}, out, intAttr("axis", 0))
	for i, m := range experts(w) {
		name, bias := fmt.Sprintf("%s.%d", w.Name, i), ""
		if len(n.In) > biasAt {
			bias = e.part(n.In[biasAt], i)
		}
		base := fmt.Sprintf("%s.%s", n.Out.Name, name)
		if w.Param.Bits > 0 {
			out[i] = e.multiplyBlocks(base, shares[i], m, name, bias)
			continue
		}
		out[i] = e.op(base, "MatMul", []string{shares[i], e.part(w, i)})
		if bias != "" {
			out[i] = e.op(base+".biased", "Add", []string{out[i], bias})
		}
	}
	return e.op(n.Out.Name+"."+w.Name, "Concat", out, intAttr("axis", 0))
}

// part is element i of a parameter along its first axis.
func (e *emitter) part(v *workloads.Value, i int) string {
	size := workloads.Elements(v.Shape[1:])
	return e.floats(fmt.Sprintf("%s.%d", v.Name, i), e.dims(v)[1:],
		func(first int, dst []float32) error { return v.Generate(i*size+first, dst) })
}

// swigluAlpha is the steepness of the sigmoid of a clamped SwiGLU.
const swigluAlpha = 1.702

// swiglu is silu(gate)*up, or with a clamp c > 0 what gpt-oss has; see [workloads.OpMoE].
func (e *emitter) swiglu(base, gate, up string, c float64) string {
	if c == 0 {
		gate = e.op(base+".gated", "Mul", []string{gate, e.op(base+".sigmoid", "Sigmoid", []string{gate})})
		return e.op(base+".hidden", "Mul", []string{gate, up})
	}
	high := e.number(c, e.float)
	gate = e.op(base+".gate.clamped", "Clip", []string{gate, "", high})
	up = e.op(base+".up.clamped", "Clip", []string{up, e.number(-c, e.float), high})
	sigmoid := e.op(base+".sigmoid", "Sigmoid", []string{e.op(base+".steep", "Mul", []string{gate, e.number(swigluAlpha, e.float)})})
	gate = e.op(base+".gated", "Mul", []string{gate, sigmoid})
	return e.op(base+".hidden", "Mul", []string{gate, e.op(base+".up.one", "Add", []string{up, e.number(1, e.float)})})
}

// fusedExperts writes a mixture as MoE, or as QMoE with quantised weights. The rows of gate and up alternate in one matrix; one
// row of sums for each output, [E,2F,D] and [E,D,F].
func fusedExperts(e *emitter, n *workloads.Node) {
	w := n.In[gateAt]
	attrs := []attribute{intAttr("k", n.Attr.TopK), stringAttr("activation_type", "swiglu"), intAttr("swiglu_fusion", 1),
		intAttr("normalize_routing_weights", 1)}
	if c := n.Attr.Clamp; c > 0 {
		attrs = append(attrs, floatAttr("activation_alpha", swigluAlpha), floatAttr("activation_beta", 1), floatAttr("swiglu_limit", c))
	} else {
		attrs = append(attrs, floatAttr("activation_alpha", 1), floatAttr("activation_beta", 0))
	}
	into, outOf := e.fusedMatrices(w, n.In[upAt]), e.fusedMatrices(n.In[downAt])
	var intoBias, outBias string
	if len(n.In) > downBiasAt {
		intoBias, outBias = e.alternating(n.In[gateBiasAt], n.In[upBiasAt]), e.get(n.In[downBiasAt])
	}
	op, in := "MoE", []string{e.get(n.In[0]), e.reshape(n.Out.Name+".logits", e.get(n.In[1]), -1, int64(n.In[1].Shape[2]))}
	if w.Param.Bits > 0 {
		op = "QMoE"
		attrs = append(attrs, intAttr("expert_weight_bits", w.Param.Bits), intAttr("block_size", w.Param.Block))
	}
	in = append(append(in, into...), intoBias)
	in = append(append(in, outOf...), outBias)
	if outBias == "" {
		in = in[:len(in)-1]
	}
	e.set(n.Out, e.microsoft(op, in, []string{n.Out.Name}, attrs...)[0])
}

// fusedMatrices are the experts of one parameter, or of two whose columns alternate: floats, or levels and scales.
func (e *emitter) fusedMatrices(vs ...*workloads.Value) []string {
	v, p := vs[0], vs[0].Param
	name := v.Name
	if len(vs) > 1 {
		name += "+" + vs[1].Name
	}
	fill := func(row int64, pack func(m matrix, dst []byte) error) func(dst []byte) error {
		size := row * int64(v.Shape[2]*len(vs)) // of an expert
		return func(dst []byte) error {
			for offset, v := range vs {
				for i, m := range experts(v) {
					m.step, m.offset = len(vs), offset
					if err := pack(m, dst[int64(i)*size:]); err != nil {
						return err
					}
				}
			}
			return nil
		}
	}
	add := func(end string, typ int32, row, bytes int64, pack func(m matrix, dst []byte) error) string {
		shape := []int64{int64(v.Shape[0]), int64(v.Shape[2] * len(vs)), row}
		return e.weight(Weight{Name: name + end, Type: typ, Shape: shape, Bytes: shape[0] * shape[1] * bytes, Fill: fill(bytes, pack)})
	}
	k := int64(v.Shape[1])
	if p.Bits == 0 {
		return []string{add(".experts", e.float, k, k*width(e.float),
			func(m matrix, dst []byte) error { return m.packFloats(e.float, dst) })}
	}
	packed, blocks := k*int64(p.Bits)/8, k/int64(p.Block)
	return []string{add(".levels", Uint8, packed, packed, matrix.packLevels),
		add(".scales", e.float, blocks, blocks*width(e.float), func(m matrix, dst []byte) error { return m.packScales(e.float, dst) })}
}

// alternating are the elements of two parameters [E,F] by turns: [E,2F].
func (e *emitter) alternating(a, b *workloads.Value) string {
	f := a.Shape[1]
	return e.floats(a.Name+"+"+b.Name, []int64{int64(a.Shape[0]), int64(2 * f)}, func(first int, dst []float32) error {
		even, odd := make([]float32, len(dst)/2+1), make([]float32, len(dst)/2+1)
		lo := first / 2
		n := min(len(even), workloads.Elements(a.Shape)-lo)
		for _, p := range []struct {
			from *workloads.Value
			to   []float32
		}{{a, even[:n]}, {b, odd[:n]}} {
			if err := p.from.Generate(lo, p.to); err != nil {
				return err
			}
		}
		for i := range dst {
			dst[i] = even[(first+i)/2-lo]
			if (first+i)%2 == 1 {
				dst[i] = odd[(first+i)/2-lo]
			}
		}
		return nil
	})
}
