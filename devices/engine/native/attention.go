package native

import (
	"fmt"
	"math"

	"github.com/accelbench/accelbench/devices/engine/native/kernel"
	"github.com/accelbench/accelbench/workloads"
)

const (
	// fewRows is the number of query rows below which reading keys and values as they lie beats packing them.
	fewRows = 4
	// valueRows is the number of rows of values packed together. Query rows that see few positions skip whole packs.
	valueRows = 256
	// headTasks is the number of tasks that suffices to keep the threads of a CPU busy.
	headTasks = 16
	// taskRows is the most query rows of a task. Every task of a key head packs the keys it sees anew: with many rows that
	// costs little.
	taskRows = 512
	// scoreFloats is about how many scores a task has at one time: they stay in a core's cache.
	scoreFloats = 1 << 17
)

// attention computes softmax(q k^T / sqrt(d)) v for each head. A task is a range of query rows of one key head: all query
// heads that use it, so that keys and values are packed once for them. With few query rows it is one query head.
type attention struct {
	set                   *kernel.Set
	q, k, v, out          *buffer
	keys, values          *buffer // caches; k and v without
	position              *buffer // nil without caches
	sinks                 *buffer // nil without: a logit per head that takes its share of the weights and gives nothing
	batch, rows, kept     int     // kept is the number of rows of keys per batch row
	heads, kvHeads, d     int
	causal                bool
	window                int // the number of positions that a query row sees at most; 0 for no limit
	scale                 float32
	width, kvWidth, group int
	block                 int // query rows of a task
	blocks                int // tasks per key head
	columns               int // scores of a row in a task, at most
	part                  int // query rows whose scores a task has at one time
	start                 int // position of query row 0 in this call
}

func (b *binder) attention(n *workloads.Node) op {
	a := &attention{
		set: b.set, q: b.values[n.In[0]], k: b.values[n.In[1]], v: b.values[n.In[2]], out: b.values[n.Out],
		batch: n.In[0].Shape[0], rows: rowsOf(n.In[0]), kept: rowsOf(n.In[1]),
		heads: n.Attr.Heads, kvHeads: n.Attr.KVHeads, d: n.Attr.HeadDim, causal: n.Attr.Causal,
		scale: float32(1 / math.Sqrt(float64(n.Attr.HeadDim))),
	}
	a.width, a.kvWidth, a.group = a.heads*a.d, a.kvHeads*a.d, a.heads/a.kvHeads
	a.keys, a.values = a.k, a.v
	if len(n.In) > 3 {
		a.keys, a.values, a.position = b.values[n.In[3]], b.values[n.In[4]], b.values[n.In[5]]
		a.kept, a.causal, a.window = rowsOf(n.In[3]), true, n.Attr.Window
	}
	if len(n.In) > 6 {
		a.sinks = b.values[n.In[6]]
	}
	a.blocks = max((headTasks+a.batch*a.kvHeads-1)/(a.batch*a.kvHeads), (a.rows+taskRows-1)/taskRows)
	a.block = roundUp((a.rows+a.blocks-1)/a.blocks, a.set.MR)
	a.blocks = (a.rows + a.block - 1) / a.block
	a.columns = a.kept
	if a.window > 0 {
		a.columns = min(a.kept, a.block+a.window-1)
	}
	a.part = min(a.block, max(4, scoreFloats/a.line(a.columns)/a.set.MR)*a.set.MR)
	return a
}

// line is the distance between rows of so many scores: one more has room for a sink.
func (a *attention) line(columns int) int { return roundUp(columns+1, lineFloats) }

func (a *attention) few() bool { return a.rows < fewRows }

func (a *attention) count() int {
	if a.few() {
		return a.batch * a.heads
	}
	return a.batch * a.kvHeads * a.blocks
}

// prepare writes the new keys and values to the caches.
func (a *attention) prepare() error {
	if a.position == nil {
		return nil
	}
	a.start = int(a.position.i[0])
	if a.start < 0 || a.start+a.rows > a.kept {
		return fmt.Errorf("attention: %d rows at position %d do not fit into a cache of %d", a.rows, a.start, a.kept)
	}
	n := a.rows * a.kvWidth
	for b := range a.batch {
		at := (b*a.kept + a.start) * a.kvWidth
		copy(a.keys.f[at:at+n], a.k.f[b*n:])
		copy(a.values.f[at:at+n], a.v.f[b*n:])
	}
	return nil
}

// seen is the number of positions up to the last one that query row row sees.
func (a *attention) seen(row int) int {
	if a.causal {
		return a.start + row + 1
	}
	return a.kept
}

// first is the first position that query row row sees.
func (a *attention) first(row int) int {
	if a.window == 0 {
		return 0
	}
	return max(0, a.seen(row)-a.window)
}

