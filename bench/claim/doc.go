// Package claim judges public sentences about machines by results: "c8g.4xlarge >= 1.40 x c8i.4xlarge on perf_per_dollar_hour for
// resnet50".
//
// The flow: [Parse] reads a sentence into a [Claim], [ReadFile] many of them with who said it, when and where; [Judge] finds the
// summaries of both sides, takes what is comparable, and gives a [Judgement]: supported when the interval of the ratio lies wholly on
// the claim's side of its factor, refuted when it lies wholly on the other, undecided in all other cases, with the reason. [Public]
// are the claims that come with the program.
//
// The room's one rule: only deployed engines, checked outputs, one workload, precision and scenario, and one kind of contract are
// held against each other; whatever is missing makes a claim undecided and never one or the other.
package claim
