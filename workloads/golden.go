package workloads

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"slices"
)

// Golden holds what a workload's outputs should be, from the float64 reference: for each sample of the pool, and for
// decoders for some positions, some elements of the output row and the root mean square of the whole row. It does not
// depend on the batch, and for decoders not on how a run is split into input and output.
type Golden struct {
	Workload string  `json:"workload"`
	Options  Options `json:"options"` // those of the shape it was computed at, see Workload.Canonical
	// Key identifies computation, seed and pool; see Workload.GoldenKey.
	Key string `json:"key"`
	// Width is the number of elements in the output of one sample; Elements are the sampled ones, in increasing order.
	Width    int         `json:"width"`
	Elements []int       `json:"elements"`
	Rows     []GoldenRow `json:"rows"`
}

// GoldenRow is the output for one sample: Values are those of Golden.Elements, RMS that of the whole row. Position is that
// of the last token that went in; 0 for single-pass models.
type GoldenRow struct {
	Sample   int       `json:"sample"`
	Position int       `json:"position"`
	RMS      float64   `json:"rms"`
	Values   []float64 `json:"values"`
	// Engine is the engine that made the row where the float64 reference was too dear, as "native on cpu"; empty for the
	// reference.
	Engine string `json:"engine,omitempty"`
}

// ErrGolden marks a golden record that is malformed or belongs to another workload.
var ErrGolden = errors.New("golden values do not fit")

// MaxReferenceFLOPs is the most work for which computing golden values on the spot is reasonable: minutes of a few cores.
const MaxReferenceFLOPs = 1e12

//go:embed golden
var goldenFiles embed.FS

// Canonical is the workload at the shape its golden values are computed at: batch 1, and for decoders one prefill up to
// the last golden position.
func (w *Workload) Canonical() (*Workload, error) {
	o := w.Options
	o.Batch = 1
	if w.positions != nil {
		o.ISL, o.OSL = w.positions[len(w.positions)-1]+1, 1
	}
	if o == w.Options {
		return w, nil
	}
	if w.again != nil {
		return w.again(o)
	}
	return Find(w.Name, o)
}

// GoldenPositions are the positions at which a decoder has golden values; nil for single-pass models.
func (w *Workload) GoldenPositions() []int { return slices.Clone(w.positions) }

// ReferenceFLOPs is the work of computing the golden values of this workload; compare it with [MaxReferenceFLOPs].
func (w *Workload) ReferenceFLOPs() (float64, error) {
	c, err := w.Canonical()
	if err != nil {
		return 0, err
	}
	return float64(c.Pool) * float64(c.Cost(0).FLOPs), nil
}

// GoldenKey identifies everything that golden values depend on: the graph at canonical shape, seed and pool.
func (w *Workload) GoldenKey() (string, error) {
	c, err := w.Canonical()
	if err != nil {
		return "", err
	}
	text := fmt.Sprintf("%s %s %d %d %v", c.Name, c.Phases[0].Graph.Hash(), c.Seed, c.Pool, c.positions)
	if c.WeightsDigest != "" {
		text += " " + c.WeightsDigest
	}
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8]), nil
}

// Golden finds the embedded golden values; false if there are none for this shape.
func (w *Workload) Golden() (*Golden, bool) {
	c, err := w.Canonical()
	if err != nil {
		return nil, false
	}
	key, err := c.GoldenKey()
	if err != nil {
		return nil, false
	}
	text, err := goldenFiles.ReadFile("golden/" + (&Golden{Workload: c.Name, Options: c.Options}).File())
	if err != nil {
		return nil, false
	}
	g, err := ReadGolden(text)
	if err != nil || g.Key != key {
		return nil, false
	}
	return g, true
}

// Independent are the golden values that can check an engine: all rows but those that it made itself. False if none are left.
func (g *Golden) Independent(engine string) (*Golden, bool) {
	out := *g
	out.Rows = slices.DeleteFunc(slices.Clone(g.Rows), func(r GoldenRow) bool { return r.Engine == engine && engine != "" })
	return &out, len(out.Rows) > 0
}

// GoldenElements chooses up to 64 elements of a row of the given width: one from each 64th, at a hashed place.
func GoldenElements(width int) []int {
	const most = 64
	n := min(width, most)
	out := make([]int, n)
	for i := range out {
		lo, hi := i*width/n, (i+1)*width/n
		out[i] = lo + int(mix(uint64(i+1)*weyl)>>1%uint64(hi-lo))
	}
	return out
}

