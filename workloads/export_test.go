package workloads

// Small is a model of a family at a size that the reference computes in no time, built as the large ones are.
func Small(name string, o Options) (*Workload, error) {
	m := map[string]model{
		"speech": speech{layers: 2, width: 64, heads: 2, ffn: 128, vocab: 300, mels: 8, frames: 60, positions: 48}.
			model("speech", "small", 40),
		"unet": unet{latent: 8, channels: 4, widths: []int{32, 64, 128}, depths: []int{0, 1, 2}, blocks: 2, head: 32, text: 5,
			textWidth: 24, time: 16, added: 20}.model("unet", "small"),
		"recommender": recommender{dense: 13, width: 16, bottom: []int{32, 16}, crosses: 3, rank: 24, top: []int{64, 64, 32},
			tables: []table{{3, 1}, {500, 4}, {200, 30}}}.model("recommender", "small", "small"),
	}[name]
	o, err := m.effective(o)
	if err != nil {
		return nil, err
	}
	w := m.workload(o)
	w.again = func(o Options) (*Workload, error) { return Small(name, o) }
	return m.finish(w)
}
