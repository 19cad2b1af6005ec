package stablehlo

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accelbench/accelbench/workloads"
	"github.com/accelbench/accelbench/workloads/stablehlo/mlir"
)

// TestShares: which axis of what is split.
func TestShares(t *testing.T) {
	attention := map[string]int{"query.weight": 1, "key.weight": 1, "value.weight": 1, "output.weight": 0, "attention_norm": whole}
	dense := map[string]int{"gate.weight": 1, "up.weight": 1, "down.weight": 0, "ffn_norm": whole}
	caches := map[string]int{"keys": 1, "values": 1}
	experts := map[string]int{"router.weight": whole, "gate.weight": 2, "up.weight": 2, "down.weight": 1}
	grouped := map[string]int{"query.weight.scale": 1, "key.weight.scale": 1, "value.weight.scale": 1, "output.weight.scale": 0,
		"gate.weight.scale": 1, "up.weight.scale": 1, "down.weight.scale": 0}
	columns := map[string]int{"query.weight.scale": 1, "output.weight.scale": whole, "gate.weight.scale": 1, "down.weight.scale": whole}
	for _, tt := range []struct {
		name, precision string
		parts           int
		layer           []map[string]int
		others          map[string]int
	}{
		{"llama3.2-1b", workloads.Full, 8, []map[string]int{attention, dense, caches}, map[string]int{"embedding": 0, "norm": whole, "tokens": whole, "position": whole}},
		{"llama3.1-8b", workloads.Int8, 4, []map[string]int{attention, dense, caches, grouped},
			map[string]int{"embedding": whole, "logits.weight": 0, "logits.weight.scale": 0}},
		{"llama3.1-8b", workloads.Float8, 2, []map[string]int{attention, dense, caches, columns}, map[string]int{"logits.weight": 0, "logits.weight.scale": 0}},
		{"mixtral-8x7b", workloads.Half, 2, []map[string]int{attention, experts, caches}, nil},
		{"mixtral-8x7b", workloads.Int8, 2, []map[string]int{attention, experts, caches, {"gate.weight.scale": 2, "up.weight.scale": 2, "down.weight.scale": 1}}, nil},
		{"gpt-oss-20b", workloads.BFloat16, 4, []map[string]int{attention, experts, caches, {"query.bias": 0, "key.bias": 0, "value.bias": 0, "output.bias": whole,
			"sinks": 0, "router.bias": whole, "gate.bias": 1, "up.bias": 1, "down.bias": whole}}, nil},
		{"bert-base", workloads.Full, 3, []map[string]int{{"query.weight": 1, "query.bias": 0, "key.weight": 1, "key.bias": 0, "value.weight": 1, "value.bias": 0,
			"output.weight": 0, "output.bias": whole, "up.weight": 1, "up.bias": 0, "down.weight": 0, "down.bias": whole, "ffn_norm.gamma": whole}},
			map[string]int{"embedding.token": whole, "span.weight": whole, "span.bias": whole, "segments": whole}},
	} {
		t.Run(fmt.Sprint(tt.name, "/", tt.precision), func(t *testing.T) {
			w := find(t, tt.name, workloads.Options{Precision: tt.precision})
			want := map[string]int{}
			for name, axis := range tt.others {
				want[name] = axis
			}
			for _, part := range tt.layer {
				for name, axis := range part {
					want["layer.0."+name], want["layer.3."+name] = axis, axis
				}
			}
			for i := range w.Phases {
				p, err := Write(w, i, Options{tt.parts})
				require.NoError(t, err)
				have := map[string]int{}
				for _, a := range p.Args {
					have[a.Name] = a.Shard
					if a.Turned && a.Shard != whole {
						have[a.Name] = 1 - a.Shard // of the workload's matrix
					}
				}
				for name, axis := range want {
					require.Contains(t, have, name)
					require.Equal(t, axis, have[name], name)
				}
			}
		})
	}
}

