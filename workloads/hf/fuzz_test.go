package hf

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/workloads/hf/hftest"
)

// The parsers of foreign bytes are not exported; hence the inside view.

// FuzzHeader: whatever the header, its claimed length and the size of the data, an error that wraps ErrFormat, or tensors of
// which every element can be read.
func FuzzHeader(f *testing.F) {
	add := func(file []byte) {
		length := binary.LittleEndian.Uint64(file)
		f.Add(length, string(file[8:8+length]), uint16(len(file)-8-int(length)))
	}
	_, tensors := hftest.Llama(f, "BF16")
	add(hftest.File(f, tensors))
	add(hftest.File(f, map[string]hftest.Tensor{"a": {DType: "F4", Shape: []int{2}, Data: []byte{1}}, "b": {DType: "F64", Data: make([]byte, 8)}}))
	add(append(hftest.Prefixed(`{"a":{"dtype":"F16","shape":[2,3],"data_offsets":[0,12]}}  `), make([]byte, 12)...))
	add(hftest.Prefixed(`{"a":{"dtype":"F32","shape":[-1],"data_offsets":[-4,0]}}`))
	add(hftest.Prefixed(`{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}`))
	f.Add(uint64(1<<63-1), "{}", uint16(0))
	f.Fuzz(func(t *testing.T, length uint64, header string, data uint16) {
		file := append(append(binary.LittleEndian.AppendUint64(nil, length), header...), make([]byte, data)...)
		tensors, err := readHeader("fuzz", bytes.NewReader(file), int64(len(file)))
		if err != nil {
			require.ErrorIs(t, err, ErrFormat)
			require.Nil(t, tensors)
			return
		}
		names, total := map[string]bool{}, 0
		for _, x := range tensors {
			require.False(t, names[x.Name])
			names[x.Name] = true
			bits, ok := bitsOf(x.DType)
			require.True(t, ok)
			require.LessOrEqual(t, x.Elements(), 2*len(file)) // of at least 4 bits
			total += x.Elements() * bits / 8
			values := make([]float32, x.Elements())
			if err := x.Fill(0, values); err != nil {
				require.ErrorIs(t, err, ErrUnsupported)
			} else if len(x.Shape) == 2 {
				require.NoError(t, x.FillTransposed(0, values))
			}
		}
		require.Less(t, total, len(file))
	})
}

// FuzzIndex: whatever the bytes, an error or names of files in the folder.
func FuzzIndex(f *testing.F) {
	f.Add([]byte(`{"metadata":{"total_size":4},"weight_map":{"a":"model-00001-of-00002.safetensors","b":"x"}}`))
	f.Add([]byte(`{"weight_map":{"a":"../x"}}`))
	f.Add([]byte(`{"weight_map":{"a":null}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		shardOf, err := readIndex(bytes.NewReader(text), int64(len(text)))
		if err != nil {
			require.ErrorIs(t, err, ErrFormat)
			return
		}
		require.NotEmpty(t, shardOf)
		for _, name := range shardOf {
			require.NotContains(t, name, "/")
			require.NotContains(t, []string{"", ".."}, name)
		}
	})
}

// FuzzConfig: whatever the bytes, an error that wraps ErrFormat or ErrUnsupported, or a shape that makes sense.
func FuzzConfig(f *testing.F) {
	llama, _ := hftest.Llama(f, "F32")
	bert, _ := hftest.Bert(f, "F32")
	for _, config := range []map[string]any{llama, bert} {
		text, err := json.Marshal(config)
		require.NoError(f, err)
		f.Add(text)
		config["head_dim"], config["sliding_window"] = 6, 16
		config["rope_scaling"] = map[string]any{"rope_type": "llama3", "factor": 8, "low_freq_factor": 1, "high_freq_factor": 4,
			"original_max_position_embeddings": 8192}
		text, err = json.Marshal(config)
		require.NoError(f, err)
		f.Add(text)
	}
	f.Add([]byte(`{"architectures":["LlamaForCausalLM"],"num_hidden_layers":9223372036854775807}`))
	f.Add([]byte(`{"architectures":[null]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := parseConfig(text)
		if err != nil {
			require.True(t, errors.Is(err, ErrFormat) || errors.Is(err, ErrUnsupported), "%v", err)
			require.Equal(t, Config{}, c)
			return
		}
		for _, n := range []int{c.Layers, c.Width, c.Heads, c.KVHeads, c.HeadDim, c.FFN, c.Vocab, c.Context()} {
			require.Positive(t, n)
		}
		require.Zero(t, c.Heads%c.KVHeads)
		require.Equal(t, c.Family == Decoder, c.Theta > 0)
		require.Equal(t, c.Family == Encoder, c.TypeVocab > 0)
		for _, r := range append(c.outer(), c.layer()...) {
			for _, d := range r.Shape {
				require.Positive(t, d)
			}
		}
		r, ok := c.role("layer.0.query.weight")
		require.True(t, ok)
		require.Equal(t, []int{c.Width, c.Heads * c.HeadDim}, r.Shape)
	})
}
