package onnx

import (
	"fmt"
	"math"

	"github.com/accelbench/accelbench/workloads"
)

// coding is a tensor in unsigned bytes, with its channels on axis 1: a byte u stands for (u - zero) * scale.
type coding struct {
	name  string
	scale float64 // exact in 32 bits
	zero  uint8
}

// coded tells whether v is there in bytes.
func (e *emitter) coded(v *workloads.Value) bool {
	_, ok := e.codes[v]
	return ok
}

// codingOf is the coding that the range of v asks for, still without its bytes. It has an exact zero, which padding needs.
func (e *emitter) codingOf(v *workloads.Value) coding {
	if e.options.Ranges == nil {
		e.fail(fmt.Errorf("quantised convolutions: %w: set Options.Ranges to the ranges of the activations", ErrUnsupported))
		return coding{scale: 1}
	}
	low, high, ok := e.options.Ranges(v.Name)
	low, high = min(low, 0), max(high, 0)
	scale := float64(float32((high - low) / math.MaxUint8))
	if !ok || !(scale > 0) || math.IsInf(scale, 0) {
		e.fail(fmt.Errorf("the range of %s: %w: Options.Ranges gives none, or one without width", v.Name, ErrUnsupported))
		return coding{scale: 1}
	}
	return coding{scale: scale, zero: uint8(min(math.RoundToEven(-low/scale), math.MaxUint8))}
}

// units are the inputs with which an operator takes scale and zero of a coding; bytes has its tensor before them.
func (e *emitter) units(c coding) []string {
	return []string{e.number(c.scale, Float), e.zeros(Uint8, nil, c.zero)}
}

func (e *emitter) bytes(c coding) []string { return append([]string{c.name}, e.units(c)...) }

// zeros is a constant of bytes, all equal to the zero z of a coding.
func (e *emitter) zeros(typ int32, shape []int64, z uint8) string {
	key := fmt.Sprintf("zero.%d.%d.%v", typ, z, elements(shape))
	return e.memo(fmt.Sprintf("%s %v", key, shape), func() string {
		raw := make([]byte, elements(shape))
		for i := range raw {
			raw[i] = z
		}
		name := e.fresh(key)
		e.inline.bytes(5, inlineTensor(name, typ, shape, raw))
		return name
	})
}

// encode is v in bytes.
func (e *emitter) encode(v *workloads.Value) coding {
	if c, ok := e.codes[v]; ok {
		return c
	}
	c := e.codingOf(v)
	c.name = e.op(v.Name+".bytes", "QuantizeLinear", append([]string{e.getPlanes(v)}, e.units(c)...))
	e.codes[v] = c
	return c
}

// decode makes floats of v if it is there in bytes only.
func (e *emitter) decode(v *workloads.Value) {
	if c, ok := e.codes[v]; ok && e.rows[v] == "" && e.planes[v] == "" {
		e.setPlanes(v, e.op(v.Name+".floats", "DequantizeLinear", e.bytes(c)))
	}
}

// target is where the result of n goes in bytes: to the ReLU behind it if that is all that uses it, because clipping to a range
// from 0 on is one. Its coding holds for both.
func (e *emitter) target(n *workloads.Node) (*workloads.Value, coding) {
	if next := e.consumer(n.Out); next != nil && next.Op == workloads.OpRelu {
		c := e.codingOf(next.Out)
		if c.zero != 0 {
			e.fail(fmt.Errorf("the range of %s, a ReLU, starts below 0", next.Out.Name))
		}
		return next.Out, c
	}
	return n.Out, e.codingOf(n.Out)
}

