//go:build linux && cgo

package nvml

import (
	"fmt"
	"slices"

	"github.com/NVIDIA/go-nvml/pkg/dl"
	"github.com/NVIDIA/go-nvml/pkg/nvml"
)

const defaultLibrary = "libnvidia-ml.so.1"

func newLibrary(path string) library {
	if path == "" {
		path = defaultLibrary
	}
	return &goNVML{lib: nvml.New(nvml.WithLibraryPath(path)), check: func() *failure { return startable(path) }}
}

// goNVML is NVML through go-nvml.
type goNVML struct {
	lib   nvml.Interface
	check func() *failure
}

// Start loads the library, looks up once which functions it has, and starts it.
func (l *goNVML) Start() (driver, error) {
	if f := l.check(); f != nil {
		return nil, f
	}
	if c := code(l.lib.Init()); c != codeOK {
		return nil, &failure{code: c}
	}
	return &started{lib: l.lib, has: lookUp(l.lib)}, nil
}

// startable opens the library by itself first: go-nvml keeps the loader's words to itself, and would die on a library
// without the functions for starting and stopping.
func startable(path string) *failure {
	lib := dl.New(path, dl.RTLD_LAZY|dl.RTLD_LOCAL)
	if err := lib.Open(); err != nil {
		return &failure{code: codeLibraryNotFound, why: err.Error()}
	}
	has := func(name string) bool { return lib.Lookup(name) == nil }
	usable := (has("nvmlInit_v2") || has("nvmlInit")) && has("nvmlShutdown")
	if err := lib.Close(); err != nil {
		return &failure{code: codeLibraryNotFound, why: err.Error()}
	}
	if !usable {
		return &failure{code: codeLibraryNotFound, why: path + " is not NVIDIA's management library"}
	}
	return nil
}

// symbols is the set of functions that the loaded library has.
type symbols map[string]bool

// anyOf says whether one of the names is there; go-nvml takes the newest of a function's versions that is.
func (s symbols) anyOf(names []string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return s[n] })
}

func lookUp(lib nvml.Interface) symbols {
	has := symbols{}
	note := func(names ...string) {
		for _, n := range names {
			has[n] = lib.Extensions().LookupSymbol(n) == nil
		}
	}
	note(symbolsCount...)
	note(symbolsHandle...)
	note(symbolSlice, symbolDriverVersion, symbolCUDAVersion, symbolFields)
	note(symbolsEvents...)
	note(symbolsEventWait...)
	note(symbolsActivity...)
	for _, q := range texts {
		note(q.symbols...)
	}
	for _, q := range users {
		note(q.symbols...)
	}
	for _, alternatives := range numbers {
		for _, q := range alternatives {
			note(q.symbols...)
		}
	}
	return has
}

const (
	symbolSlice         = "nvmlDeviceGetMigDeviceHandleByIndex"
	symbolDriverVersion = "nvmlSystemGetDriverVersion"
	symbolCUDAVersion   = "nvmlSystemGetCudaDriverVersion"
)

var (
	symbolsCount  = []string{"nvmlDeviceGetCount_v2", "nvmlDeviceGetCount"}
	symbolsHandle = []string{"nvmlDeviceGetHandleByIndex_v2", "nvmlDeviceGetHandleByIndex"}
)

// started is the library after a start that worked.
type started struct {
	lib nvml.Interface
	has symbols
}

// Count gives the number of GPUs.
func (d *started) Count() (int, code) {
	if !d.has.anyOf(symbolsCount) {
		return 0, codeFunctionNotFound
	}
	n, ret := d.lib.DeviceGetCount()
	return n, code(ret)
}

// GPU gives the GPU at the index in the order of the PCI bus.
func (d *started) GPU(index int) (gpu, code) {
	if !d.has.anyOf(symbolsHandle) {
		return nil, codeFunctionNotFound
	}
	dev, ret := d.lib.DeviceGetHandleByIndex(index)
	return &goGPU{lib: d.lib, dev: dev, has: d.has}, code(ret)
}

// Version gives the version of the driver, or the newest CUDA that it serves.
func (d *started) Version(of version) (string, code) {
	if of == cudaVersion {
		if !d.has[symbolCUDAVersion] {
			return "", codeFunctionNotFound
		}
		v, ret := d.lib.SystemGetCudaDriverVersion()
		return fmt.Sprintf("%d.%d", v/1000, v%1000/10), code(ret)
	}
	if !d.has[symbolDriverVersion] {
		return "", codeFunctionNotFound
	}
	v, ret := d.lib.SystemGetDriverVersion()
	return v, code(ret)
}

// Shutdown stops the library.
func (d *started) Shutdown() code { return code(d.lib.Shutdown()) }

// goGPU is one handle and the functions that may be called with it.
type goGPU struct {
	lib nvml.Interface
	dev nvml.Device
	has symbols
}

