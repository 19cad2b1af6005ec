package libnrt

import (
	"errors"
	"fmt"
)

// ErrLeftOut is returned by Open where the binding is not part of the build.
var ErrLeftOut = errors.New("libnrt is left out of this build (tag noort, or a system other than Linux on amd64 and arm64)")

// ErrClosed is what using something closed gives.
var ErrClosed = errors.New("it is closed")

// Status is NRT_STATUS, the result of a call.
type Status int32

// The results. The numbers are the library's.
const (
	Success             Status = 0
	Failure             Status = 1
	Invalid             Status = 2
	InvalidHandle       Status = 3
	Resource            Status = 4
	Timeout             Status = 5
	HardwareError       Status = 6
	QueueFull           Status = 7
	NotEnoughCores      Status = 9
	UnsupportedVersion  Status = 10
	HostMemory          Status = 11
	Uninitialized       Status = 13
	Closed              Status = 14
	QueueEmpty          Status = 15
	Unrecoverable       Status = 101
	BadInput            Status = 1002
	CompletedWithNaN    Status = 1003
	CompletedWithError  Status = 1004
	CoreBusy            Status = 1005
	OutOfBounds         Status = 1006
	CollectivePending   Status = 1100
	CollectivesError    Status = 1200
	MemoryError         Status = 1201
	CoreError           Status = 1202
	DMAAbort            Status = 1203
	QueueOverflow       Status = 1204
	RepairableMemory    Status = 1205
	NetworkProxyFailure Status = 1206
)

// Remedies of several.
const (
	seeLog          = "the runtime's log says more: set NEURON_RT_LOG_LEVEL=INFO"
	replaceInstance = "reload the driver (modprobe -r neuron; modprobe neuron); if it comes again, stop and start the instance to get another chip"
	resetChip       = "end the program; if it comes again, reload the driver (modprobe -r neuron; modprobe neuron) or restart the instance"
	noCollectives   = "the NEFF uses collectives, which accelbench does not set up: compile it for one logical core"
)

// words is the name of a status as the library has it, and what to do.
func (s Status) words() (name, remedy string) {
	switch s {
	case Success:
		return "NRT_SUCCESS", ""
	case Failure:
		return "NRT_FAILURE", seeLog
	case Invalid:
		return "NRT_INVALID", "the NEFF or its tensors are not as the runtime wants them: compile it with a compiler of the runtime's release"
	case InvalidHandle:
		return "NRT_INVALID_HANDLE", "this is a mistake of accelbench: please report it"
	case Resource:
		return "NRT_RESOURCE", "the chip has no memory, or no queue, left for it: end what else uses the chip, or take a smaller batch or model"
	case Timeout:
		return "NRT_TIMEOUT", "the chip did not finish in time: set NEURON_RT_EXEC_TIMEOUT to more seconds if the model is that slow, else " + resetChip
	case HardwareError:
		return "NRT_HW_ERROR", "the chip failed: " + replaceInstance
	case QueueFull:
		return "NRT_QUEUE_FULL", "more executions are under way than the runtime takes: run fewer replicas"
	case NotEnoughCores:
		return "NRT_LOAD_NOT_ENOUGH_NC", "the NEFF wants more cores than this process may use: see NEURON_RT_VISIBLE_CORES, or compile it for fewer cores"
	case UnsupportedVersion:
		return "NRT_UNSUPPORTED_NEFF_VERSION", "compiler and runtime are of different releases: update aws-neuronx-runtime-lib, or compile the NEFF again for this chip"
	case HostMemory:
		return "NRT_FAIL_HOST_MEM_ALLOC", "the host has no memory left: locked memory counts (ulimit -l), and so do huge pages"
	case Uninitialized:
		return "NRT_UNINITIALIZED", "the runtime was not started: this is a mistake of accelbench, please report it"
	case Closed:
		return "NRT_CLOSED", "the runtime was ended already: this is a mistake of accelbench, please report it"
	case QueueEmpty:
		return "NRT_QUEUE_EMPTY", seeLog
	case Unrecoverable:
		return "NRT_EXEC_UNIT_UNRECOVERABLE", "the execution unit cannot go on: " + resetChip
	case BadInput:
		return "NRT_EXEC_BAD_INPUT", "names, types or sizes of the tensors are not those of the NEFF: accelbench neuron inspect shows them"
	case CompletedWithNaN:
		return "NRT_EXEC_COMPLETED_WITH_NUM_ERR", "the execution produced NaN: choose other inputs (--input NAME:LOW..HIGH) or another precision"
	case CompletedWithError:
		return "NRT_EXEC_COMPLETED_WITH_ERR", "the execution ended with an error of the chip or of the program: " + seeLog
	case CoreBusy:
		return "NRT_EXEC_NC_BUSY", "another model or process holds the core: end it, or choose cores with NEURON_RT_VISIBLE_CORES"
	case OutOfBounds:
		return "NRT_EXEC_OOB", "the program read outside a tensor, as with ids beyond a table: limit the inputs (--input NAME:LOW..HIGH)"
	case CollectivePending:
		return "NRT_COLL_PENDING", noCollectives
	case CollectivesError:
		return "NRT_EXEC_HW_ERR_COLLECTIVES", noCollectives
	case MemoryError:
		return "NRT_EXEC_HW_ERR_HBM_UE", "the chip's memory has an error that cannot be corrected: " + replaceInstance
	case CoreError:
		return "NRT_EXEC_HW_ERR_NC_UE", "the core's memory has an error that cannot be corrected: " + replaceInstance
	case DMAAbort:
		return "NRT_EXEC_HW_ERR_DMA_ABORT", "a transfer within the chip was aborted: " + replaceInstance
	case QueueOverflow:
		return "NRT_EXEC_SW_NQ_OVERFLOW", "the runtime's notifications were not read in time: leave the host more CPU time, run fewer replicas"
	case RepairableMemory:
		return "NRT_EXEC_HW_ERR_REPAIRABLE_HBM_UE", "the chip's memory has an error that a reload repairs: reload the driver (modprobe -r neuron; modprobe neuron)"
	case NetworkProxyFailure:
		return "NRT_NETWORK_PROXY_FAILURE", noCollectives
	}
	return "", seeLog
}

// String is the library's name of the status; a number for one that is not known here.
func (s Status) String() string {
	if name, _ := s.words(); name != "" {
		return name
	}
	return fmt.Sprintf("status %d", int32(s))
}

// Remedy says what to do; empty for Success.
func (s Status) Remedy() string {
	_, remedy := s.words()
	return remedy
}

// Error is a call that failed.
type Error struct {
	Call   string // the C function
	Status Status
	Text   string // what the library calls it, empty if it does not say
}

func (e *Error) Error() string {
	text := fmt.Sprintf("%s: %s (%d)", e.Call, e.Status, int32(e.Status))
	if name, _ := e.Status.words(); name == "" {
		text = fmt.Sprintf("%s: %s", e.Call, e.Status)
		if e.Text != "" {
			text += " (" + e.Text + ")"
		}
	}
	return text + ": " + e.remedy()
}

// remedy is that of the status, but for a start of the runtime no program is to blame: none is loaded yet.
func (e *Error) remedy() string {
	if e.Call == fnInit.String() && (e.Status == Invalid || e.Status == NotEnoughCores) {
		return "the runtime does not start with the cores and the NEURON_RT_ variables that it was given: see which are set, and what its log says (NEURON_RT_LOG_LEVEL=INFO)"
	}
	return e.Status.Remedy()
}
