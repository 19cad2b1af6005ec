package onnx

import (
	"slices"

	"github.com/accelbench/accelbench/workloads"
)

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

// CPUAccuracy is AccuracyInt8, as deployments on CPUs have it; AccuracyFloat for mixtures of experts: with 8 bits a router whose
// logits lie close, as a random one's do, takes other experts, and after the 24 layers of gpt-oss the outputs have nothing in
// common with the right ones (error 1.6 of their size; in floats 3e-5), so that they could not be checked.
func CPUAccuracy(w *workloads.Workload) int {
	if slices.ContainsFunc(w.Phases[0].Graph.Nodes, func(n *workloads.Node) bool { return n.Op == workloads.OpMoE }) {
		return AccuracyFloat
	}
	return AccuracyInt8
}
