// Package nefftest writes NEFF files for tests.
//
// The flow: a test says in a [File] what the header and the archive are to have, and [File.Bytes] writes both.
//
// The room's one rule: only tests import it. What it writes is by the vendor's description of the header and by public analyses
// of the rest; no file of the vendor's compiler was at hand.
package nefftest

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/md5"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"

	"github.com/accelbench/accelbench/workloads/neff"
)

// File is a file to write. The zero value of Header becomes one of version 2.0 with a gzipped archive.
type File struct {
	neff.Header
	Members []Member
}

// Member is a file of the archive.
type Member struct {
	Name string
	Data []byte
}

// Of is a member.
func Of(name string, data []byte) Member { return Member{name, data} }

// Bytes writes the file. DataSize and Hash of the header are filled in.
func (f File) Bytes() []byte {
	if f.PackageVersion == 0 {
		f.PackageVersion, f.Major = 2, 2
	}
	var data bytes.Buffer
	var archive *tar.Writer
	zipped := gzip.NewWriter(&data)
	if f.PackageVersion == 2 {
		archive = tar.NewWriter(zipped)
	} else {
		archive = tar.NewWriter(&data)
	}
	for _, m := range f.Members {
		must(archive.WriteHeader(&tar.Header{Name: m.Name, Size: int64(len(m.Data)), Mode: 0o644, Format: tar.FormatPAX}))
		_, err := archive.Write(m.Data)
		must(err)
	}
	must(archive.Close())
	if f.PackageVersion == 2 {
		must(zipped.Close())
		sum := md5.Sum(data.Bytes())
		copy(f.Hash[:], sum[:])
	} else {
		f.Hash = sha256.Sum256(data.Bytes())
	}
	f.DataSize = uint64(data.Len())
	return append(Header(f.Header), data.Bytes()...)
}

// Header writes a header as it is.
func Header(h neff.Header) []byte {
	b := make([]byte, neff.HeaderSize)
	for at, v := range map[int]uint64{0: h.PackageVersion, 8: neff.HeaderSize, 16: h.DataSize, 24: h.Major, 32: h.Minor, 544: h.FeatureBits} {
		binary.LittleEndian.PutUint64(b[at:], v)
	}
	for at, v := range map[int]uint32{168: h.Cores, 476: h.RequestedCores, 552: h.LogicalCoreSize} {
		binary.LittleEndian.PutUint32(b[at:], v)
	}
	copy(b[40:167], h.BuildVersion)
	copy(b[172:], h.Hash[:])
	copy(b[204:], h.UUID[:])
	copy(b[220:475], h.Name)
	copy(b[480:], h.CoresPerNode[:])
	return b
}

// Graph writes neff.json: every input is a node of its own, and one node, a compiled program, has all outputs.
func Graph(s neff.Signature) Member {
	type object = map[string]any
	var nodes []object
	var args, rows []int
	var heads [][3]int
	types, shapes := []string{}, [][]int64{}
	var names []string
	for i, t := range s.Inputs {
		nodes = append(nodes, object{"op": "null", "name": t.Name, "inputs": []int{}})
		args, rows = append(args, i), append(rows, i)
		types, shapes = append(types, t.Type), append(shapes, t.Shape)
	}
	program := len(nodes)
	rows = append(rows, len(types))
	for i, t := range s.Outputs {
		names, heads = append(names, t.Name), append(heads, [3]int{program, i, 0})
		types, shapes = append(types, t.Type), append(shapes, t.Shape)
	}
	rows = append(rows, len(types))
	nodes = append(nodes, object{"op": "__kelf", "name": "sg_coreV10", "output_names": names,
		"attrs": object{"func_name": "__kelf", "kelf": "kelf-0.json"}})
	text, err := json.Marshal(object{"nodes": nodes, "arg_nodes": args, "heads": heads, "node_row_ptr": rows,
		"attrs": object{"dltype": []any{"list_str", types}, "shape": []any{"list_shape", shapes}}})
	must(err)
	return Member{"neff.json", text}
}

func must(err error) {
	if err != nil {
		panic(fmt.Sprintf("writing a NEFF: %v", err)) // to memory, of a test's own content
	}
}