// TestNotShared: what has no rule, and what does not divide, with the number.
func TestNotShared(t *testing.T) {
	grouped := newNet(workloads.Int8, "grouped")
	x := grouped.input("x", 1, 2, 8)
	project := func(n *net, name string) *workloads.Value {
		return n.node(workloads.OpLinear, workloads.Attr{}, x, n.weight(name, 8, 8, 8, 8))
	}
	y := grouped.node(workloads.OpAttention, workloads.Attr{Heads: 2, KVHeads: 2, HeadDim: 4}, project(grouped, "q"), project(grouped, "k"), project(grouped, "v"))
	grouped.node(workloads.OpLinear, workloads.Attr{Transposed: true}, y, grouped.weight("o", 4, 1, 6, 8))
	half := newNet(workloads.Full, "half")
	x = half.input("x", 1, 2, 8)
	half.node(workloads.OpAttention, workloads.Attr{Heads: 2, KVHeads: 2, HeadDim: 4}, project(half, "q"), x, x)
	half.node(workloads.OpLinear, workloads.Attr{}, half.graph.Outputs[0], half.param("o", 8, 8))
	twice := tinyDecoder(workloads.Full)
	for _, n := range twice.Phases[1].Graph.Nodes {
		if n.Op == workloads.OpLinear && n.In[1].Name == "o0" {
			n.In[1] = twice.Phases[1].Graph.Params()[1]
			require.Equal(t, "q0", n.In[1].Name)
			n.In[1].Shape = []int{16, 8}
		}
	}
	for _, tt := range []struct {
		w      *workloads.Workload
		parts  int
		reason string
	}{
		{find(t, "resnet50", workloads.Options{}), 2, "there is no rule for it (it has operation conv2d), run it on each device with --devices"},
		{find(t, "dlrm-v2-capped", workloads.Options{}), 2, "operation embedding_bag"},
		{find(t, "gemm", workloads.Options{}), 2, "it has no attention"},
		{find(t, "smollm2-135m", workloads.Options{}), 2, "sharing smollm2-135m out over 2 devices: its 3 KV heads do not divide by 2"},
		{find(t, "gpt-oss-20b", workloads.Options{Precision: workloads.Int4}), 4, "layer.0.down.weight has 90 groups of 32, and these do not divide by 4"},
		{workloadOf(grouped), 2, "the groups of o lie across its axes"},
		{workloadOf(half), 2, "attention.1 has inputs of which some are split"},
		{twice, 2, "q0 is wanted in two ways"},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			o := Options{tt.parts}
			for _, err := range []error{Supports(tt.w, o), second(Write(tt.w, 0, o)), second(Generators(tt.w, o))} {
				require.ErrorIs(t, err, ErrUnsupported)
				require.ErrorContains(t, err, tt.reason)
			}
		})
	}
	w := find(t, "llama3.1-8b", workloads.Options{})
	for _, n := range w.Phases[0].Graph.Nodes {
		if n.Op == workloads.OpLinear && n.In[1].Name == "layer.0.gate.weight" {
			n.In[1].Shape = []int{4096, 14337}
		}
	}
	require.ErrorContains(t, Supports(w, Options{2}), "layer.0.gate.weight is [4096 14337], and 14337 does not divide by 2")
}

// TestHowManyDevices is the table of docs/engines.md.
func TestHowManyDevices(t *testing.T) {
	known := map[string][]int{"smollm2-135m": {3}, "llama3.2-1b": {2, 4, 8}, "llama3.1-8b": {2, 4, 8}, "mixtral-8x7b": {2, 4, 8}, "gpt-oss-20b": {2, 4, 8},
		"gpt-oss-20b/int8": {2}, "gpt-oss-20b/int4": {2}, "bert-base": {2, 3, 4, 6}, "bert-large": {2, 4, 8}}
	for _, e := range workloads.Catalogue() {
		for _, precision := range e.Precisions {
			w := find(t, e.Name, workloads.Options{Precision: precision})
			var have []int
			for parts := 2; parts <= 8; parts++ {
				if Supports(w, Options{parts}) == nil {
					have = append(have, parts)
				}
			}
			want, special := known[e.Name+"/"+precision]
			if !special {
				want = known[e.Name]
			}
			require.Equal(t, want, have, "%s in %s", e.Name, precision)
		}
	}
}

