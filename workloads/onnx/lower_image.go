package onnx

import (
	"fmt"
	"slices"

	"github.com/accelbench/accelbench/workloads"
)

// lowerConv lowers convolutions of images and of sequences: weights [K..,C,O] become [O,C,K..].
func lowerConv(e *emitter, n *workloads.Node) {
	rank := len(n.In[0].Shape)
	perm := []int{rank - 1, rank - 2}
	for axis := range rank - 2 {
		perm = append(perm, axis)
	}
	in := []string{e.getPlanes(n.In[0]), e.permuted(n.In[1], perm...)}
	if len(n.In) == 3 {
		in = append(in, e.get(n.In[2]))
	}
	e.setPlanes(n.Out, e.op(n.Out.Name+".planes", "Conv", in, window(n.Attr, rank-2)...))
}

func lowerMaxPool(e *emitter, n *workloads.Node) {
	e.setPlanes(n.Out, e.op(n.Out.Name+".planes", "MaxPool", []string{e.getPlanes(n.In[0])}, window(n.Attr, 2)...))
}

// window is the attributes of a kernel that is moved along the given number of axes.
func window(a workloads.Attr, axes int) []attribute {
	all := func(v, times int) []int { return slices.Repeat([]int{v}, times) }
	return []attribute{intsAttr("kernel_shape", all(a.Kernel, axes)...), intsAttr("strides", all(a.Stride, axes)...),
		intsAttr("pads", all(a.Pad, 2*axes)...)}
}

func lowerGlobalAvgPool(e *emitter, n *workloads.Node) {
	y := e.op(n.Out.Name+".planes", "GlobalAveragePool", []string{e.getPlanes(n.In[0])})
	e.set(n.Out, e.op(n.Out.Name, "Flatten", []string{y}, intAttr("axis", 1)))
}

func lowerUpsample(e *emitter, n *workloads.Node) {
	scales := e.memo("scales", e.scales)
	e.setPlanes(n.Out, e.op(n.Out.Name+".planes", "Resize", []string{e.getPlanes(n.In[0]), "", scales},
		stringAttr("mode", "nearest"), stringAttr("coordinate_transformation_mode", "asymmetric"), stringAttr("nearest_mode", "floor")))
}

// scales is the constant [1,1,2,2], of 32 bits at any precision.
func (e *emitter) scales() string {
	raw := make([]byte, 16)
	storeFloats(Float)(raw, []float32{1, 1, 2, 2})
	name := e.fresh("scales")
	e.inline.bytes(5, inlineTensor(name, Float, []int64{4}, raw))
	return name
}

// lowerGroupNorm normalises each group as one channel of an instance normalisation, then scales and shifts by channel.
// GroupNormalization, which version 21 has, is taken apart by ONNX Runtime 1.30 on CPUs: with 320 channels of 128 x 128 it
// took four times as long.
func lowerGroupNorm(e *emitter, n *workloads.Node) {
	x, base := n.In[0], n.Out.Name
	shape := x.Shape
	batch, width := int64(shape[0]), int64(shape[len(shape)-1])
	groups := n.Attr.Groups
	y := e.reshape(base+".groups", e.getPlanes(x), batch, int64(groups), -1)
	y = e.op(base+".unit", "InstanceNormalization", []string{y, e.constant(1, groups), e.constant(0, groups)},
		floatAttr("epsilon", n.Attr.Eps))
	y = e.reshape(base+".back", y, e.planeDims(x)...)
	y = e.op(base+".scaled", "Mul", []string{y, e.channel(n.In[1], width, len(shape))})
	e.setPlanes(n.Out, e.op(base+".planes", "Add", []string{y, e.channel(n.In[2], width, len(shape))}))
}

// channel is a parameter [D] in the shape [D,1,...] that scales or shifts planes of the given rank.
func (e *emitter) channel(v *workloads.Value, width int64, rank int) string {
	if rank == 2 {
		return e.param(v)
	}
	shape := []int64{width}
	for range rank - 2 {
		shape = append(shape, 1)
	}
	return e.floats(fmt.Sprintf("%s.channels%d", v.Name, rank-2), shape, v.Generate)
}
