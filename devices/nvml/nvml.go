// Package nvml finds NVIDIA GPUs and reads their sensors through NVML, the library that comes with NVIDIA's driver.
//
// The flow: [New] gives the backend; its Find loads libnvidia-ml.so.1 and starts it, asks for each GPU, and hands each out
// as a device, or its MIG slices in its place when it is cut up, because nothing can run on the whole GPU then. The library
// stays started until the last of these devices is closed. What the PCI bus and /dev show never makes a device; it only
// explains why there is none.
//
// The room's one rule: no function of the library is called that could end the process. A function that the installed
// driver lacks kills the process at the call and no recover helps, so every function is looked up by name first, nothing is
// called before a start that worked, and stopping exists only as a method of what such a start gave. The program must be
// linked without -z now and not statically.
//
// Without cgo, or on another system than Linux, the package builds and finds nothing, and says so.
package nvml

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/host/sysfiles"
)

const backendName = "nvml"

// Options adjusts where the backend looks.
type Options struct {
	// LibraryPath is the file to load in place of libnvidia-ml.so.1 from the loader's path.
	LibraryPath string
	// Record, if set, takes what the library answers.
	Record *Tape
	// Replay, if set, answers in place of the library.
	Replay *Tape
}

// New gives the backend for NVIDIA GPUs. Nothing is loaded before Find.
func New(opts Options) devices.Backend {
	var l library
	switch {
	case opts.Replay != nil:
		l = replay{opts.Replay}
	default:
		l = newLibrary(opts.LibraryPath)
	}
	if opts.Record != nil {
		l = taped{l, opts.Record}
	}
	return &backend{library: l}
}

type backend struct {
	library library
}

// Name returns "nvml".
func (b *backend) Name() string { return backendName }

// Find loads NVML and lists the GPUs, or in place of a GPU with MIG on its slices. Each device must be closed; the library
// stays loaded until then.
func (b *backend) Find(ctx context.Context, m devices.Machine) (devices.Inventory, error) {
	if err := ctx.Err(); err != nil {
		return devices.Inventory{}, fmt.Errorf("finding NVIDIA GPUs: %w", err)
	}
	seen := look(m.FS)
	driver, err := b.library.Start()
	if err != nil {
		return explain(err, seen)
	}
	s := &session{driver: driver}
	inv := s.find()
	near(m.FS, inv)
	inv.Problems = append(inv.Problems, hide(m, inv, s.count)...)
	if len(inv.Devices) == 0 {
		s.driver.Shutdown()
	}
	if len(inv.Devices) == 0 && len(inv.Problems) == 0 {
		if len(seen.gpus) == 0 {
			return inv, fmt.Errorf("finding NVIDIA GPUs: %w: the driver is loaded and reports no GPU", devices.ErrAbsent)
		}
		inv.Problems = append(inv.Problems, devices.Problem{
			Text:   fmt.Sprintf("NVIDIA GPU on the PCI bus (%s), but the driver reports none", strings.Join(seen.gpus, ", ")),
			Remedy: "in a container, start it with access to the GPUs (docker run --gpus all); otherwise look for NVRM lines in dmesg and check that this driver still serves the GPU",
		})
	}
	return inv, nil
}

// near adds the memory node of the host that each GPU is next to, where the machine tells.
func near(root fs.FS, inv devices.Inventory) {
	if root == nil {
		return
	}
	for _, d := range inv.Devices {
		d := d.(*device)
		for _, fact := range d.info.Details {
			if address, known := fact.Value.(string); known && fact.Name == "pci_address" {
				if node := sysfiles.NUMANode(root, address); node != nil {
					d.info.Details = append(d.info.Details, devices.Detail{Name: "numa_node", Value: *node, Source: "sysfs"})
				}
				break
			}
		}
	}
}