// sharedCases are workloads that can be shared out, with the number of devices.
func sharedCases() map[*workloads.Workload]int {
	out := map[*workloads.Workload]int{}
	for _, precision := range precisions() {
		out[tinyDecoder(precision)] = 2
	}
	return out
}

// TestPartsAreOfTheWhole: what the generators make of a shared workload is the same to the bit, and the parts of the ports add up.
func TestPartsAreOfTheWhole(t *testing.T) {
	for w, parts := range sharedCases() {
		t.Run(w.Options.Precision, func(t *testing.T) {
			generators, err := Generators(w, Options{parts})
			require.NoError(t, err)
			made, shard := map[string][]byte{}, map[string]int{}
			for _, g := range generators {
				m := requireProgram(t, g.Program)
				for _, p := range g.Params {
					made[p.Name], shard[p.Name] = execute(t, m, p.Args)[0], g.Program.Results[0].Shard
				}
			}
			requireSame(t, w, made)
			for i := range w.Phases {
				shared, err := Write(w, i, Options{parts})
				require.NoError(t, err)
				alone, err := Write(w, i, Options{})
				require.NoError(t, err)
				var split int64
				for j, a := range shared.Args {
					require.Equal(t, alone.Args[j].Bytes(), a.Bytes(), "ports tell of the whole")
					if a.Role == Param {
						require.Equal(t, a.Shard, shard[a.Name], "the generator makes the parts that the program takes: %s", a.Name)
					}
					if a.Shard != whole {
						require.Equal(t, a.Bytes(), a.Part(parts).Bytes()*int64(parts))
						split += a.Bytes()
					}
				}
				require.Positive(t, split)
				require.Equal(t, alone.Bytes()-split/int64(parts), shared.Bytes(), "on each device")
			}
		})
	}
}

// TestSharedProgramsComputeTheSame: but for the shardings the text is the same.
func TestSharedProgramsComputeTheSame(t *testing.T) {
	for w, parts := range sharedCases() {
		for i := range w.Phases {
			alone, err := Write(w, i, Options{1})
			require.NoError(t, err)
			shared, err := Write(w, i, Options{parts})
			require.NoError(t, err)
			a, err := mlir.Parse(alone.Text)
			require.NoError(t, err)
			b, err := mlir.Parse(shared.Text)
			require.NoError(t, err)
			require.Equal(t, len(a.Func("main").Body.Ops), len(b.Func("main").Body.Ops))
			_, body, _ := strings.Cut(string(alone.Text), ") -> (")
			_, body, _ = strings.Cut(body, "\n")
			require.True(t, strings.HasSuffix(string(shared.Text), body), "%s: %s", w.Options.Precision, alone.Name)
		}
	}
}

// TestCut: a part has, of each row before the split axis, the elements at its places.
func TestCut(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		parts := rapid.IntRange(1, 4).Draw(r, "parts")
		shape := rapid.SliceOfN(rapid.IntRange(1, 4), 1, 4).Draw(r, "shape")
		axis := rapid.IntRange(whole, len(shape)-1).Draw(r, "axis")
		if axis != whole {
			shape[axis] *= parts
		}
		p := Port{DType: workloads.F16, Shape: shape, Shard: axis, Result: -1}
		content := rapid.SliceOfN(rapid.Byte(), int(p.Bytes()), int(p.Bytes())).Draw(r, "content")
		cut := p.Cut(content, parts)
		require.Len(r, cut, parts)
		for i, part := range cut {
			require.Len(r, part, int(p.Part(parts).Bytes()))
			if axis == whole {
				require.Equal(r, content, part)
				continue
			}
			inner := workloads.Elements(shape[axis+1:])
			next := 0
			for e := range workloads.Elements(shape) {
				if e/inner%shape[axis]/(shape[axis]/parts) == i {
					require.Equal(r, content[2*e:2*e+2], part[2*next:2*next+2])
					next++
				}
			}
			require.Equal(r, len(part), 2*next)
		}
	})
}