// Text asks the driver for a text.
func (g *goGPU) Text(what text) (string, code) {
	q := texts[what]
	if !g.has.anyOf(q.symbols) {
		return "", codeFunctionNotFound
	}
	s, ret := q.call(g.dev)
	return s, code(ret)
}

// Number asks the driver for a number, by the first of the alternatives that works.
func (g *goGPU) Number(what number) (uint64, code) {
	result := codeFunctionNotFound
	for _, q := range numbers[what] {
		if !g.has.anyOf(q.symbols) {
			continue
		}
		n, ret := q.call(g.dev)
		if result = code(ret); !result.isMissing() {
			return n, result
		}
	}
	return 0, result
}

// Slice gives the MIG slice in a slot; an empty slot gives a code that isHole.
func (g *goGPU) Slice(index int) (gpu, code) {
	if !g.has[symbolSlice] {
		return nil, codeFunctionNotFound
	}
	dev, ret := g.dev.GetMigDeviceHandleByIndex(index)
	return &goGPU{lib: g.lib, dev: dev, has: g.has}, code(ret)
}

// Sensors is the same handle.
func (g *goGPU) Sensors() sensors { return g }

// query is one way to ask a question: the versions of the function that go-nvml would call, and the call.
type query[T any] struct {
	symbols []string
	call    func(nvml.Device) (T, nvml.Return)
}

var texts = map[text]query[string]{
	textName: {[]string{"nvmlDeviceGetName"}, nvml.Device.GetName},
	textUUID: {[]string{"nvmlDeviceGetUUID"}, nvml.Device.GetUUID},
	textPCIAddress: {
		[]string{"nvmlDeviceGetPciInfo_v3", "nvmlDeviceGetPciInfo_v2", "nvmlDeviceGetPciInfo"},
		func(d nvml.Device) (string, nvml.Return) {
			p, ret := d.GetPciInfo()
			// Older forms of the function leave the long address empty, so it is built from its parts.
			return fmt.Sprintf("%04x:%02x:%02x.0", p.Domain, p.Bus, p.Device), ret
		},
	},
}

// wide adapts a call whose value needs no more than its type widened.
func wide[T ~int | ~int32 | ~uint32 | ~uint64](call func(nvml.Device) (T, nvml.Return)) func(nvml.Device) (uint64, nvml.Return) {
	return func(d nvml.Device) (uint64, nvml.Return) {
		v, ret := call(d)
		return uint64(v), ret
	}
}

func one[T any](symbol string, call func(nvml.Device) (T, nvml.Return)) []query[T] {
	return []query[T]{{[]string{symbol}, call}}
}