// headScratch is a worker's memory for one head: packed keys and values, and scores.
type headScratch struct {
	keys   kernel.PackedB
	values []kernel.PackedB
	scores []float32
}

func (a *attention) grow(w *worker) {
	h := &w.heads
	scores := a.line(a.columns)
	if !a.few() {
		packs := (a.columns + valueRows - 1) / valueRows
		for len(h.values) < packs {
			h.values = append(h.values, kernel.PackedB{})
		}
		zeros := make([]float32, a.columns*a.d)
		h.packKeys(a.set, zeros, a.d, a.columns, a.d)
		h.packValues(a.set, zeros, a.d, a.columns, a.d)
		scores *= min(a.part, a.rows)
	}
	if len(h.scores) < scores {
		h.scores = alignedFloats(scores)
	}
}

func (h *headScratch) packKeys(set *kernel.Set, keys []float32, ld, n, d int) {
	set.PackBTInto(&h.keys, d, n, keys, ld)
}

func (h *headScratch) packValues(set *kernel.Set, values []float32, ld, n, d int) {
	for i := 0; i*valueRows < n; i++ {
		set.PackBInto(&h.values[i], min(valueRows, n-i*valueRows), d, values[i*valueRows*ld:], ld)
	}
}

func (a *attention) run(w *worker, task int) {
	if a.few() {
		a.single(w, task/a.heads, task%a.heads)
		return
	}
	// Later rows see more positions: they come first, so that the tasks that end last are short ones.
	block := a.blocks - 1 - task/(a.batch*a.kvHeads)
	task %= a.batch * a.kvHeads
	a.many(w, task/a.kvHeads, task%a.kvHeads, block*a.block, min((block+1)*a.block, a.rows))
}

// softmax turns the scores of a row into weights. The element after them is lost.
func (a *attention) softmax(scores []float32, head int) {
	if a.sinks != nil {
		scores = scores[:len(scores)+1]
		scores[len(scores)-1] = a.sinks.f[head] / a.scale
	}
	a.set.Softmax(scores, a.scale)
}

// single computes all rows of one query head from keys and values as they lie.
func (a *attention) single(w *worker, batch, head int) {
	for row := range a.rows {
		first, seen := a.first(row), a.seen(row)
		kv := (batch*a.kept+first)*a.kvWidth + head/a.group*a.d
		at := (batch*a.rows+row)*a.width + head*a.d
		out := a.out.f[at : at+a.d]
		scores := w.heads.scores[:seen-first]
		a.set.DotRows(scores, a.q.f[at:at+a.d], a.keys.f[kv:], a.kvWidth)
		a.softmax(scores, head)
		clear(out)
		a.set.SumRows(out, scores, a.values.f[kv:], a.kvWidth)
	}
}

// many computes rows [r0,r1) of all query heads of one key head.
func (a *attention) many(w *worker, batch, kvHead, r0, r1 int) {
	lo, hi := a.first(r0), a.seen(r1-1)
	kv := (batch*a.kept+lo)*a.kvWidth + kvHead*a.d
	w.heads.packKeys(a.set, a.keys.f[kv:], a.kvWidth, hi-lo, a.d)
	w.heads.packValues(a.set, a.values.f[kv:], a.kvWidth, hi-lo, a.d)
	for head := kvHead * a.group; head < (kvHead+1)*a.group; head++ {
		for row := r0; row < r1; row += a.part {
			a.some(w, batch, head, row, min(row+a.part, r1), lo, hi)
		}
	}
}

// some computes rows [r0,r1) of one query head from the packed keys and values of positions [lo,hi).
func (a *attention) some(w *worker, batch, head, r0, r1, lo, hi int) {
	h := &w.heads
	// The columns that these rows see: in whole panels of keys, and in whole packs of values.
	nr, ld := a.set.NR, a.line(hi-lo)
	first, end := a.first(r0)-lo, a.seen(r1-1)-lo
	firstPack, endPack := first/valueRows, (end+valueRows-1)/valueRows
	at := (batch*a.rows+r0)*a.width + head*a.d
	a.set.Gemm(r1-r0, a.q.f[at:], a.width, &h.keys, nil, kernel.InitZero, h.scores, ld, first/nr*nr, min(roundUp(end, nr), hi-lo), &w.scratch)
	for row := r0; row < r1; row++ {
		scores := h.scores[(row-r0)*ld:][:ld]
		from, to := a.first(row)-lo, a.seen(row)-lo
		a.softmax(scores[from:to], head)
		clear(scores[firstPack*valueRows : from])
		clear(scores[to:min(endPack*valueRows, ld)])
	}
	start := kernel.InitZero
	for i := firstPack; i < endPack; i++ {
		a.set.Gemm(r1-r0, h.scores[i*valueRows:], ld, &h.values[i], nil, start, a.out.f[at:], a.width, 0, a.d, &w.scratch)
		start = kernel.InitC
	}
}
