package bench

import (
	"github.com/accelbench/accelbench/workloads"
	"github.com/accelbench/accelbench/workloads/own"
)

// Own is what a plan runs in place of a standard workload: a model file, or a folder with the weights of a standard family.
// Its paths are for this machine alone and never part of a Result.
type Own struct {
	File *own.File `json:"file,omitempty"`
	// Weights is a folder in the layout of Hugging Face: config.json and safetensors.
	Weights string `json:"weights,omitempty"`
	// Digest is that of the folder; empty if it is not known yet.
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
