//go:build !noort && ((linux && !android) || (darwin && !ios) || windows) && (amd64 || arm64)

package ort

import (
	"fmt"
	"unsafe"
)

// side are the slots that name the inputs, or the outputs.
type side struct {
	what        string
	count, name slot
}

func inputSide() side { return side{"inputs", slotSessionGetInputCount, slotSessionGetInputName} }

func outputSide() side { return side{"outputs", slotSessionGetOutputCount, slotSessionGetOutputName} }

// Outputs describes the model's outputs in their order.
func (s *Session) Outputs() ([]Output, error) {
	if err := s.enter(); err != nil {
		return nil, err
	}
	defer s.leave()
	names, err := s.names(outputSide())
	if err != nil {
		return nil, err
	}
	list := make([]Output, len(names))
	for i, name := range names {
		if list[i], err = s.output(uintptr(i)); err != nil {
			return nil, fmt.Errorf("describing output %q: %w", name, err)
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

func (s *Session) output(i uintptr) (out Output, err error) {
	var info, tensor uintptr
	if err := s.l.status(slotSessionGetOutputTypeInfo, s.handle, i, uintptr(unsafe.Pointer(&info))); err != nil {
		return Output{}, err
	}
	defer func() { s.l.call(slotReleaseTypeInfo, info) }()
	if err := s.l.status(slotCastTypeInfoToTensorInfo, info, uintptr(unsafe.Pointer(&tensor))); err != nil || tensor == 0 {
		return Output{}, err
	}
	out.IsTensor = true
	out.Type, err = s.l.elemType(tensor)
	return out, err
}

// tensorInfo reads OrtTensorTypeAndShapeInfo.
func (l *Library) tensorInfo(info uintptr) (ElemType, []int64, error) {
	elem, err := l.elemType(info)
	if err != nil {
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
	return elem, shape, nil
}

// elemType reads the type in OrtTensorTypeAndShapeInfo.
func (l *Library) elemType(info uintptr) (ElemType, error) {
	var elem int32
	err := l.status(slotGetTensorElementType, info, uintptr(unsafe.Pointer(&elem)))
	return ElemType(elem), err
}
