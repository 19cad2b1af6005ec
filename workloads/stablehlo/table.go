package stablehlo

import "github.com/accelbench/accelbench/workloads"

// lowering writes one node of the graph: it takes its inputs with [emitter.get] and ends with [emitter.set] of its output.
type lowering func(e *emitter, n *workloads.Node)

// lowerings has every operation. The map is never changed.
var lowerings = map[workloads.Op]lowering{
	workloads.OpEmbedding:     lowerEmbedding,
	workloads.OpEmbeddingBag:  lowerEmbeddingBag,
	workloads.OpLinear:        lowerLinear,
	workloads.OpConv2D:        lowerConv,
	workloads.OpConv1D:        lowerConv,
	workloads.OpMaxPool:       lowerMaxPool,
	workloads.OpGlobalAvgPool: lowerGlobalAvgPool,
	workloads.OpAdd:           lowerAdd,
	workloads.OpMul:           lowerMul,
	workloads.OpRelu:          lowerRelu,
	workloads.OpGelu:          lowerGelu,
	workloads.OpSilu:          lowerSilu,
	workloads.OpSigmoid:       lowerSigmoid,
	workloads.OpAddRows:       lowerAddRows,
	workloads.OpConcat:        lowerConcat,
	workloads.OpUpsample:      lowerUpsample,
	workloads.OpGroupNorm:     lowerGroupNorm,
	workloads.OpStore:         lowerStore,
	workloads.OpMoE:           lowerMoE,
	workloads.OpLayerNorm:     lowerLayerNorm,
	workloads.OpRMSNorm:       lowerRMSNorm,
	workloads.OpRope:          lowerRope,
	workloads.OpAttention:     lowerAttention,
	workloads.OpLast:          lowerLast,
	workloads.OpCopy:          lowerCopy,
}
