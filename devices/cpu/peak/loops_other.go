//go:build !amd64

package peak

import "unsafe"

func fmaLoops() []fmaLoop { return []fmaLoop{fmaGo()} }

func readName() string { return "loads go" }

func readStreams(p unsafe.Pointer, distance, streams, n int) float64 {
	return readGo(p, distance, streams, n)
}
