package nvml

import "errors"

// errNotBuilt says that this program has no NVML inside.
var errNotBuilt = errors.New("built without cgo or not for Linux, so NVML is not in this program")

// library is NVML before its start. That stopping is a method of what Start gives keeps the order safe: stopping a library
// that did not start ends the process.
type library interface {
	// Start loads the library and starts it. The error is a *failure, or errNotBuilt.
	Start() (driver, error)
}

// driver is the started library.
type driver interface {
	Count() (int, code)
	GPU(index int) (gpu, code)
	Version(of version) (string, code)
	// Shutdown ends one Start. Nothing obtained from the driver may be used afterwards.
	Shutdown() code
}

// gpu is a GPU or a slice of one. A fact that the driver has no function for gives codeFunctionNotFound.
type gpu interface {
	Text(what text) (string, code)
	// Number gives a value in the unit of NVML, which is beside each number's name below.
	Number(what number) (uint64, code)
	Slice(index int) (gpu, code)
	Sensors() sensors
}

// sensors are what is asked again and again while a GPU works.
type sensors interface {
	// Processes counts the processes that compute or draw on it now. They are counted by their numbers in the host's
	// namespace, which are none of this process's namespace in a container.
	Processes() (int, code)
	// Fields asks for all the fields in one call. Every reply has a code of its own; that of the call tells whether there are
	// replies at all, one for each field in their order.
	Fields(fields []field) ([]reply, code)
	// Record begins what the driver has to remember between questions. It must be closed.
	Record() recorder
}

// recorder is what the driver remembers for one reader.
type recorder interface {
	// Fault takes the next critical error that the driver reported since the recorder began, an Xid number. There is none
	// left with codeTimeout.
	Fault() (uint64, code)
	// Activity is how much of the GPU was at work since the call before; codeNoData at the first one, or after too short a time.
	Activity() (activity, code)
	Close()
}

// field is a value of nvmlDeviceGetFieldValues: its number in nvml.h, and what it is asked of where there is a choice.
type field struct{ id, scope uint32 }

// reply is the answer for one field.
type reply struct {
	value uint64
	code  code
}

// activity is in per cent; nil where the GPU does not tell.
type activity struct {
	cores, tensor, bandwidth *float64
}

type version int

const (
	driverVersion version = iota
	cudaVersion           // as "12.4"
)

type text int

const (
	textName text = iota
	textUUID
	textPCIAddress
)

type number int

const (
	numMemoryTotal          number = iota // bytes
	numMemoryUsed                         // bytes
	numCUDACores                          // CUDA cores, not multiprocessors
	numSliceMultiprocessors               // multiprocessors of a MIG slice
	numComputeCapability                  // major*100 + minor
	numArchitecture                       // NVML's number
	numMIGMode                            // migEnabled or not
	numMaxSlices
	numMaxSMClock     // MHz
	numMaxMemoryClock // MHz
	numPowerLimit     // mW, enforced now
	numPowerMin       // mW, lowest settable limit
	numPowerMax       // mW, highest settable limit
	numPowerDefault   // mW
	numECC            // 0 or 1
	numPersistence    // 0 or 1
	numComputeMode    // NVML's number
	numPCIeGen
	numPCIeGenMax
	numPCIeWidth
	numPCIeWidthMax
	numPower       // mW: a mean over a second on GPUs since Ampere, except GA100
	numEnergy      // mJ since the driver was loaded
	numSMClock     // MHz
	numMemoryClock // MHz
	numTemperature // degrees Celsius
	numUtilization // per cent of the last sample period in which a kernel ran
	numThrottle    // bit mask

	numMemoryUtilization // per cent of the last sample period in which its memory was read or written
	numECCUncorrected    // memory errors since the driver was loaded
	numFabricState       // NVML's number
)

const migEnabled = 1