// Calls lists the calls of w whose outputs the golden values can check; for single-pass models that is call 0.
func (g *Golden) Calls(w *Workload) []int {
	var out []int
	for c := range w.Calls() {
		if slices.ContainsFunc(g.Rows, func(r GoldenRow) bool { return r.Position == w.OutputPosition(c) }) {
			out = append(out, c)
		}
	}
	return out
}

// Unchecked names the phases of which none of the checked calls is: work left out there would not show.
func (w *Workload) Unchecked(checked []int) []string {
	seen := make([]bool, len(w.Phases))
	for _, c := range checked {
		phase, _ := w.Phase(c)
		seen[phase] = true
	}
	var out []string
	for c := range w.Calls() {
		if phase, _ := w.Phase(c); !seen[phase] {
			seen[phase] = true
			out = append(out, w.Phases[phase].Name)
		}
	}
	return out
}

// UncheckedPhases names the phases that the reference's golden values could not check at this shape.
func (w *Workload) UncheckedPhases() []string {
	if w.positions == nil {
		return nil
	}
	var calls []int
	for c := range w.Calls() {
		if slices.Contains(w.positions, w.OutputPosition(c)) {
			calls = append(calls, c)
		}
	}
	return w.Unchecked(calls)
}

// OutputPosition is the position of the last token that goes into call c, which its output follows; 0 for single-pass models.
func (w *Workload) OutputPosition(c int) int {
	if len(w.Phases) == 1 {
		return 0
	}
	return w.Options.ISL - 1 + c
}

// Tolerance is the largest error that Check passes, and false for a precision without one. Errors are measured as Check
// does, on ONNX Runtime 1.30 and the native engine on a CPU.
//
// f32: 1e-4. The engines err by at most 1e-5 on the standard workloads, most on the decoders; rounding the factors of all
// products to the 10 bits of TF32, the least wrong way to be wrong, errs by 4e-4 (BERT-base) to 5e-3 (SmolLM2) and must not
// pass as f32.
//
// f16: 2e-2. Computing in halves errs by 5e-4 (gemm) to 7e-3 (SmolLM2, BERT-large).
//
// bf16: 0.1, and 0.2 for decoders. Rounding every parameter, input and result to 8 bits, and computing exactly in between, errs by
// 0.002 (dlrm-v2-capped), 0.005 (gemm), 0.006 (ResNet-50), 0.013 (BERT-base), 0.032 (Whisper tiny), 0.045 (BERT-large), and in
// decoders by 0.09 (SmolLM2) to 0.12 (Llama-3.2-1B); the same in f16 errs by an eighth of that.
//
// fp8: 0.15, and 0.35 for decoders. The weights are exact, and what errs is the rounding of the other factor to the 4 bits of e4m3
// under one scale for the tensor, with all else rounded to bf16: 0.061 (gemm), 0.068 (BERT-base), and in decoders 0.19 (SmolLM2,
// Llama-3.2-1B and Llama-3.1-8B alike). Outputs of two samples or positions differ by 0.25 (BERT-base) and 1.2 (Llama-3.2-1B) at
// least, and by 0.34 or more in SmolLM2, whose positions are many.
//
// int8 and int4: the weights are exact, and what errs is the rounding of activations to 8 bits that deployments do. It costs
// 0.007 (gemm), 0.015 (ResNet-50), 0.025 (BERT-base), 0.047 (Whisper), and in decoders 0.08 (Llama-3.2-1B) to 0.15
// (Llama-3.1-8B). Hence 0.08, and 0.2 for decoders, where losing one of 32 positions errs by 0.26 and wrong scales or rotations
// by 1 and more.
func (w *Workload) Tolerance() (float64, bool) {
	switch precision := w.Options.Precision; {
	case precision == Full:
		return 1e-4, true
	case precision == Half:
		return 2e-2, true
	case precision == BFloat16 && w.Family == familyDecoder:
		return 0.2, true
	case precision == BFloat16:
		return 0.1, true
	case precision == Float8 && w.Family == familyDecoder:
		return 0.35, true
	case precision == Float8:
		return 0.15, true
	case quantised(precision) && w.Family == familyDecoder:
		return 0.2, true
	case quantised(precision):
		return 0.08, true
	}
	return 0, false
}

