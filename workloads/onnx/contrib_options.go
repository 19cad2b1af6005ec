package onnx

// Experts says how a model of the deployed dialect has its mixtures of experts.
type Experts int

// SplitExperts sorts the rows of a call by expert and multiplies each expert's rows in one product per matrix, as the portable
// dialect does: no work for experts that no row goes to, with the kernels of ordinary products. FusedExperts has the operators
// MoE and QMoE, which engines for GPUs have kernels for; those of ONNX Runtime 1.30 for CPUs turn the quantised weights of every
// chosen expert into floats in each call.
const (
	SplitExperts Experts = iota
	FusedExperts
)

// The levels of accuracy of products with block-quantised weights: what their activations may be rounded to.
const (
	// AccuracyFloat keeps the activations.
	AccuracyFloat = 1
	// AccuracyInt8 rounds each block of activations to 8 bits, which is what deployments on CPUs do.
	AccuracyInt8 = 4
)
