// Package onnx writes the graphs of the standard workloads as ONNX models, the form in which engines outside of this project
// take them.
//
// The flow: [Write] groups the phases of a workload into models; for each model an emitter walks the nodes of the graph and
// looks up, by operation and dialect, the lowering that writes them as ONNX operators; parameters become [Weight] entries that
// generate their bytes only when somebody asks, so that writing a model of any size costs a few hundred kilobytes;
// [Model.Save] makes a file of it for other tools.
//
// Image values are kept with their channels first, as ONNX's convolutions want them, for as long as they pass operations that
// do not care; weights are permuted when they are generated. Ports keep the layout of the workload, and so do states but for the
// caches of the deployed dialect, which are [B,KVHeads,T,HeadDim]. In that dialect what deployments have fused is fused: a
// residual sum with its norm, a rotation with its attention, a quantised convolution with its ReLU.
//
// The room's one rule: a model is a function of the workload and the [Options]. The same two give the same bytes, and weights
// of the same name in two models of a workload have the same content.
package onnx
