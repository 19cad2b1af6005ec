package workloads

// The precisions. Full, half and bfloat16 are those of all floats. Quantised models have weights of products in that many
// bits: integers beside f32, or for fp8 floats of 8 bits (e4m3) with one f32 scale per column beside bf16, whose products
// also take activations in e4m3, with one scale per tensor.
const (
	Full     = "f32"
	Half     = "f16"
	BFloat16 = "bf16"
	Int8     = "int8"
	Float8   = "fp8"
	Int4     = "int4"
)

// Options choose a shape of a workload. Zero means the workload's default; an option that a workload does not have is an
// error of [Find].
type Options struct {
	Precision string `json:"precision,omitempty"`
	Batch     int    `json:"batch,omitempty"`
	SeqLen    int    `json:"seq_len,omitempty"`
	ISL       int    `json:"isl,omitempty"`
	OSL       int    `json:"osl,omitempty"`
}

// Phase is one graph of a workload. All phases share parameters and states by name.
type Phase struct {
	// Name is "forward" for single-pass models, "prefill" and "decode" for decoders.
	Name  string
	Graph *Graph
}

// Workload is a model at true shape with everything needed to run and to check it. A query is Calls() calls of graphs:
// one forward pass, or one prefill and OSL-1 decode steps.
type Workload struct {
	Name    string
	Title   string
	Family  string
	Options Options // effective: defaults filled in
	// Unit is what throughput counts, in the singular: image, sequence, token (output tokens), gemm, MiB.
	Unit string
	// UnitsPerSample is the number of units that one sample completes.
	UnitsPerSample int
	// Parameters is the number of learned elements.
	Parameters int64
	// Data describes the synthetic inputs and parameters in one line for the result.
	Data   string
	Phases []Phase
	// Seed is the seed of parameters and inputs. It is part of the workload's definition: golden values depend on it.
	Seed uint64
	// Pool is the number of distinct samples (MLPerf's performance sample count): sample i and i+Pool are the same.
	Pool int
	// File is the model file that is run in place of graphs, whose phase then has inputs and outputs only; nil for
	// workloads that are graphs.
	File *ModelFile
	// WeightsDigest identifies the folder that the parameters are read from; empty if they are generated.
	WeightsDigest string
	// source gives the parameters that come from elsewhere; nil where all are generated.
	source func(v *Value) (Weights, error)
	// again builds the workload with other options, from the same source; nil for standard ones.
	again func(Options) (*Workload, error)
	// copies counts elements that a quantised model stores a second time: tied tables.
	copies int64
	// positions are those of a decoder whose logits have golden values; nil for single-pass models.
	positions []int
}

// FileFormat is the format of a model file.
type FileFormat string

// The formats: ONNX is for any engine that reads it, NEFF is a program for AWS Neuron chips.
const (
	ONNX FileFormat = "onnx"
	NEFF FileFormat = "neff"
)

// ModelFile is a file with a model of the user's.
type ModelFile struct {
	Format FileFormat
	Path   string
	SHA256 string
	Bytes  int64
}

// Calls is the number of graph executions that answer one batch of samples.
func (w *Workload) Calls() int {
	if len(w.Phases) == 1 {
		return 1
	}
	return w.Options.OSL
}

// Phase is the index of the phase that call c runs, and the position at which it starts (0 for single-pass models).
func (w *Workload) Phase(c int) (phase, position int) {
	if len(w.Phases) == 1 || c == 0 {
		return 0, 0
	}
	return 1, w.Options.ISL + c - 1
}

// Fill writes the inputs of call c for the given samples, one sample per batch row, to in, which has the shapes of the
// phase's graph inputs.
func (w *Workload) Fill(c int, samples []int, in []Tensor) {
	phase, position := w.Phase(c)
	for i, v := range w.Phases[phase].Graph.Inputs() {
		if v.Fill.Kind == FillPosition {
			in[i].I32[0] = int32(position)
			continue
		}
		row := Elements(v.Shape) / len(samples)
		for r, sample := range samples {
			stream := streamSeed(w.Seed+uint64(sample%w.Pool)*weyl, "input."+v.Name)
			switch lo := r * row; v.Fill.Kind {
			case FillRange:
				fillRange(stream, v.Fill, in[i].Slice(lo, lo+row))
			case FillGiven:
				in[i].Slice(lo, lo+row).copyFrom(*v.Fill.Given)
			case FillUniform:
				fillUniform(stream, 0, 0, 1.0/(1<<(uniformBits-1)), in[i].F32[lo:lo+row])
			case FillTokens:
				for s := range row {
					in[i].I32[lo+s] = int32(mix(stream+uint64(position+s)*weyl) >> 33 % uint64(v.Fill.Vocab))
				}
			case FillIota:
				for s := range row {
					in[i].I32[lo+s] = int32(position + s)
				}
			case FillSegments:
				for s := range row {
					in[i].I32[lo+s] = int32(2 * s / row)
				}
			}
		}
	}
}

// NewInputs allocates tensors for the inputs of a phase.
func (w *Workload) NewInputs(phase int) []Tensor { return tensors(w.Phases[phase].Graph.Inputs()) }

// NewOutputs allocates tensors for the outputs of a phase.
func (w *Workload) NewOutputs(phase int) []Tensor { return tensors(w.Phases[phase].Graph.Outputs) }

func tensors(vs []*Value) []Tensor {
	out := make([]Tensor, len(vs))
	for i, v := range vs {
		out[i] = NewTensor(v.DType, v.Shape)
	}
	return out
}