// Check is the outcome of comparing one call's outputs with golden values.
type Check struct {
	// Error is the largest of |got-want| / (rms of the row + |want|) over the finite checked elements, and of the relative
	// errors of the rows' root mean squares.
	Error     float64 `json:"error"`
	Tolerance float64 `json:"tolerance"`
	// Elements is the number of compared elements. 0 means that there are no golden values for this call: it has then
	// neither passed nor failed, unless Reason says what is wrong with the outputs in themselves.
	Elements int  `json:"elements"`
	Passed   bool `json:"passed"`
	// CrossEngine tells that some of the compared rows were made by another engine and not by the reference.
	CrossEngine bool `json:"cross_engine,omitempty"`
	// Reason says why it did not pass; empty if it passed or nothing was compared.
	Reason string `json:"reason,omitempty"`
}

// Check compares the outputs of call c, computed for the given samples, with the golden values. It looks at every element
// for NaN and infinities and at every pair of rows for different samples with the same output. The error wraps
// [ErrGolden]: outputs of another shape, or golden values of another workload.
func (g *Golden) Check(w *Workload, c int, samples []int, out []Tensor) (Check, error) {
	tolerance, ok := w.Tolerance()
	if !ok {
		return Check{}, fmt.Errorf("checking %s in %q: %w", w.Name, w.Options.Precision, ErrPrecision)
	}
	if len(out) != 1 || len(samples) == 0 || len(out[0].F32) != len(samples)*g.Width {
		return Check{}, fmt.Errorf("checking %s: %w: want one output of %d x %d elements", w.Name, ErrGolden, len(samples), g.Width)
	}
	key, err := w.GoldenKey()
	if err != nil {
		return Check{}, fmt.Errorf("checking %s: %w", w.Name, err)
	}
	if key != g.Key {
		return Check{}, fmt.Errorf("checking %s: %w: key %s, want %s", w.Name, ErrGolden, g.Key, key)
	}
	check := Check{Tolerance: tolerance}
	row := func(i int) []float32 { return out[0].F32[i*g.Width : (i+1)*g.Width] }
	for i, sample := range samples {
		rms := rootMeanSquare(row(i))
		if math.IsNaN(rms) || math.IsInf(rms, 0) {
			check.Reason = fmt.Sprintf("NaN or infinity in the output of sample %d (batch row %d)", sample, i)
			continue
		}
		at := slices.IndexFunc(g.Rows, func(r GoldenRow) bool {
			return r.Sample == sample%w.Pool && r.Position == w.OutputPosition(c)
		})
		if at < 0 {
			continue
		}
		check.compare(g, g.Rows[at], row(i), rms)
	}
	// Short rows are compared in full, and near ones may become equal where the precision is low.
	if check.Reason == "" && len(g.Elements) < g.Width {
		check.Reason = sameRows(w, samples, row)
	}
	if check.Reason == "" && check.Error > tolerance {
		check.Reason = fmt.Sprintf("error %.3g is above the tolerance %.3g", check.Error, tolerance)
	}
	check.Passed = check.Reason == "" && check.Elements > 0
	return check, nil
}

func (c *Check) compare(g *Golden, want GoldenRow, got []float32, rms float64) {
	c.Error = max(c.Error, math.Abs(rms-want.RMS)/want.RMS)
	for j, element := range g.Elements {
		c.Error = max(c.Error, math.Abs(float64(got[element])-want.Values[j])/(want.RMS+math.Abs(want.Values[j])))
	}
	c.Elements += len(g.Elements)
	c.CrossEngine = c.CrossEngine || want.Engine != ""
}

// sameRows finds two rows of different samples with the same output, which no standard workload with long rows has.
func sameRows(w *Workload, samples []int, row func(int) []float32) string {
	for i, a := range samples {
		for j, b := range samples[:i] {
			if a%w.Pool != b%w.Pool && slices.Equal(row(i), row(j)) {
				return fmt.Sprintf("samples %d and %d have the same output (batch rows %d and %d)", b, a, j, i)
			}
		}
	}
	return ""
}

// rootMeanSquare is NaN or infinite if an element is: float32 squares do not overflow a float64.
func rootMeanSquare(x []float32) float64 {
	var sum float64
	for _, v := range x {
		sum += float64(v) * float64(v)
	}
	return math.Sqrt(sum / float64(len(x)))
}
