package reports

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"github.com/accelbench/accelbench/workloads/neff"
)

// NEFFSchema names the form of a NEFF file's description in JSON.
const NEFFSchema = "accelbench.neff/v1"

// NEFFData is a NEFF file in JSON.
type NEFFData struct {
	Schema         string           `json:"schema"`
	File           string           `json:"file"`
	PackageVersion uint64           `json:"package_version"`
	Version        string           `json:"version"`
	BuildVersion   string           `json:"build_version"`
	Name           string           `json:"name"`
	UUID           string           `json:"uuid"`
	Cores          uint32           `json:"cores"`
	RequestedCores uint32           `json:"requested_cores"`
	CoresPerNode   []int            `json:"cores_per_node"`
	LNCSize        *uint32          `json:"lnc_size"`
	FeatureBits    string           `json:"feature_bits"`
	Hash           string           `json:"hash"`
	HashMatches    bool             `json:"hash_matches"`
	DataBytes      uint64           `json:"data_bytes"`
	Gzipped        bool             `json:"gzipped"`
	Inputs         []NEFFTensorData `json:"inputs"`
	Outputs        []NEFFTensorData `json:"outputs"`
	// Unknown says why Inputs and Outputs are null.
	Unknown string           `json:"unknown,omitempty"`
	Files   []NEFFMemberData `json:"files"`
}

// NEFFTensorData is an input or output in JSON.
type NEFFTensorData struct {
	Name  string  `json:"name"`
	Type  string  `json:"type"`
	Shape []int64 `json:"shape"`
}

// NEFFMemberData is a file of the archive in JSON.
type NEFFMemberData struct {
	Name  string `json:"name"`
	Bytes int64  `json:"bytes"`
}

// neffLine is a row of the sheet.
type neffLine struct {
	part, name, typ, shape string
	bytes                  any
}

// NEFF describes a NEFF file; name is what to call it.
func NEFF(name string, f *neff.File) Document {
	data := neffData(name, f)
	var lines []neffLine
	d := Document{Title: "NEFF " + name, Data: data}
	if !f.HashMatches {
		d.Alerts = append(d.Alerts, "The archive does not have the digest that the header gives (as far as its form is known): the file may be damaged.")
	}
	d.Blocks = append(d.Blocks, tableOf(neffFacts(data), []field[[2]string]{
		{"Fact", Left, func(r [2]string) string { return r[0] }},
		{"Value", Left, func(r [2]string) string { return r[1] }},
	}))
	if f.Signature == nil {
		d.Blocks = append(d.Blocks, Paragraph{Text: "Inputs and outputs are not known: " + f.Unknown + "."})
	}
	for _, side := range []struct {
		title, part string
		tensors     []NEFFTensorData
	}{{"Inputs", "input", data.Inputs}, {"Outputs", "output", data.Outputs}} {
		for _, t := range side.tensors {
			lines = append(lines, neffLine{side.part, t.Name, t.Type, shapeOf(t.Shape), nil})
		}
		if f.Signature == nil {
			continue
		}
		d.Blocks = append(d.Blocks, Heading(side.title), tableOf(side.tensors, []field[NEFFTensorData]{
			{"Name", Left, func(t NEFFTensorData) string { return t.Name }},
			{"Type", Left, func(t NEFFTensorData) string { return t.Type }},
			{"Shape", Left, func(t NEFFTensorData) string { return shapeOf(t.Shape) }},
		}))
	}
	for _, m := range data.Files {
		lines = append(lines, neffLine{part: "file", name: m.Name, bytes: m.Bytes})
	}
	d.Blocks = append(d.Blocks, Heading("Files"), tableOf(data.Files, []field[NEFFMemberData]{
		{"Name", Left, func(m NEFFMemberData) string { return m.Name }},
		{"Size", Right, func(m NEFFMemberData) string { return binary(float64(m.Bytes)) }},
	}))
	d.Sheet = sheetOf(lines, []key[neffLine]{
		{"part", func(l neffLine) any { return l.part }},
		{"name", func(l neffLine) any { return l.name }},
		{"type", func(l neffLine) any { return l.typ }},
		{"shape", func(l neffLine) any { return l.shape }},
		{"bytes", func(l neffLine) any { return l.bytes }},
	})
	return d
}

