package nvml

import (
	"fmt"
	"slices"

	"github.com/accelbench/accelbench/devices"
)

// code is a return code of NVML. Codes are compared and worded here, never through the library's own error texts: these
// change with the loaded library and need a function of it.
type code int

const (
	codeOK               code = 0
	codeUninitialized    code = 1
	codeInvalidArgument  code = 2
	codeNotSupported     code = 3
	codeNoPermission     code = 4
	codeNotFound         code = 6
	codeDriverNotLoaded  code = 9
	codeTimeout          code = 10
	codeIRQ              code = 11
	codeLibraryNotFound  code = 12
	codeFunctionNotFound code = 13
	codeLost             code = 15
	codeResetRequired    code = 16
	codeVersionMismatch  code = 18
	codeInUse            code = 19
	codeNoData           code = 21
	codeArgumentVersion  code = 25
	codeDeprecated       code = 26
	codeNotReady         code = 27
	codeUnknown          code = 999
)

// text says what the code means, with the number, so that it can be looked up.
func (c code) text() string {
	meaning, known := map[code]string{
		codeUninitialized:    "NVML is not started",
		codeInvalidArgument:  "the driver does not accept the request",
		codeNotSupported:     "the GPU does not have this",
		codeNoPermission:     "this user may not read the GPU",
		codeNotFound:         "nothing there",
		codeDriverNotLoaded:  "the library is there, the kernel module is not loaded",
		codeTimeout:          "the driver did not answer in time",
		codeIRQ:              "the driver cannot get the GPU's interrupts",
		codeLibraryNotFound:  "the driver's library cannot be loaded",
		codeFunctionNotFound: "the installed driver lacks the function",
		codeLost:             "the GPU has fallen off the bus or is otherwise lost",
		codeResetRequired:    "the GPU must be reset before it can be used",
		codeVersionMismatch:  "library and kernel module are of different driver versions",
		codeInUse:            "the GPU is in use by another process",
		codeNoData:           "no data",
		codeArgumentVersion:  "the installed driver does not know this form of the request",
		codeDeprecated:       "the installed driver no longer has this",
		codeNotReady:         "the GPU is not ready",
		codeUnknown:          "internal driver error",
	}[c]
	if !known {
		meaning = "unexpected answer"
	}
	return fmt.Sprintf("%s (NVML code %d)", meaning, int(c))
}

// remedy says what to do about the code.
func (c code) remedy() string {
	switch c {
	case codeLibraryNotFound:
		return "install the NVIDIA driver, or name the library's folder in LD_LIBRARY_PATH"
	case codeDriverNotLoaded:
		return "load the kernel module (modprobe nvidia) and look for NVRM lines in dmesg"
	case codeVersionMismatch:
		return "the driver was upgraded while running: reboot, or unload and reload the nvidia kernel modules"
	case codeNoPermission:
		return "run as a user who may open /dev/nvidia*, or add the device nodes to the container"
	case codeLost:
		return "look for Xid lines in dmesg, then reboot or stop and start the instance; if it comes back, have the GPU replaced"
	case codeResetRequired:
		return "stop what uses the GPU and reset it (nvidia-smi --gpu-reset), or reboot"
	case codeInUse:
		return "stop the other process (nvidia-smi shows it) and try again"
	case codeTimeout, codeNotReady:
		return "wait a minute and try again; turn persistence on (nvidia-smi -pm 1) if the GPU takes long to wake"
	case codeFunctionNotFound, codeArgumentVersion, codeInvalidArgument, codeDeprecated:
		return "install a newer NVIDIA driver"
	default:
		return "look for NVRM and Xid lines in dmesg; a reboot, or another driver version, often clears it"
	}
}

// missingCodes mean that this GPU, driver or user does not have the fact.
var missingCodes = []code{codeInvalidArgument, codeNotSupported, codeNoPermission, codeNotFound, codeFunctionNotFound,
	codeNoData, codeArgumentVersion, codeDeprecated, codeNotReady}

// isMissing says that the answer is to be nil, and is no error.
func (c code) isMissing() bool { return slices.Contains(missingCodes, c) }

// isLasting says that the fact is missing for good, and not only at this moment.
func (c code) isLasting() bool { return c.isMissing() && c != codeNoData && c != codeNotReady }

// isHole says that a slot for a slice is empty.
func (c code) isHole() bool { return c == codeNotFound || c == codeInvalidArgument }

// isFatal says that every further question to the GPU would be in vain.
func (c code) isFatal() bool {
	return c == codeUninitialized || c == codeLost || c == codeResetRequired
}

// failure is a code as an error; why has the loader's own words where there are any.
type failure struct {
	code code
	why  string
}

func (f *failure) detail() string {
	if f.why == "" {
		return f.code.text()
	}
	return f.code.text() + ": " + f.why
}

// Is tells that the device is gone, which other packages need to know.
func (f *failure) Is(target error) bool {
	return target == devices.ErrLost && (f.code == codeLost || f.code == codeResetRequired)
}

// Error gives the meaning of the code and the way out.
func (f *failure) Error() string { return f.detail() + "; " + f.code.remedy() }
