package onnx

import (
	"fmt"
	"slices"

	"github.com/accelbench/accelbench/workloads"
)

// lowering writes one node of the graph as operators: it takes its inputs with [emitter.get] or [emitter.getPlanes] and ends
// with [emitter.set] or [emitter.setPlanes] of its output.
type lowering func(e *emitter, n *workloads.Node)

// kind is an operation, or one of the forms of an operation that are written differently.
type kind string

// The ends of the kinds of attention with a cache, and of operations with quantised weights.
const (
	cached    = "/cached"
	quantised = "/quantised"
)

func kindOf(n *workloads.Node) kind {
	weights := func(v *workloads.Value) bool { return v.Kind == workloads.Param && v.Param.Bits > 0 }
	switch {
	case n.Op == workloads.OpAttention && len(n.In) > 3:
		return kind(n.Op) + cached
	case slices.ContainsFunc(n.In, weights):
		return kind(n.Op) + quantised
	}
	return kind(n.Op)
}

// portable lowers to operators of ai.onnx. The map is never changed.
var portable = map[kind]lowering{
	kind(workloads.OpEmbedding):          lowerEmbedding,
	kind(workloads.OpEmbeddingBag):       lowerEmbeddingBag,
	kind(workloads.OpLinear):             lowerLinear,
	kind(workloads.OpConv2D):             lowerConv,
	kind(workloads.OpConv1D):             lowerConv,
	kind(workloads.OpMaxPool):            lowerMaxPool,
	kind(workloads.OpGlobalAvgPool):      lowerGlobalAvgPool,
	kind(workloads.OpAdd):                elementwise("Add"),
	kind(workloads.OpMul):                elementwise("Mul"),
	kind(workloads.OpRelu):               elementwise("Relu"),
	kind(workloads.OpSigmoid):            elementwise("Sigmoid"),
	kind(workloads.OpCopy):               elementwise("Identity"),
	kind(workloads.OpGelu):               lowerGelu,
	kind(workloads.OpSilu):               lowerSilu,
	kind(workloads.OpLayerNorm):          lowerLayerNorm,
	kind(workloads.OpRMSNorm):            lowerRMSNorm,
	kind(workloads.OpGroupNorm):          lowerGroupNorm,
	kind(workloads.OpAddRows):            lowerAddRows,
	kind(workloads.OpConcat):             lowerConcat,
	kind(workloads.OpUpsample):           lowerUpsample,
	kind(workloads.OpRope):               lowerRope,
	kind(workloads.OpAttention):          lowerAttention,
	kind(workloads.OpAttention) + cached: lowerCached,
	kind(workloads.OpLast):               lowerLast,
	kind(workloads.OpStore):              lowerStore,
}

// lower writes a node: in the deployed dialect as that has it, if it has it, else in the portable form.
func (e *emitter) lower(n *workloads.Node) {
	k := kindOf(n)
	if l, ok := deployed[k]; ok && e.options.Dialect == Deployed {
		l(e, n)
		return
	}
	if l, ok := portable[k]; ok {
		l(e, n)
		return
	}
	if l, ok := portableMore[k]; ok {
		l(e, n)
		return
	}
	e.fail(fmt.Errorf("%s in the %s dialect: %w", k, e.options.Dialect, ErrUnsupported))
}
