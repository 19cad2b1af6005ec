package reports

import "strings"

// method tells in a few lines how the numbers came about.
func (v view) method() Block {
	return Details{Summary: "How the numbers were made", Blocks: []Block{List{
		"Throughput is the units completed over the time from the first issue to the last completion of a run, after a warm-up " +
			"that does not count; from 2000 completions on, what MSER-5 finds to be warm-up is cut off as well, except where a schedule sets " +
			"the pace. The figure is the mean over the valid runs of a row.",
		"Single-stream and multi-stream (8 samples per query) issue a query when the one before is done, concurrency keeps a number " +
			"of samples in flight, server issues single samples by a schedule, whatever the system does: these issue for at least the duration of " +
			"the run, and the window ends when all is answered. Offline hands over everything at once and has no latency.",
		"Static batching serves a query in batches of its own samples; dynamic batching joins the samples of several queries: a session that is " +
			"free takes what waits, up to the batch, and with a max wait lets it wait so long at most for the batch to fill.",
		"± is half of the 95 % t-interval of that mean over runs, each in a process of its own; spread is (largest - smallest) / mean.",
		"Latency runs from the issue of a query to its completion, for server from its scheduled time, over the queries of all valid runs of a row. A percentile " +
			"is the latency at position floor(n p), from 0, of the n sorted ones, as MLPerf has it; \"needs n\" stands where there are " +
			"too few queries for one with an interval.",
		"Shares of peak are against what was measured in the same invocation: on a CPU by FMA and read loops that share no code with the engine, FLOP/s in " +
			"f32, bandwidth in reading; on an accelerator by programs of this project's own, FLOP/s in the precision of the row, bandwidth in reading and " +
			"writing. The larger share is shown, which is the nearer limit. Spec " +
			"is the maker's dense peak. Work is counted as the model needs it: a multiply-add is 2 FLOP, causal attention once.",
		"Check compares the outputs of the timed shape with a float64 reference: largest scaled error <= tolerance. Cross-engine: with " +
			"another engine's outputs, where the reference was too dear. Repeatable: a model file of one's own gave finite outputs, and the " +
			"same ones when an input came again. A run whose check fails has failed.",
		"Decoders: prefill and decode are batched statically, a batch begins and ends together; tokens are given, not sampled. Engines pjrt and nrt fetch the logits that are compared and leave the others on the device, as servers do that choose tokens there.",
		"Standard models have their true shape with generated random weights and inputs: speed is that of the trained model where it " +
			"does not depend on the values; answers have no meaning. Models and weights of one's own are what they are.",
		"A row is valid if any of its runs is; figures come from valid runs alone.",
	}}}
}

// reproduce shows how to get these numbers again.
func (v view) reproduce() []Block {
	if v.opts.Command == "" && len(v.opts.Files) == 0 {
		return nil
	}
	blocks := []Block{Heading("How to reproduce")}
	if v.opts.Command != "" {
		blocks = append(blocks, Code{Language: "sh", Text: v.opts.Command})
	}
	if len(v.opts.Files) > 0 {
		blocks = append(blocks, Paragraph{Text: "Every run is saved in " + strings.Join(v.opts.Files, ", ") +
			"; accelbench report draws this report from it again."})
	}
	return blocks
}