// deployQuantisedConv writes a convolution of bytes. The bias is in units of the product of both scales.
func deployQuantisedConv(e *emitter, n *workloads.Node) {
	w := n.In[1]
	outputs := w.Shape[len(w.Shape)-1]
	if w.Param.Bits != 8 || w.Groups() != outputs {
		e.fail(fmt.Errorf("%s: %w: convolutions take 8 bits and one scale for each output", w.Name, ErrUnsupported))
		return
	}
	x := e.encode(n.In[0])
	to, c := e.target(n)
	shape := []int64{int64(outputs), int64(w.Shape[2]), int64(w.Shape[0]), int64(w.Shape[1])}
	levels := e.weight(Weight{Name: w.Name + ".kernels", Type: Int8, Shape: shape, Bytes: elements(shape),
		Fill: func(dst []byte) error { return kernelLevels(w, dst) }})
	in := append(e.bytes(x), levels, e.columnScales(w), e.zeros(Int8, []int64{int64(outputs)}, 0))
	in = append(in, e.units(c)...)
	if len(n.In) == 3 {
		in = append(in, e.quantisedBias(n.In[2], w, x.scale))
	}
	c.name = e.op(to.Name+".bytes", "QLinearConv", in, window(n.Attr, 2)...)
	e.codes[to] = c
}

// quantisedBias is a bias in 32-bit integers, in units of the scale of the input times those of the weights.
func (e *emitter) quantisedBias(bias, w *workloads.Value, scale float64) string {
	n := bias.Shape[0]
	return e.weight(Weight{Name: fmt.Sprintf("%s.int32.%v", bias.Name, float32(scale)), Type: Int32, Shape: []int64{int64(n)},
		Bytes: int64(n) * width(Int32), Fill: func(dst []byte) error {
			b, s := make([]float32, n), make([]float32, n)
			w.Scales(0, s)
			err := bias.Generate(0, b)
			for i := range b {
				putInt32(dst, i, float64(b[i])/(scale*float64(s[i])))
			}
			return err
		}})
}

func (e *emitter) quantisedAdd(n *workloads.Node) {
	a, b := e.encode(n.In[0]), e.encode(n.In[1])
	to, c := e.target(n)
	in := append(append(e.bytes(a), e.bytes(b)...), e.units(c)...)
	c.name = e.microsoft("QLinearAdd", in, []string{to.Name + ".bytes"})[0]
	e.codes[to] = c
}

// deployRelu has nothing to do where the operator before has clipped.
func deployRelu(e *emitter, n *workloads.Node) {
	if !e.written(n.Out) {
		elementwise("Relu")(e, n)
	}
}

// deployMaxPool takes the maximum of bytes, which has the coding of its input.
func deployMaxPool(e *emitter, n *workloads.Node) {
	if !e.coded(n.In[0]) {
		lowerMaxPool(e, n)
		return
	}
	c := e.codes[n.In[0]]
	c.name = e.op(n.Out.Name+".bytes", "MaxPool", []string{c.name}, window(n.Attr, 2)...)
	e.codes[n.Out] = c
}

func deployGlobalAvgPool(e *emitter, n *workloads.Node) {
	if !e.coded(n.In[0]) {
		lowerGlobalAvgPool(e, n)
		return
	}
	x, c := e.codes[n.In[0]], e.codingOf(n.Out)
	in := append(e.bytes(x), e.units(c)...)
	pooled := e.microsoft("QLinearGlobalAveragePool", in, []string{n.Out.Name + ".pooled"}, intAttr("channels_last", 0))
	c.name = e.op(n.Out.Name+".bytes", "Flatten", pooled, intAttr("axis", 1))
	e.codes[n.Out] = c
}

// quantisedGemm multiplies bytes [B,K] and gives floats.
func (e *emitter) quantisedGemm(n *workloads.Node, m matrix) {
	x := e.codes[n.In[0]]
	levels, scales := e.columns(m)
	in := append(e.bytes(x), levels, scales, e.zeros(Int8, []int64{int64(m.n)}, 0))
	if len(n.In) == 3 {
		in = append(in, e.quantisedBias(n.In[2], n.In[1], x.scale))
	}
	e.set(n.Out, e.microsoft("QGemm", in, []string{n.Out.Name})[0])
}
