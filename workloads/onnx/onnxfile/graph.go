package onnxfile

import "math"

// graph reads a GraphProto; depth is 0 for the model's own graph, whose inputs and outputs are those of the model.
func (g *modelReader) graph(f record, depth int) error {
	if depth > maxDepth {
		return formatErrorf(f.at, "graphs within graphs, more than %d deep", maxDepth)
	}
	return g.sub(f, "graph", func(f record) (err error) {
		switch {
		case f.num == 1:
			return g.node(f, depth)
		case f.num == 5:
			return g.initializer(f, depth)
		case f.num == 15:
			return g.sub(f, "sparse initializer", func(f record) error {
				if f.num != 1 {
					return nil
				}
				return g.initializer(f, depth)
			})
		case f.num == 11 && depth == 0:
			g.model.Inputs, err = g.value(f, g.model.Inputs)
		case f.num == 12 && depth == 0:
			g.model.Outputs, err = g.value(f, g.model.Outputs)
		}
		return err
	})
}

func (g *modelReader) node(f record, depth int) error {
	return g.sub(f, "node", func(f record) error {
		if f.num != 5 {
			return nil
		}
		return g.attribute(f, depth)
	})
}

// attribute looks for what is nested in a node: graphs, and tensors that may lie in other files.
func (g *modelReader) attribute(f record, depth int) error {
	return g.sub(f, "attribute", func(f record) error {
		switch f.num {
		case 5, 10:
			_, err := g.tensor(f)
			return err
		case 6, 11:
			return g.graph(f, depth+1)
		}
		return nil
	})
}

func (g *modelReader) initializer(f record, depth int) error {
	head, err := g.tensor(f)
	if err != nil {
		return err
	}
	n, ok := elements(head.shape)
	if !ok || n > math.MaxInt64-g.model.Parameters {
		return formatErrorf(f.at, "initializer %s of the impossible shape %v", show(head.name), head.shape)
	}
	g.model.Parameters += n
	if depth > 0 || g.initial[head.name] {
		return nil
	}
	g.initial[head.name] = true
	return g.keep(len(head.name) + textCost)
}

// tensor reads all of a TensorProto but its data, and notes where external data lies.
func (g *modelReader) tensor(f record) (tensorHead, error) {
	var head tensorHead
	if err := g.sub(f, "tensor", func(f record) error { return g.headField(f, &head) }); err != nil {
		return head, err
	}
	if !head.external || g.external[head.location] {
		return head, nil
	}
	if head.location == "" {
		return head, formatErrorf(f.at, "tensor %s has external data but names no file", show(head.name))
	}
	g.external[head.location] = true
	return head, g.keep(len(head.location) + textCost)
}

// tensorHead is a TensorProto without its data.
type tensorHead struct {
	name     string
	shape    []int64
	external bool
	location string // of external data
}

// headField takes one record of a TensorProto into the head; data is left alone.
func (s *scan) headField(f record, h *tensorHead) (err error) {
	switch f.num {
	case 1:
		h.shape, err = s.numbers(f, h.shape, maxRank)
	case 8:
		h.name, err = s.text(f)
	case 13:
		var key, value string
		err = s.sub(f, "external data", func(f record) (err error) {
			switch f.num {
			case 1:
				key, err = s.text(f)
			case 2:
				value, err = s.text(f)
			}
			return err
		})
		if key == "location" {
			h.location = value
		}
	case 14:
		var place int64
		place, err = s.number(f)
		h.external = place == 1
	}
	return err
}

func (s *scan) tensorType(f record) (TensorType, error) {
	n, err := s.number(f)
	if err == nil && (n < 0 || n > math.MaxInt32) {
		err = formatErrorf(f.at, "%s: element type %d", f.message, n)
	}
	return TensorType(n), err
}

// value appends the input or output in a ValueInfoProto.
func (g *modelReader) value(f record, list []Value) ([]Value, error) {
	var v Value
	err := g.sub(f, "value", func(f record) (err error) {
		switch f.num {
		case 1:
			if v.Name, err = g.text(f); err == nil {
				err = g.keep(len(v.Name))
			}
		case 2:
			err = g.valueType(f, &v)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return append(list, v), g.keep(valueCost)
}

// valueType reads a TypeProto: field 1 is a tensor, 4, 5, 7, 8 and 9 are the kinds that are none.
func (g *modelReader) valueType(f record, v *Value) error {
	return g.sub(f, "type", func(f record) error {
		switch f.num {
		case 1:
			v.Tensor = true
			return g.tensorTypeProto(f, v)
		case 4, 5, 7, 8, 9:
			v.Tensor, v.HasShape, v.Type, v.Shape = false, false, Undefined, nil
		}
		return nil
	})
}

func (g *modelReader) tensorTypeProto(f record, v *Value) error {
	return g.sub(f, "tensor type", func(f record) (err error) {
		switch f.num {
		case 1:
			v.Type, err = g.tensorType(f)
		case 2:
			v.HasShape = true
			err = g.sub(f, "shape", func(f record) error {
				if f.num != 1 {
					return nil
				}
				return g.dim(f, v)
			})
		}
		return err
	})
}

// dim appends a dimension. As in ONNX Runtime a negative one is free; so is one that says nothing.
func (g *modelReader) dim(f record, v *Value) error {
	if len(v.Shape) == maxRank {
		return formatErrorf(f.at, "%s: more than %d dimensions", show(v.Name), maxRank)
	}
	d := Dim{Value: -1}
	err := g.sub(f, "dimension", func(f record) (err error) {
		switch f.num {
		case 1:
			d.Name = ""
			d.Value, err = g.number(f)
			d.Value = max(d.Value, -1)
		case 2:
			d.Value = -1
			d.Name, err = g.text(f)
		}
		return err
	})
	if err != nil {
		return err
	}
	v.Shape = append(v.Shape, d)
	return g.keep(len(d.Name) + dimCost)
}
