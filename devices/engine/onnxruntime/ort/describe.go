//go:build !noort && ((linux && !android) || (darwin && !ios) || windows) && (amd64 || arm64)

package ort

import (
	"fmt"
	"unsafe"
)

// side are the slots that describe the inputs, or the outputs.
type side struct {
	what              string
	count, name, info slot
}

func inputSide() side {
	return side{"inputs", slotSessionGetInputCount, slotSessionGetInputName, slotSessionGetInputTypeInfo}
}

func outputSide() side {
	return side{"outputs", slotSessionGetOutputCount, slotSessionGetOutputName, slotSessionGetOutputTypeInfo}
}

// Inputs describes the model's inputs in their order.
func (s *Session) Inputs() ([]IO, error) { return s.describe(inputSide()) }

// Outputs describes the model's outputs in their order.
func (s *Session) Outputs() ([]IO, error) { return s.describe(outputSide()) }

func (s *Session) describe(of side) ([]IO, error) {
	if err := s.enter(); err != nil {
		return nil, err
	}
	defer s.leave()
	names, err := s.names(of)
	if err != nil {
		return nil, err
	}
	list := make([]IO, len(names))
	for i, name := range names {
		if list[i], err = s.describeOne(of, uintptr(i)); err != nil {
			return nil, fmt.Errorf("describing %s: %w", of.what, err)
		}
		list[i].Name = name
	}
	return list, nil
}

// names lists the names of the inputs, or the outputs.
func (s *Session) names(of side) ([]string, error) {
	var n uintptr
	if err := s.l.status(of.count, s.handle, uintptr(unsafe.Pointer(&n))); err != nil {
		return nil, fmt.Errorf("counting %s: %w", of.what, err)
	}
	list := make([]string, n)
	for i := range list {
		var name uintptr
		err := s.l.status(of.name, s.handle, uintptr(i), s.l.allocator, uintptr(unsafe.Pointer(&name)))
		if err == nil {
			list[i], err = s.l.takeText(name)
		}
		if err != nil {
			return nil, fmt.Errorf("naming %s: %w", of.what, err)
		}
	}
	return list, nil
}

func (s *Session) describeOne(of side, i uintptr) (io IO, err error) {
	var info, tensor uintptr
	if err := s.l.status(of.info, s.handle, i, uintptr(unsafe.Pointer(&info))); err != nil {
		return IO{}, err
	}
	defer func() { s.l.call(slotReleaseTypeInfo, info) }()
	if err := s.l.status(slotCastTypeInfoToTensorInfo, info, uintptr(unsafe.Pointer(&tensor))); err != nil {
		return IO{}, err
	}
	if tensor == 0 {
		return io, nil
	}
	io.IsTensor = true
	if io.Type, io.Shape, err = s.l.tensorInfo(tensor); err != nil {
		return IO{}, err
	}
	words := make([]uintptr, len(io.Shape))
	if err := s.l.status(slotGetSymbolicDimensions, tensor, uintptr(first(words)), uintptr(len(words))); err != nil {
		return IO{}, err
	}
	io.Symbols = make([]string, len(words))
	for i, word := range words {
		io.Symbols[i] = text(word)
	}
	return io, nil
}

// tensorInfo reads OrtTensorTypeAndShapeInfo.
func (l *Library) tensorInfo(info uintptr) (ElemType, []int64, error) {
	var elem int32
	if err := l.status(slotGetTensorElementType, info, uintptr(unsafe.Pointer(&elem))); err != nil {
		return 0, nil, err
	}
	var rank uintptr
	if err := l.status(slotGetDimensionsCount, info, uintptr(unsafe.Pointer(&rank))); err != nil {
		return 0, nil, err
	}
	shape := make([]int64, rank)
	if err := l.status(slotGetDimensions, info, uintptr(first(shape)), rank); err != nil {
		return 0, nil, err
	}
	return ElemType(elem), shape, nil
}
