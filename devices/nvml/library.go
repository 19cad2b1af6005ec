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
	// Processes counts the processes that compute or draw on it now. They are counted by their numbers in the host's
	// namespace, which are none of this process's namespace in a container.
	Processes() (int, code)
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
	numPower       // mW
	numEnergy      // mJ since the driver was loaded
	numSMClock     // MHz
	numMemoryClock // MHz
	numTemperature // degrees Celsius
	numUtilization // per cent of the last sample period in which a kernel ran
	numThrottle    // bit mask
)

const migEnabled = 1
