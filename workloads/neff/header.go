package neff

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"unicode"
)

// ErrFormat marks a file that is no NEFF, or a damaged one.
var ErrFormat = errors.New("not a usable NEFF file")

// HeaderSize is the number of bytes before the archive.
const HeaderSize = 1024

// Header is what a NEFF begins with.
type Header struct {
	// PackageVersion tells the form of the archive and of its digest: 1 tar and SHA-256, 2 gzipped tar and MD5.
	PackageVersion uint64
	// DataSize is the size of the archive in bytes.
	DataSize uint64
	// Major and Minor are the version of the format.
	Major, Minor uint64
	// BuildVersion is that of the compiler's packager.
	BuildVersion string
	// Cores is the number of tensor processing blocks, or 0 in files that do not say it.
	Cores uint32
	// Hash is the digest of the archive, in the first half only if it is an MD5.
	Hash [32]byte
	UUID [16]byte
	Name string
	// RequestedCores and CoresPerNode are what the program was compiled for; what follows the last node is zero.
	RequestedCores uint32
	CoresPerNode   [64]uint8
	// FeatureBits mark what a runtime must know to run the program.
	FeatureBits uint64
	// LogicalCoreSize is how many physical cores make the logical core that the program was compiled for; 0 is not said.
	LogicalCoreSize uint32
}

// The offsets of the fields.
const (
	atPackageVersion = 0
	atHeaderSize     = 8
	atDataSize       = 16
	atMajor          = 24
	atMinor          = 32
	atBuildVersion   = 40
	atCores          = 168
	atHash           = 172
	atUUID           = 204
	atName           = 220
	atRequestedCores = 476
	atCoresPerNode   = 480
	atFeatureBits    = 544
	atLogicalCore    = 552
)

// ParseHeader reads the first [HeaderSize] bytes of a file of the given size. The error wraps ErrFormat.
func ParseHeader(b []byte, fileSize int64) (Header, error) {
	if len(b) < HeaderSize {
		return Header{}, fmt.Errorf("%w: it has %d bytes, the header alone has %d", ErrFormat, len(b), HeaderSize)
	}
	u64 := func(at int) uint64 { return binary.LittleEndian.Uint64(b[at:]) }
	u32 := func(at int) uint32 { return binary.LittleEndian.Uint32(b[at:]) }
	h := Header{
		PackageVersion: u64(atPackageVersion), DataSize: u64(atDataSize), Major: u64(atMajor), Minor: u64(atMinor),
		BuildVersion: text(b[atBuildVersion:atCores]), Cores: u32(atCores),
		Hash: [32]byte(b[atHash:atUUID]), UUID: [16]byte(b[atUUID:atName]), Name: text(b[atName:atRequestedCores]),
		RequestedCores: u32(atRequestedCores), CoresPerNode: [64]uint8(b[atCoresPerNode:atFeatureBits]),
		FeatureBits: u64(atFeatureBits), LogicalCoreSize: u32(atLogicalCore),
	}
	// The format has no magic number; these are what every such file has.
	switch size := u64(atHeaderSize); {
	case size != HeaderSize:
		return Header{}, fmt.Errorf("%w: it says that its header has %d bytes, not %d", ErrFormat, size, HeaderSize)
	case h.PackageVersion != 1 && h.PackageVersion != 2:
		return Header{}, fmt.Errorf("%w: version %d of the packaging, known are 1 and 2", ErrFormat, h.PackageVersion)
	case h.DataSize == 0:
		return Header{}, fmt.Errorf("%w: its archive is empty", ErrFormat)
	case fileSize < HeaderSize || h.DataSize > uint64(fileSize-HeaderSize):
		return Header{}, fmt.Errorf("%w: its archive has %d bytes, the file only %d after the header: it was cut off", ErrFormat,
			h.DataSize, max(fileSize-HeaderSize, 0))
	}
	return h, nil
}

// UUIDText is the identity of the compiled program as it is usually written.
func (h Header) UUIDText() string {
	s := hex.EncodeToString(h.UUID[:])
	return strings.Join([]string{s[:8], s[8:12], s[12:16], s[16:20], s[20:]}, "-")
}

// text is a field of characters up to its first zero, without what cannot be printed.
func text(field []byte) string {
	if end := bytes.IndexByte(field, 0); end >= 0 {
		field = field[:end]
	}
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, strings.ToValidUTF8(string(field), "?"))
}