// numbers lists for each number the ways to ask for it, the better one first.
var numbers = map[number][]query[uint64]{
	numMemoryTotal: memory(
		func(m nvml.Memory_v2) uint64 { return m.Total },
		func(m nvml.Memory) uint64 { return m.Total }),
	numMemoryUsed: memory(
		func(m nvml.Memory_v2) uint64 { return m.Used },
		func(m nvml.Memory) uint64 { return m.Used }),
	numCUDACores: one("nvmlDeviceGetNumGpuCores", wide(nvml.Device.GetNumGpuCores)),
	numSliceMultiprocessors: {{[]string{"nvmlDeviceGetAttributes_v2", "nvmlDeviceGetAttributes"},
		func(d nvml.Device) (uint64, nvml.Return) {
			a, ret := d.GetAttributes()
			return uint64(a.MultiprocessorCount), ret
		}}},
	numComputeCapability: one("nvmlDeviceGetCudaComputeCapability", func(d nvml.Device) (uint64, nvml.Return) {
		major, minor, ret := d.GetCudaComputeCapability()
		return uint64(major*100 + minor), ret
	}),
	numArchitecture: one("nvmlDeviceGetArchitecture", wide(nvml.Device.GetArchitecture)),
	numMIGMode: one("nvmlDeviceGetMigMode", func(d nvml.Device) (uint64, nvml.Return) {
		now, _, ret := d.GetMigMode()
		return uint64(now), ret
	}),
	numMaxSlices:      one("nvmlDeviceGetMaxMigDeviceCount", wide(nvml.Device.GetMaxMigDeviceCount)),
	numMaxSMClock:     one("nvmlDeviceGetMaxClockInfo", clock(nvml.Device.GetMaxClockInfo, nvml.CLOCK_SM)),
	numMaxMemoryClock: one("nvmlDeviceGetMaxClockInfo", clock(nvml.Device.GetMaxClockInfo, nvml.CLOCK_MEM)),
	numPowerLimit:     one("nvmlDeviceGetEnforcedPowerLimit", wide(nvml.Device.GetEnforcedPowerLimit)),
	numPowerMin: one("nvmlDeviceGetPowerManagementLimitConstraints", func(d nvml.Device) (uint64, nvml.Return) {
		low, _, ret := d.GetPowerManagementLimitConstraints()
		return uint64(low), ret
	}),
	numPowerMax: one("nvmlDeviceGetPowerManagementLimitConstraints", func(d nvml.Device) (uint64, nvml.Return) {
		_, high, ret := d.GetPowerManagementLimitConstraints()
		return uint64(high), ret
	}),
	numPowerDefault: one("nvmlDeviceGetPowerManagementDefaultLimit", wide(nvml.Device.GetPowerManagementDefaultLimit)),
	numECC: one("nvmlDeviceGetEccMode", func(d nvml.Device) (uint64, nvml.Return) {
		now, _, ret := d.GetEccMode()
		return uint64(now), ret
	}),
	numPersistence:  one("nvmlDeviceGetPersistenceMode", wide(nvml.Device.GetPersistenceMode)),
	numComputeMode:  one("nvmlDeviceGetComputeMode", wide(nvml.Device.GetComputeMode)),
	numPCIeGen:      one("nvmlDeviceGetCurrPcieLinkGeneration", wide(nvml.Device.GetCurrPcieLinkGeneration)),
	numPCIeGenMax:   one("nvmlDeviceGetMaxPcieLinkGeneration", wide(nvml.Device.GetMaxPcieLinkGeneration)),
	numPCIeWidth:    one("nvmlDeviceGetCurrPcieLinkWidth", wide(nvml.Device.GetCurrPcieLinkWidth)),
	numPCIeWidthMax: one("nvmlDeviceGetMaxPcieLinkWidth", wide(nvml.Device.GetMaxPcieLinkWidth)),
	numPower:        one("nvmlDeviceGetPowerUsage", wide(nvml.Device.GetPowerUsage)),
	numEnergy:       one("nvmlDeviceGetTotalEnergyConsumption", nvml.Device.GetTotalEnergyConsumption),
	numSMClock:      one("nvmlDeviceGetClockInfo", clock(nvml.Device.GetClockInfo, nvml.CLOCK_SM)),
	numMemoryClock:  one("nvmlDeviceGetClockInfo", clock(nvml.Device.GetClockInfo, nvml.CLOCK_MEM)),
	// The first is deprecated, and the only one that every driver has.
	numTemperature: {
		{[]string{"nvmlDeviceGetTemperature"}, func(d nvml.Device) (uint64, nvml.Return) {
			t, ret := d.GetTemperature(nvml.TEMPERATURE_GPU)
			return uint64(t), ret
		}},
		{[]string{"nvmlDeviceGetTemperatureV"}, func(d nvml.Device) (uint64, nvml.Return) {
			t, ret := d.GetTemperatureV().V1()
			if t.Temperature < 0 {
				return 0, nvml.ERROR_NO_DATA
			}
			return uint64(t.Temperature), ret
		}},
	},
	numUtilization: one("nvmlDeviceGetUtilizationRates", func(d nvml.Device) (uint64, nvml.Return) {
		u, ret := d.GetUtilizationRates()
		return uint64(u.Gpu), ret
	}),
	numMemoryUtilization: one("nvmlDeviceGetUtilizationRates", func(d nvml.Device) (uint64, nvml.Return) {
		u, ret := d.GetUtilizationRates()
		return uint64(u.Memory), ret
	}),
	numECCUncorrected: one("nvmlDeviceGetTotalEccErrors", func(d nvml.Device) (uint64, nvml.Return) {
		return d.GetTotalEccErrors(nvml.MEMORY_ERROR_TYPE_UNCORRECTED, nvml.VOLATILE_ECC)
	}),
	numFabricState: one("nvmlDeviceGetGpuFabricInfo", func(d nvml.Device) (uint64, nvml.Return) {
		info, ret := d.GetGpuFabricInfo()
		return uint64(info.State), ret
	}),
	numThrottle: {
		{[]string{"nvmlDeviceGetCurrentClocksEventReasons"}, nvml.Device.GetCurrentClocksEventReasons},
		{[]string{"nvmlDeviceGetCurrentClocksThrottleReasons"}, nvml.Device.GetCurrentClocksThrottleReasons},
	},
}

// memory prefers the newer function: the older one counts what the driver keeps for itself as used.
func memory(newer func(nvml.Memory_v2) uint64, older func(nvml.Memory) uint64) []query[uint64] {
	return []query[uint64]{
		{[]string{"nvmlDeviceGetMemoryInfo_v2"}, func(d nvml.Device) (uint64, nvml.Return) {
			m, ret := d.GetMemoryInfo_v2()
			return newer(m), ret
		}},
		{[]string{"nvmlDeviceGetMemoryInfo"}, func(d nvml.Device) (uint64, nvml.Return) {
			m, ret := d.GetMemoryInfo()
			return older(m), ret
		}},
	}
}

func clock(call func(nvml.Device, nvml.ClockType) (uint32, nvml.Return), which nvml.ClockType) func(nvml.Device) (uint64, nvml.Return) {
	return func(d nvml.Device) (uint64, nvml.Return) {
		mhz, ret := call(d, which)
		return uint64(mhz), ret
	}
}
