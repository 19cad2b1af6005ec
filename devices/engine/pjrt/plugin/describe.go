package plugin

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"unsafe"
)

// The structures of pjrt_c_api.h that describe a device. A test holds their sizes against the header.
type (
	descriptionArgs struct {
		size, extensions    uintptr
		device, description uintptr
	}
	kindArgs struct {
		size, extensions uintptr
		description      uintptr
		kind, kindSize   uintptr
	}
	attributesArgs struct {
		size, extensions uintptr
		description      uintptr
		count, list      uintptr
	}
	namedValue struct {
		size, extensions uintptr
		name, nameSize   uintptr
		kind             int32
		value            uint64
		valueSize        uintptr
	}
	messageArgs struct {
		size, extensions     uintptr
		failed               uintptr
		message, messageSize uintptr
	}
	destroyArgs struct {
		size, extensions uintptr
		failed           uintptr
	}
)

// mostText bounds what is believed of a plugin's sizes.
const mostText = 1 << 20

// Describe reads the kind and the attributes of a PJRT_Device of a client of this plugin.
func (p *Plugin) Describe(device uintptr) (kind string, attributes map[string]any, err error) {
	if device == 0 {
		return "", nil, errors.New("there is no device")
	}
	d := descriptionArgs{device: device}
	d.size = unsafe.Sizeof(d)
	if err := p.call(SlotDeviceGetDescription, unsafe.Pointer(&d)); err != nil {
		return "", nil, err
	}
	k := kindArgs{description: d.description}
	k.size = unsafe.Sizeof(k)
	if err := p.call(SlotDeviceDescriptionKind, unsafe.Pointer(&k)); err != nil {
		return "", nil, err
	}
	a := attributesArgs{description: d.description}
	a.size = unsafe.Sizeof(a)
	if err := p.call(SlotDeviceDescriptionAttributes, unsafe.Pointer(&a)); err != nil {
		return text(k.kind, k.kindSize), nil, nil // nothing more is known of it
	}
	attributes = map[string]any{}
	if a.list != 0 && a.count <= mostText {
		for _, v := range unsafe.Slice((*namedValue)(pointer(a.list)), a.count) {
			attributes[text(v.name, v.nameSize)] = v.get()
		}
	}
	return text(k.kind, k.kindSize), attributes, nil
}

// get is the value, nil for one of a type that is not known.
func (v namedValue) get() any {
	switch at := unsafe.Pointer(&v.value); v.kind {
	case 0:
		return text(uintptr(v.value), v.valueSize)
	case 1:
		return int64(v.value)
	case 2:
		if v.value == 0 || v.valueSize > mostText {
			return nil
		}
		return slices.Clone(unsafe.Slice((*int64)(pointer(uintptr(v.value))), v.valueSize))
	case 3:
		return *(*float32)(at)
	case 4:
		return *(*bool)(at)
	}
	return nil
}

func text(at, size uintptr) string {
	if at == 0 || size > mostText {
		return ""
	}
	return string(unsafe.Slice((*byte)(pointer(at)), size))
}

// call calls a function of the table. An error of the plugin comes as its text.
func (p *Plugin) call(slot int, args unsafe.Pointer) error {
	defer runtime.KeepAlive(args)
	failed := syscall(p.Function(slot), uintptr(args))
	if failed == 0 {
		return nil
	}
	m := messageArgs{failed: failed}
	m.size = unsafe.Sizeof(m)
	syscall(p.Function(SlotErrorMessage), uintptr(unsafe.Pointer(&m)))
	err := fmt.Errorf("PJRT error: %s", text(m.message, m.messageSize))
	d := destroyArgs{failed: failed}
	d.size = unsafe.Sizeof(d)
	syscall(p.Function(SlotErrorDestroy), uintptr(unsafe.Pointer(&d)))
	return err
}
