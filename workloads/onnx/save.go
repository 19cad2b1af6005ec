package onnx

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"

	"google.golang.org/protobuf/encoding/protowire"
)

// parts are the fields of a ModelProto: graph has all of GraphProto but the weights outside of it.
type parts struct {
	ir      int64
	opset   int
	contrib bool
	graph   []byte
}

// encode puts the ModelProto together, with each weight as tensor writes it.
func (p parts) encode(tensor func(Weight) []byte, weights []Weight) []byte {
	graph := append(message{}, p.graph...)
	for _, w := range weights {
		graph.bytes(5, tensor(w))
	}
	out := p.head()
	out.bytes(7, graph)
	return out
}

func (p parts) head() message {
	var m message
	m.varint(1, p.ir)
	m.text(2, "accelbench")
	m.bytes(8, opsetID("", p.opset))
	if p.contrib {
		m.bytes(8, opsetID("com.microsoft", 1))
	}
	return m
}

// maxInline is the size of all weights up to which a file holds them itself: readers of protobuf end at 2 GiB.
const maxInline = 1 << 30

// dataAlignment is that of weights in a data file, so that they can be mapped to memory.
const dataAlignment = 4096

// Save writes the model to a file for other tools. Weights of more than 1 GiB in total go to a file beside it, whose name
// has ".data" at its end. Both are written under temporary names first. The error is that of the file system, of a Fill, or of
// the context.
func (m *Model) Save(ctx context.Context, path string) error {
	err := m.save(ctx, path, maxInline)
	if err != nil {
		return fmt.Errorf("saving model %s: %w", m.Name, err)
	}
	return nil
}

func (m *Model) save(ctx context.Context, path string, inline int64) error {
	var total int64
	for _, w := range m.Weights {
		total += w.Bytes
	}
	if total <= inline {
		return replace(path, func(out *bufio.Writer) error { return m.writeInline(ctx, out) })
	}
	data := path + ".data"
	if err := replace(data, func(out *bufio.Writer) error { return m.writeData(ctx, out) }); err != nil {
		return err
	}
	var at int64
	proto := m.parts.encode(func(w Weight) []byte {
		offset := aligned(at)
		at = offset + w.Bytes
		return externalTensor(w.Name, w.Type, w.Shape, place{filepath.Base(data), fmt.Sprint(offset), fmt.Sprint(w.Bytes)})
	}, m.Weights)
	return replace(path, func(out *bufio.Writer) error {
		_, err := out.Write(proto)
		return err
	})
}

func aligned(at int64) int64 { return (at + dataAlignment - 1) / dataAlignment * dataAlignment }

// writeInline writes the ModelProto piece by piece, one weight in memory at a time: lengths come before contents, so they
// are computed first.
func (m *Model) writeInline(ctx context.Context, out *bufio.Writer) error {
	heads := make([]message, len(m.Weights))
	length := int64(len(m.parts.graph))
	for i, w := range m.Weights {
		head := tensorHead(w.Name, w.Type, w.Shape)
		head = protowire.AppendTag(head, 9, protowire.BytesType)
		head = protowire.AppendVarint(head, uint64(w.Bytes))
		heads[i] = protowire.AppendTag(nil, 5, protowire.BytesType)
		heads[i] = protowire.AppendVarint(heads[i], uint64(len(head))+uint64(w.Bytes))
		heads[i] = append(heads[i], head...)
		length += int64(len(heads[i])) + w.Bytes
	}
	start := protowire.AppendTag(m.parts.head(), 7, protowire.BytesType)
	start = protowire.AppendVarint(start, uint64(length))
	if _, err := out.Write(append(start, m.parts.graph...)); err != nil {
		return err
	}
	for i, w := range m.Weights {
		if _, err := out.Write(heads[i]); err != nil {
			return err
		}
		if err := writeWeight(ctx, out, w); err != nil {
			return err
		}
	}
	return nil
}

func (m *Model) writeData(ctx context.Context, out *bufio.Writer) error {
	var at int64
	for _, w := range m.Weights {
		if _, err := out.Write(make([]byte, aligned(at)-at)); err != nil {
			return err
		}
		if err := writeWeight(ctx, out, w); err != nil {
			return err
		}
		at = aligned(at) + w.Bytes
	}
	return nil
}

func writeWeight(ctx context.Context, out *bufio.Writer, w Weight) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	content := make([]byte, w.Bytes)
	if err := w.Fill(content); err != nil {
		return err
	}
	_, err := out.Write(content)
	return err
}

// replace writes a file under a temporary name beside path, and then gives it that name.
func replace(path string, write func(out *bufio.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }() // gone already where all went well
	out := bufio.NewWriter(f)
	err = write(out)
	if err == nil {
		err = out.Flush()
	}
	if err == nil {
		err = f.Chmod(0o644)
	}
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
