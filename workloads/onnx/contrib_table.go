package onnx

import "github.com/accelbench/accelbench/workloads"

// deployed lowers to operators of com.microsoft. The map is never changed.
var deployed = map[kind]lowering{
	kind(workloads.OpAdd):                deployAdd,
	kind(workloads.OpRelu):               deployRelu,
	kind(workloads.OpMaxPool):            deployMaxPool,
	kind(workloads.OpGlobalAvgPool):      deployGlobalAvgPool,
	kind(workloads.OpLayerNorm):          deployLayerNorm,
	kind(workloads.OpRMSNorm):            deployRMSNorm,
	kind(workloads.OpRope):               deployRope,
	kind(workloads.OpAttention):          deployAttention,
	kind(workloads.OpAttention) + cached: deployCached,
	kind(workloads.OpLinear) + quantised: deployQuantisedLinear,
	kind(workloads.OpConv2D) + quantised: deployQuantisedConv,
	kind(workloads.OpMoE):                deployExperts,
	kind(workloads.OpMoE) + quantised:    deployExperts,
}

// portableMore lowers mixtures of experts to operators of ai.onnx, and says what else takes the deployed dialect. The map is
// never changed.
var portableMore = map[kind]lowering{
	kind(workloads.OpMoE):                splitExperts,
	kind(workloads.OpMoE) + quantised:    needsDeployed("quantised weights"),
	kind(workloads.OpLinear) + quantised: needsDeployed("quantised weights"),
	kind(workloads.OpConv2D) + quantised: needsDeployed("quantised weights"),
}