func neffData(name string, f *neff.File) NEFFData {
	data := NEFFData{Schema: NEFFSchema, File: name, PackageVersion: f.PackageVersion, Version: fmt.Sprintf("%d.%d", f.Major, f.Minor),
		BuildVersion: f.BuildVersion, Name: f.Name, UUID: f.UUIDText(), Cores: f.Cores, RequestedCores: f.RequestedCores,
		CoresPerNode: []int{}, FeatureBits: fmt.Sprintf("0x%x", f.FeatureBits), Hash: hex.EncodeToString(f.Hash[:]),
		HashMatches: f.HashMatches, DataBytes: f.DataSize, Gzipped: f.Gzipped, Unknown: f.Unknown, Files: []NEFFMemberData{}}
	if f.PackageVersion == 2 {
		data.Hash = data.Hash[:32] // an MD5
	}
	if f.LogicalCoreSize > 0 {
		data.LNCSize = &f.LogicalCoreSize
	}
	used := len(f.CoresPerNode)
	for used > 0 && f.CoresPerNode[used-1] == 0 {
		used--
	}
	for _, n := range f.CoresPerNode[:used] {
		data.CoresPerNode = append(data.CoresPerNode, int(n))
	}
	if f.Signature != nil {
		data.Inputs, data.Outputs = neffTensors(f.Signature.Inputs), neffTensors(f.Signature.Outputs)
	}
	for _, m := range f.Members {
		data.Files = append(data.Files, NEFFMemberData{m.Name, m.Size})
	}
	return data
}

func neffTensors(list []neff.Tensor) []NEFFTensorData {
	out := []NEFFTensorData{}
	for _, t := range list {
		out = append(out, NEFFTensorData{t.Name, t.Type, append([]int64{}, t.Shape...)})
	}
	return out
}

func neffFacts(d NEFFData) [][2]string {
	packaging, digest := "tar", "SHA-256"
	if d.Gzipped {
		packaging = "gzipped tar"
	}
	if d.PackageVersion == 2 {
		digest = "MD5"
	}
	state := "as it should be"
	if !d.HashMatches {
		state = "not that of the archive"
	}
	nodes := make([]string, len(d.CoresPerNode))
	for i, n := range d.CoresPerNode {
		nodes[i] = strconv.Itoa(n)
	}
	return [][2]string{
		{"Name in the header", orNA(d.Name)},
		{"Format version", d.Version},
		{"Compiler build", orNA(d.BuildVersion)},
		{"UUID", d.UUID},
		{"Archive", fmt.Sprintf("%s in %s, packaging version %d", binary(float64(d.DataBytes)), packaging, d.PackageVersion)},
		{"Digest", fmt.Sprintf("%s %s, %s", digest, d.Hash, state)},
		{"Cores", strconv.FormatUint(uint64(d.Cores), 10)},
		{"Requested cores", strconv.FormatUint(uint64(d.RequestedCores), 10)},
		{"Cores per node", orNA(strings.Join(nodes, ", "))},
		{"Physical cores per logical core", maybe(d.LNCSize, func(n uint32) string { return strconv.FormatUint(uint64(n), 10) })},
		{"Feature bits", d.FeatureBits},
	}
}

// shapeOf writes a shape as --input takes it.
func shapeOf(shape []int64) string {
	if len(shape) == 0 {
		return "scalar"
	}
	words := make([]string, len(shape))
	for i, d := range shape {
		words[i] = strconv.FormatInt(d, 10)
	}
	return strings.Join(words, "x")
}
