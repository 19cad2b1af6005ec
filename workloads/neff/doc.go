// Package neff reads NEFF files, the executables of AWS Neuron chips that the compiler neuronx-cc makes.
//
//	1024 bytes of header (little-endian) | tar, as it is or gzipped: neff.json, per core its definition and its programs
//
// The flow: [ReadFile] reads the header (header.go), lists the files of the archive and compares the digest (archive.go), and
// takes the names, types and shapes of the inputs and outputs from neff.json (tensors.go).
//
// The header is documented by the vendor. That the archive may be gzipped, what its digest covers, and the form of neff.json
// are known from public analyses of the runtime only: [File.Signature] is nil where neff.json is not as described there, and
// an engine compares it with what the runtime says.
//
// The room's one rule: nothing of a file is executed or unpacked to the disk, and whatever its bytes are, the outcome is a
// description or an error.
package neff
