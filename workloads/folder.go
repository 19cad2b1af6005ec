package workloads

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/accelbench/accelbench/workloads/hf"
)

// ErrFolder marks a folder whose model this project does not compute, ErrFolderFormat one whose files are damaged.
var (
	ErrFolder       = hf.ErrUnsupported
	ErrFolderFormat = hf.ErrFormat
)

// FromFolder builds the workload of a Hugging Face folder: a decoder or an encoder of its shape with its weights, called by
// the last element of the folder's path. The digest is the one that the folder must have, empty for any; computing it reads all of the folder.
// The files stay open as long as the process lives. Errors wrap [ErrFolder], [ErrFolderFormat] or [ErrPrecision], since
// quantised weights would be a choice of this project's, or are an [*OptionError].
func FromFolder(dir, digest string, o Options) (*Workload, error) {
	folder, err := hf.Open(dir)
	if err != nil {
		return nil, err
	}
	if full, err := filepath.Abs(dir); err == nil {
		dir = full // "." has no name
	}
	w, err := checkedFolder(folder, filepath.Base(dir), o)
	if err == nil {
		w.WeightsDigest, err = folder.Digest() // last, since it takes long
	}
	if err == nil && digest != "" && digest != w.WeightsDigest {
		err = fmt.Errorf("%w: folder %s was changed since this measurement was planned", ErrFolderFormat, filepath.Base(dir))
	}
	if err != nil {
		return nil, errors.Join(err, folder.Close())
	}
	return w, nil
}

// checkedFolder finds all parameters before a graph is built of them.
func checkedFolder(folder *hf.Folder, name string, o Options) (*Workload, error) {
	for _, r := range folder.Roles() {
		if _, err := folder.Source(r.Name, r.Shape); err != nil {
			return nil, err
		}
	}
	return fromFolder(folder, name, "", o)
}

func fromFolder(folder *hf.Folder, name, digest string, o Options) (*Workload, error) {
	m, err := modelOf(folder.Config(), name)
	if err != nil {
		return nil, fmt.Errorf("building %s: %w", name, err)
	}
	o, err = m.effective(o)
	if err != nil {
		return nil, err
	}
	w := m.workload(o)
	w.WeightsDigest = digest
	w.source = func(v *Value) (Weights, error) { return folder.Source(v.Name, v.Shape) }
	w.again = func(o Options) (*Workload, error) { return fromFolder(folder, name, w.WeightsDigest, o) }
	return m.finish(w)
}

// modelOf is the row of the catalogue that a configuration describes.
func modelOf(c hf.Config, name string) (model, error) {
	title := fmt.Sprintf("%s of %d layers, weights from a folder", strings.TrimSuffix(c.Architecture, "ForCausalLM"), c.Layers)
	build := decoderOf
	if c.Family == hf.Encoder {
		build = encoderOf
	}
	m, err := build(c, name, title)
	m.precisions = []string{Full, Half, BFloat16}
	return m, err
}

func encoderOf(c hf.Config, name, title string) (model, error) {
	if c.TypeVocab < 2 {
		return model{}, fmt.Errorf("%w: type_vocab_size: %d: inputs have 2 segments", ErrFolder, c.TypeVocab)
	}
	m := encoder{layers: c.Layers, width: c.Width, heads: c.Heads, ffn: c.FFN, vocab: c.Vocab, positions: c.MaxPositions,
		types: c.TypeVocab, eps: c.Eps}.model(name, title)
	m.data = "random tokens, two segments of equal length, full-length sequences without padding or padding mask; " +
		"the folder's weights"
	return m, nil
}

// folderPositions bounds the golden positions of a decoder from a folder: they are computed before the run.
const folderPositions = 160

func decoderOf(c hf.Config, name, title string) (model, error) {
	d := decoder{layers: c.Layers, width: c.Width, heads: c.Heads, kvHeads: c.KVHeads, headDim: c.HeadDim, ffn: c.FFN,
		vocab: c.Vocab, context: c.Context(), theta: c.Theta, eps: c.Eps, untied: !c.Tied, qkvBiased: c.QKVBias}
	if d.context < 2 {
		return model{}, fmt.Errorf("%w: sequences of at most %d token: one goes in and one comes out", ErrFolder, d.context)
	}
	if s := c.RopeScaling; s != nil {
		d.llama3 = Llama3Scaling{Factor: s.Factor, Low: s.Low, High: s.High, Context: s.OldContext}
	}
	m := d.model(name, title, folderPositions)
	m.data = "random tokens, also those after the input (teacher-forced); the folder's weights"
	for i := range m.options {
		m.options[i].Default = min(m.options[i].Default, d.context/2)
	}
	return m, nil
}