// explain turns a failed start into a reason for absence, or into a problem where hardware is there.
func explain(err error, seen presence) (devices.Inventory, error) {
	if errors.Is(err, errNotBuilt) {
		if len(seen.gpus) > 0 || len(seen.nodes) > 0 {
			return problem(fmt.Sprintf("NVIDIA GPU seen (%s), but this program was built without cgo, which NVML needs", seen),
				"use a build made with CGO_ENABLED=1 on Linux"), nil
		}
		return devices.Inventory{}, fmt.Errorf("finding NVIDIA GPUs: %w: %w; %s", devices.ErrAbsent, err, seen)
	}
	var failed *failure
	if !errors.As(err, &failed) {
		return devices.Inventory{}, fmt.Errorf("finding NVIDIA GPUs: %w", err)
	}
	switch {
	case failed.code == codeLibraryNotFound && len(seen.nodes) > 0:
		return problem(fmt.Sprintf("NVIDIA driver loaded (%s), but its library cannot be used: %s", strings.Join(seen.nodes, ", "), failed.detail()),
			"in a container, start it through the NVIDIA container runtime (docker run --gpus all); otherwise install the driver's libnvidia-ml.so.1 or name it in LD_LIBRARY_PATH"), nil
	case failed.code == codeLibraryNotFound && len(seen.gpus) > 0:
		return problem(fmt.Sprintf("NVIDIA GPU on the PCI bus (%s), no driver loaded: %s", strings.Join(seen.gpus, ", "), failed.detail()),
			"install the NVIDIA driver and load it (modprobe nvidia)"), nil
	case failed.code == codeLibraryNotFound,
		failed.code == codeDriverNotLoaded && len(seen.gpus) == 0 && len(seen.nodes) == 0:
		return devices.Inventory{}, fmt.Errorf("finding NVIDIA GPUs: %w: %s; %s", devices.ErrAbsent, failed.detail(), seen)
	default:
		return problem(fmt.Sprintf("starting NVML: %s; %s", failed.detail(), seen), failed.code.remedy()), nil
	}
}

func problem(text, remedy string) devices.Inventory {
	return devices.Inventory{Problems: []devices.Problem{{Text: text, Remedy: remedy}}}
}

// session is one start of the library, shared by the devices that one Find gave out.
type session struct {
	mu     sync.Mutex
	driver driver
	open   int
	// count is the number of GPUs, of those that cannot be used too.
	count int
}

// find lists what the started library reports. A GPU that cannot be used is a problem and does not hide the others.
func (s *session) find() devices.Inventory {
	var inv devices.Inventory
	count, c := s.driver.Count()
	if c != codeOK {
		inv.Problems = append(inv.Problems, devices.Problem{Text: "counting NVIDIA GPUs: " + c.text(), Remedy: c.remedy()})
		return inv
	}
	s.count = count
	versions := s.versions()
	for i := range count {
		g, c := s.driver.GPU(i)
		if c != codeOK {
			inv.Problems = append(inv.Problems, devices.Problem{
				Text: fmt.Sprintf("NVIDIA GPU %d cannot be used: %s", i, c.text()), Remedy: c.remedy(),
			})
			continue
		}
		found, problems := s.devicesOf(i, g, versions)
		inv.Devices = append(inv.Devices, found...)
		inv.Problems = append(inv.Problems, problems...)
	}
	return inv
}

// devicesOf gives the GPU itself, or its slices when MIG is on.
func (s *session) devicesOf(index int, g gpu, v versions) ([]devices.Device, []devices.Problem) {
	parent := whole(index, g, v)
	if mode, c := g.Number(numMIGMode); c != codeOK || mode != migEnabled {
		return []devices.Device{s.device(parent, g, nil, place{index, parent})}, nil
	}
	var parts []*device
	var problems []devices.Problem
	slots, c := g.Number(numMaxSlices)
	if c != codeOK {
		return nil, []devices.Problem{{Text: fmt.Sprintf("NVIDIA GPU %d has MIG on, and its slices cannot be listed: %s", index, c.text()), Remedy: c.remedy()}}
	}
	for i := range int(slots) {
		part, c := g.Slice(i)
		switch {
		case c == codeOK:
			parts = append(parts, s.device(slice(parent, i, part), part, g, place{index, parent}))
		case !c.isHole():
			problems = append(problems, devices.Problem{
				Text: fmt.Sprintf("MIG slice %d of NVIDIA GPU %d cannot be used: %s", i, index, c.text()), Remedy: c.remedy(),
			})
		}
	}
	if len(parts) == 0 && len(problems) == 0 {
		problems = append(problems, devices.Problem{
			Text:   fmt.Sprintf("NVIDIA GPU %d (%s) has MIG on and no slices, so nothing can run on it", index, parent.Name),
			Remedy: "make slices (nvidia-smi mig -cgi ... -C) or turn MIG off (nvidia-smi -mig 0)",
		})
	}
	// A slice that cannot be used may be at work for somebody else.
	return metered(parts, len(parts)+len(problems)), problems
}

