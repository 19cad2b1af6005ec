package plugin

import (
	"encoding/binary"
	"fmt"
	"unsafe"
)

// The table of functions, PJRT_Api of pjrt_c_api.h: its size, a pointer to extensions, the version (size, extensions, major,
// minor), then one pointer for each function.
const (
	offsetMajor = 32
	offsetMinor = 36
	firstSlot   = 40
	slotBytes   = 8
)

const (
	// OldestMinor is the oldest minor version whose table has the order that is known here: 0.57 rearranged it.
	OldestMinor = 57
	// HeaderMinor is the version of the header that the calling side is compiled with (go-xla v0.4.2).
	HeaderMinor = 104
)

// Version is the version of the interface that a plugin was built with, major 0 always.
type Version struct {
	Minor int
	// Size is the size of its table in bytes.
	Size int
}

func (v Version) String() string { return fmt.Sprintf("0.%d", v.Minor) }

// Newer tells that the plugin knows structures that have perhaps grown since the header of the calling side: it may refuse
// some calls.
func (v Version) Newer() bool { return v.Minor > HeaderMinor }

// slot is a function of the table that is called, by go-xla or by the engine.
type slot struct {
	name  string
	index int
}

// The indexes of the functions that the engine calls itself.
const (
	SlotErrorDestroy                = 0
	SlotErrorMessage                = 1
	SlotDeviceDescriptionID         = 23
	SlotDeviceDescriptionAttributes = 25
	SlotDeviceDescriptionKind       = 26
	SlotDeviceGetDescription        = 29
)

// slots are all functions that are called. A test holds them against go-xla's header and its sources.
func slots() []slot {
	return []slot{
		{"PJRT_Error_Destroy", SlotErrorDestroy}, {"PJRT_Error_Message", SlotErrorMessage}, {"PJRT_Error_GetCode", 2},
		{"PJRT_Plugin_Initialize", 3}, {"PJRT_Plugin_Attributes", 4},
		{"PJRT_Event_Destroy", 5}, {"PJRT_Event_Await", 8},
		{"PJRT_Client_Create", 10}, {"PJRT_Client_Destroy", 11}, {"PJRT_Client_PlatformName", 12}, {"PJRT_Client_ProcessIndex", 13},
		{"PJRT_Client_PlatformVersion", 14}, {"PJRT_Client_AddressableDevices", 16}, {"PJRT_Client_Compile", 20},
		{"PJRT_Client_DefaultDeviceAssignment", 21}, {"PJRT_Client_BufferFromHostBuffer", 22}, {"PJRT_DeviceDescription_Id", SlotDeviceDescriptionID},
		{"PJRT_DeviceDescription_Attributes", SlotDeviceDescriptionAttributes}, {"PJRT_DeviceDescription_Kind", SlotDeviceDescriptionKind},
		{"PJRT_Device_GetDescription", SlotDeviceGetDescription}, {"PJRT_Device_IsAddressable", 30}, {"PJRT_Device_LocalHardwareId", 31},
		{"PJRT_Executable_Destroy", 40}, {"PJRT_Executable_Name", 41}, {"PJRT_Executable_NumOutputs", 44},
		{"PJRT_LoadedExecutable_Destroy", 50}, {"PJRT_LoadedExecutable_GetExecutable", 51}, {"PJRT_LoadedExecutable_Execute", 55},
		{"PJRT_Buffer_Destroy", 58}, {"PJRT_Buffer_Dimensions", 60}, {"PJRT_Buffer_ToHostBuffer", 70},
		{"PJRT_Executable_GetCompiledMemoryStats", 96},
	}
}

// memory is the table at an address, as long as it says of itself, but no longer than what is called.
func memory(table uintptr) []byte {
	if table == 0 {
		return nil
	}
	at := pointer(table)
	size := *(*uint64)(at)
	return unsafe.Slice((*byte)(at), min(size, uint64(firstSlot+slotBytes*(last()+1))))
}

// pointer is the address as a pointer to memory that is not Go's.
func pointer(address uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&address)) }

func last() int {
	most := 0
	for _, s := range slots() {
		most = max(most, s.index)
	}
	return most
}

// parse reads a table and tells why it cannot be used, if so.
func parse(table []byte) (Version, error) {
	if len(table) < firstSlot {
		return Version{}, fmt.Errorf("its table of functions has %d bytes: it is no PJRT plugin", len(table))
	}
	word := func(at int) uint64 { return binary.NativeEndian.Uint64(table[at:]) }
	major, minor := int32(binary.NativeEndian.Uint32(table[offsetMajor:])), int32(binary.NativeEndian.Uint32(table[offsetMinor:]))
	v := Version{Minor: int(minor), Size: int(min(word(0), 1<<30))}
	switch {
	case major != 0:
		return v, fmt.Errorf("it has version %d.%d of the PJRT API, and this program knows major version 0 (up to 0.%d): install an older plugin, or a newer accelbench",
			major, minor, HeaderMinor)
	case minor < OldestMinor:
		return v, fmt.Errorf("it is too old: it has version 0.%d of the PJRT API, and 0.%d or a later one is needed: install a newer plugin", minor, OldestMinor)
	}
	for _, s := range slots() {
		at := firstSlot + slotBytes*s.index
		switch {
		case at+slotBytes > len(table):
			return v, fmt.Errorf("its table of functions has %d bytes and lacks %s: it does not match its version %v; install another release of it", v.Size, s.name, v)
		case word(at) == 0:
			return v, fmt.Errorf("it does not have %s (version %v of the PJRT API): install a newer release of it", s.name, v)
		}
	}
	return v, nil
}

// Function is the address of a function of the table.
func (p *Plugin) Function(slot int) uintptr {
	return *(*uintptr)(unsafe.Add(pointer(p.Table), firstSlot+slotBytes*slot))
}
