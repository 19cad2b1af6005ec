//go:build !amd64

package kernel

func archSets() []*Set { return nil }
