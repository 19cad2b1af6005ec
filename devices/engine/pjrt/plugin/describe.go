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
	idArgs struct {
		size, extensions uintptr
		description      uintptr
		id               int32
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

// Description is what a plugin tells of a device. Its number is the one that programs for several devices name it by. Attributes
// are strings, bools, int64, []int64 or float32.
type Description struct {
	Number     int
	Kind       string
	Attributes map[string]any
}

// Describe reads number, kind and attributes of a PJRT_Device of a client of this plugin.
func (p *Plugin) Describe(device uintptr) (Description, error) {
	if device == 0 {
		return Description{}, errors.New("there is no device")
	}
	d := descriptionArgs{device: device}
	d.size = unsafe.Sizeof(d)
	if err := p.call(SlotDeviceGetDescription, unsafe.Pointer(&d)); err != nil {
		return Description{}, err
	}
	i := idArgs{description: d.description}
	i.size = unsafe.Offsetof(i.id) + unsafe.Sizeof(i.id)
	if err := p.call(SlotDeviceDescriptionID, unsafe.Pointer(&i)); err != nil {
		return Description{}, err
	}
	k := kindArgs{description: d.description}
	k.size = unsafe.Sizeof(k)
	if err := p.call(SlotDeviceDescriptionKind, unsafe.Pointer(&k)); err != nil {
		return Description{}, err
	}
	out := Description{Number: int(i.id), Kind: text(k.kind, k.kindSize)}
	a := attributesArgs{description: d.description}
	a.size = unsafe.Sizeof(a)
	if err := p.call(SlotDeviceDescriptionAttributes, unsafe.Pointer(&a)); err != nil {
		return out, nil // nothing more is known of it
	}
	out.Attributes = map[string]any{}
	if a.list != 0 && a.count <= mostText {
		for _, v := range unsafe.Slice((*namedValue)(pointer(a.list)), a.count) {
			out.Attributes[text(v.name, v.nameSize)] = v.get()
		}
	}
	return out, nil
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
