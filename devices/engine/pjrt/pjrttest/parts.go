package pjrttest

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/accelbench/accelbench/workloads/stablehlo/hlotest"
	"github.com/accelbench/accelbench/workloads/stablehlo/mlir"
)

// whole is the axis of what is not split.
const whole = -1

// buildOptions are those of a compilation that matter here: CompileOptionsProto and what it holds, by the numbers of their fields.
type buildOptions struct {
	partitions   int
	spmd, shardy bool
	portable     bool
	devices      []int // one for each partition
}

func parseOptions(text []byte) (buildOptions, error) {
	o := buildOptions{partitions: 1}
	err := eachField(text, func(n protowire.Number, number uint64, message []byte) error {
		switch n {
		case 4:
			o.portable = number != 0
		case 3:
			return o.executable(message)
		}
		return nil
	})
	return o, err
}

func (o *buildOptions) executable(text []byte) error {
	return eachField(text, func(n protowire.Number, number uint64, message []byte) error {
		switch n {
		case 4:
			if number != 1 {
				return fmt.Errorf("%d replicas", number)
			}
		case 5:
			o.partitions = int(number)
		case 6:
			o.spmd = number != 0
		case 19:
			o.shardy = number != 0
		case 9:
			return eachField(message, func(n protowire.Number, _ uint64, computation []byte) error {
				if n != 3 {
					return nil
				}
				return eachField(computation, func(_ protowire.Number, _ uint64, packed []byte) error {
					id, size := protowire.ConsumeVarint(packed)
					if size != len(packed) {
						return errors.New("a partition on several devices")
					}
					o.devices = append(o.devices, int(id))
					return nil
				})
			})
		}
		return nil
	})
}

// eachField visits the numbers and the messages of a message.
func eachField(text []byte, visit func(n protowire.Number, number uint64, message []byte) error) error {
	for len(text) > 0 {
		n, kind, size := protowire.ConsumeTag(text)
		if size < 0 {
			return protowire.ParseError(size)
		}
		text = text[size:]
		var number uint64
		var message []byte
		switch kind {
		case protowire.VarintType:
			number, size = protowire.ConsumeVarint(text)
		case protowire.BytesType:
			message, size = protowire.ConsumeBytes(text)
		default:
			size = protowire.ConsumeFieldValue(n, kind, text)
		}
		if size < 0 {
			return protowire.ParseError(size)
		}
		text = text[size:]
		if err := visit(n, number, message); err != nil {
			return err
		}
	}
	return nil
}

// layout is how a program is divided: for each argument and each result the axis that is split.
type layout struct {
	buildOptions
	arguments, results []int
}

// divide finds the layout of a module as a partitioner has to: by the attributes of main.
func divide(m *mlir.Module, main *mlir.Func, o buildOptions) (layout, error) {
	l := layout{buildOptions: o}
	if n, ok := m.Attrs["stablehlo.num_partitions"].(int64); ok && int(n) != o.partitions {
		return l, fmt.Errorf("the module has %d partitions, the options %d", n, o.partitions)
	}
	switch {
	case o.partitions == 1:
	case o.portable || !o.spmd || !o.shardy:
		return l, errors.New("several partitions, but not by Shardy")
	case len(o.devices) != o.partitions || len(slices.Compact(slices.Sorted(slices.Values(o.devices)))) != o.partitions:
		return l, fmt.Errorf("%d partitions on devices %v", o.partitions, o.devices)
	}
	for i, a := range main.Body.Args {
		axis, err := l.axis(m, main.ArgAttrs[i], a.Type)
		if err != nil {
			return l, fmt.Errorf("argument %d: %w", i, err)
		}
		l.arguments = append(l.arguments, axis)
	}
	for i, r := range main.Results {
		axis, err := l.axis(m, r.Attrs, r.Type)
		if err != nil {
			return l, fmt.Errorf("result %d: %w", i, err)
		}
		l.results = append(l.results, axis)
	}
	for i, attrs := range main.ArgAttrs {
		if to, ok := attrs["tf.aliasing_output"].(int64); ok && l.results[to] != l.arguments[i] {
			return l, fmt.Errorf("argument %d gives its memory to result %d, which is split otherwise", i, to)
		}
	}
	return l, nil
}

