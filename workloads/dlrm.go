package workloads

import "fmt"

// recommender is the shape of a DLRM-DCNv2: a network over dense features and one bag of rows of each table, joined by
// low-rank cross layers, and a network on top with one probability per sample.
type recommender struct {
	dense         int
	tables        []table
	width         int   // of a row
	bottom        []int // the last is width
	crosses, rank int
	top           []int // before the one output
}

// table is an embedding table: its published number of rows, and how many rows a sample takes.
type table struct{ rows, bag int }

// rowCap bounds the tables. The published ones have 97 GiB in f32, which few of the measured machines hold.
const rowCap = 500_000

// dlrm is DLRM-DCNv2 as in MLPerf's dlrm-v2, with capped tables and everything else at its true shape. The published model
// has 204,184,588 rows.
func dlrm() model {
	r := recommender{dense: 13, width: 128, bottom: []int{512, 256, 128}, crosses: 3, rank: 512, top: []int{1024, 1024, 512, 256},
		tables: []table{
			{40_000_000, 3}, {39_060, 2}, {17_295, 1}, {7_424, 2}, {20_265, 6}, {3, 1}, {7_122, 1}, {1_543, 1}, {63, 1},
			{40_000_000, 7}, {3_067_956, 3}, {405_282, 8}, {10, 1}, {2_209, 6}, {11_938, 9}, {155, 5}, {4, 1}, {976, 1}, {14, 1},
			{40_000_000, 12}, {40_000_000, 100}, {40_000_000, 27}, {590_152, 10}, {12_973, 3}, {108, 1}, {36, 1},
		}}
	published, kept := 0, 0
	for i, t := range r.tables {
		r.tables[i].rows = min(t.rows, rowCap)
		published, kept = published+t.rows, kept+r.tables[i].rows
	}
	return r.model("dlrm-v2-capped", fmt.Sprintf("DLRM-DCNv2, tables capped at %d rows", rowCap), fmt.Sprintf("tables of at most %d "+
		"rows, %d in all of %d published, so gathers meet caches more often; uniform random ids, published bag sizes; dense "+
		"features uniform in [-1, 1); random weights, uniform, scaled so that logits stay near 1", rowCap, kept, published))
}

// model has one output per sample, so the pool is as large as the number of elements that checks of other models compare.
// The sigmoid leaves at most a quarter of an error of the logit; still, rounding the factors of all products to
// TF32 moves 24 of the 64 outputs by more than the tolerance of f32, one of them by seven times that.
func (r recommender) model(name, title, data string) model {
	return model{
		name: name, title: title, family: "recommendation", unit: "sample", pool: 64, precisions: []string{Full, Half, BFloat16}, data: data,
		build: func(w *Workload) error {
			b := newBuilder(w, "")
			return w.forward(b, r.build(b, w.Options.Batch))
		},
	}
}

// crossGain is what a cross layer adds in proportion to the mean square of its input. Three of them at a gain of 1 would
// multiply the features into a few large ones.
const crossGain = 0.25

func (r recommender) build(b *builder, batch int) *Value {
	// The dense features have a mean square of 1/3. ReLU halves that of what a gain of 2 makes.
	x := b.input("dense", F32, InputSpec{Kind: FillUniform}, batch, r.dense)
	features := []*Value{r.network(b, x, "bottom", 6, r.dense, r.bottom)}
	for i, t := range r.tables {
		ids := b.input(fmt.Sprintf("ids.%d", i), I32, InputSpec{Kind: FillTokens, Vocab: t.rows}, batch, t.bag)
		features = append(features, b.node(OpEmbeddingBag, Attr{}, b.param(fmt.Sprintf("table.%d", i), gain(1, t.bag), t.rows, r.width), ids))
	}
	x0 := b.node(OpConcat, Attr{}, features...)
	wide := r.width * len(features)
	x = x0
	for i := range r.crosses {
		at := fmt.Sprintf("cross.%d", i)
		low := b.product(x, at+".v", gain(1, wide), wide, r.rank)
		x = b.node(OpAdd, Attr{}, b.node(OpMul, Attr{}, x0, b.linear(low, at+".w", gain(crossGain, r.rank), r.rank, wide)), x)
	}
	x = r.network(b, x, "top", 2, wide, r.top)
	last := r.top[len(r.top)-1]
	return b.node(OpSigmoid, Attr{}, b.linear(x, "logit", gain(1, last), last, 1))
}

// network is a stack of dense layers, each with a ReLU.
func (r recommender) network(b *builder, x *Value, name string, first float64, in int, widths []int) *Value {
	g := first
	for i, out := range widths {
		x = b.node(OpRelu, Attr{}, b.linear(x, fmt.Sprintf("%s.%d", name, i), gain(g, in), in, out))
		in, g = out, 2
	}
	return x
}
