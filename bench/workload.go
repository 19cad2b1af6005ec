package bench

import (
	"github.com/accelbench/accelbench/workloads"
	"github.com/accelbench/accelbench/workloads/own"
)

// Own is what a plan runs in place of a standard workload: a model file, or a folder with the weights of a standard family.
// Its paths are for this machine alone and never part of a Result.
type Own struct {
	File *own.File `json:"file,omitempty"`
	// Among tells that the file was found in a folder beside others: if it cannot be run, the others are.
	Among bool `json:"among,omitempty"`
	// Weights is a folder in the layout of Hugging Face: config.json and safetensors.
	Weights string `json:"weights,omitempty"`
	// Digest is the one that the folder of weights must have; empty for any.
	Digest string `json:"digest,omitempty"`
}

// FindWorkload builds the workload of a plan. The error is one of [workloads.Find], [own.Load] or [workloads.FromFolder].
func FindWorkload(p Plan) (*workloads.Workload, error) {
	switch {
	case p.Own == nil:
		return workloads.Find(p.Workload, p.Options)
	case p.Own.File != nil:
		return own.Load(*p.Own.File)
	}
	return workloads.FromFolder(p.Own.Weights, p.Own.Digest, p.Options)
}