// axis is that which an attribute such as #sdy.sharding<@mesh, [{}, {"device"}]> splits.
func (l layout) axis(m *mlir.Module, attrs mlir.Attrs, t mlir.Type) (int, error) {
	text, ok := attrs["sdy.sharding"].(mlir.Opaque)
	if !ok {
		return whole, nil
	}
	found := regexp.MustCompile(`^#sdy\.sharding<@(\w+), \[(.*)\]>$`).FindStringSubmatch(string(text))
	if found == nil {
		return whole, fmt.Errorf("sharding %s is not understood", text)
	}
	mesh := regexp.MustCompile(`^\["(\w+)"=(\d+)\]$`).FindStringSubmatch(strings.TrimSpace(m.Meshes[found[1]]))
	if mesh == nil || mesh[2] != strconv.Itoa(l.partitions) {
		return whole, fmt.Errorf("mesh %s is %q for %d partitions", found[1], m.Meshes[found[1]], l.partitions)
	}
	axes := regexp.MustCompile(`\{[^}]*\}`).FindAllString(found[2], -1)
	if len(axes) != len(t.Shape) {
		return whole, fmt.Errorf("sharding %s of an array of %d axes", text, len(t.Shape))
	}
	out := whole
	for i, a := range axes {
		switch {
		case a == "{}":
		case a != fmt.Sprintf("{%q}", mesh[1]) || out != whole:
			return whole, fmt.Errorf("sharding %s is not understood", text)
		case t.Shape[i]%l.partitions != 0:
			return whole, fmt.Errorf("%d does not divide by %d", t.Shape[i], l.partitions)
		default:
			out = i
		}
	}
	return out, nil
}

// part is the type of what each device has.
func (l layout) part(t mlir.Type, axis int) mlir.Type {
	if axis != whole {
		t.Shape = slices.Clone(t.Shape)
		t.Shape[axis] /= l.partitions
	}
	return t
}

// blocks are the pieces that lie together in an array: how many there are of each part, and their size.
func (l layout) blocks(t mlir.Type, axis int) (count, size int) {
	count = 1
	for _, d := range t.Shape[:axis] {
		count *= d
	}
	return count, t.Bytes() / count / l.partitions
}

// gather makes an array of its parts. What is not split must be the same on all devices.
func (l layout) gather(t mlir.Type, axis int, parts [][]byte) (hlotest.Array, error) {
	for i, p := range parts {
		if want := l.part(t, axis).Bytes(); len(p) != want {
			return hlotest.Array{}, fmt.Errorf("part %d has %d bytes, not %d", i, len(p), want)
		}
		if axis == whole && !bytes.Equal(p, parts[0]) {
			return hlotest.Array{}, fmt.Errorf("it is not split, and device %d has something else than the first", i)
		}
	}
	if axis == whole {
		return hlotest.Array{Type: t, Data: parts[0]}, nil
	}
	count, size := l.blocks(t, axis)
	out := make([]byte, 0, t.Bytes())
	for i := range count {
		for _, p := range parts {
			out = append(out, p[i*size:(i+1)*size]...)
		}
	}
	return hlotest.Array{Type: t, Data: out}, nil
}

// scatter cuts an array into the parts of the devices.
func (l layout) scatter(a hlotest.Array, axis int) []hlotest.Array {
	out := make([]hlotest.Array, l.partitions)
	for i := range out {
		out[i] = hlotest.Array{Type: l.part(a.Type, axis), Data: a.Data}
	}
	if axis == whole {
		return out
	}
	count, size := l.blocks(a.Type, axis)
	for i := range out {
		out[i].Data = make([]byte, 0, count*size)
		for j := range count {
			at := (j*l.partitions + i) * size
			out[i].Data = append(out[i].Data, a.Data[at:at+size]...)
		}
	}
	return out
}