// metered gives the energy of a GPU to the slice that has it for itself. In a container others may be hidden.
func metered(parts []*device, slices int) []devices.Device {
	var out []devices.Device
	for _, d := range parts {
		if slices == 1 {
			d.metered, d.info.EnergyScope = true, "the whole GPU, of which this is the only slice seen"
		} else {
			d.info.Unmetered = fmt.Sprintf("energy is measured of the whole GPU only, which %d slices share: not attributable", slices)
		}
		d.info.Details = append(d.info.Details, detail("energy", cmp.Or(d.info.Unmetered, d.info.EnergyScope), ""))
		out = append(out, d)
	}
	return out
}

// device is a GPU, or with a parent a slice of one.
func (s *session) device(info devices.Info, g, parent gpu, at place) *device {
	s.open++
	d := &device{session: s, info: info, gpu: g, parent: parent, at: at, metered: parent == nil}
	d.fields = newFieldReader(d.shared())
	return d
}

// release stops the library with the last device.
func (s *session) release() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open--
	if s.open > 0 {
		return nil
	}
	if c := s.driver.Shutdown(); c != codeOK {
		return &failure{code: c}
	}
	return nil
}

type versions struct {
	driver string
	cuda   any
}

func (s *session) versions() versions {
	var v versions
	if text, c := s.driver.Version(driverVersion); c == codeOK {
		v.driver = text
	}
	if text, c := s.driver.Version(cudaVersion); c == codeOK {
		v.cuda = text
	}
	return v
}

// presence is what can be seen of NVIDIA hardware without its library.
type presence struct {
	gpus  []string // PCI addresses of display and 3D controllers
	nodes []string // device nodes that the driver made
	wsl   bool     // the node of Windows' paravirtual GPU, of whatever maker
}

// String says what was seen, as the end of a sentence.
func (p presence) String() string {
	var parts []string
	if len(p.gpus) > 0 {
		parts = append(parts, "PCI "+strings.Join(p.gpus, ", "))
	}
	if len(p.nodes) > 0 {
		parts = append(parts, strings.Join(p.nodes, ", "))
	}
	if p.wsl {
		parts = append(parts, "/dev/dxg (WSL2: the library comes with the Windows driver, in /usr/lib/wsl/lib)")
	}
	if len(parts) == 0 {
		return "no NVIDIA GPU on the PCI bus, no /dev/nvidia*"
	}
	return strings.Join(parts, "; ")
}

// look reads the PCI bus and /dev. A tree that cannot be read shows nothing: the findings only explain.
func look(root fs.FS) presence {
	var p presence
	if root == nil {
		return p
	}
	const bus = "sys/bus/pci/devices"
	entries, _ := fs.ReadDir(root, bus)
	for _, e := range entries {
		vendor, _ := fs.ReadFile(root, bus+"/"+e.Name()+"/vendor")
		class, _ := fs.ReadFile(root, bus+"/"+e.Name()+"/class")
		kind := strings.TrimSpace(string(class))
		if strings.TrimSpace(string(vendor)) == "0x10de" && (strings.HasPrefix(kind, "0x0300") || strings.HasPrefix(kind, "0x0302")) {
			p.gpus = append(p.gpus, e.Name())
		}
	}
	nodes, _ := fs.Glob(root, "dev/nvidia[0-9]*")
	for _, n := range append(nodes, "dev/nvidiactl", "dev/dxg") {
		if _, err := fs.Stat(root, n); err != nil {
			continue
		}
		if n == "dev/dxg" {
			p.wsl = true
			continue
		}
		p.nodes = append(p.nodes, "/"+n)
	}
	return p
}
