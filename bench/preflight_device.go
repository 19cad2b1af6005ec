package bench

import (
	"fmt"
	"slices"
	"strings"

	"github.com/accelbench/accelbench/devices"
)

// preflight judges a device: what holds its clocks down, who else uses it, and whether an engine runs there. What only
// GPUs have is asked of the details in which NVML describes them.
func (c Candidate) preflight(backend string) []PreflightCheck {
	if c.Info.Hidden != "" {
		return []PreflightCheck{{Name: c.Info.ID + " visible", Status: PreflightWarn, Found: c.Info.Hidden, Why: "it is not measured from here",
			Remedy: "change the variable to measure it"}}
	}
	checks := []PreflightCheck{c.engines()}
	if backend != "cpu" {
		checks = append(checks, c.foreign(), c.held())
	}
	if backend == "nvml" {
		checks = append(checks, c.persistence(), c.powerLimit(), c.ecc(), c.mig())
	}
	for i := range checks {
		checks[i].Name = c.Info.ID + " " + checks[i].Name
	}
	return checks
}

// threads are those of the largest engine on the candidate; 0 if none says.
func (c Candidate) threads() int {
	most := 0
	for _, e := range c.Engines {
		if e.Info != nil && e.Info.Threads != nil {
			most = max(most, *e.Info.Threads)
		}
	}
	return most
}

func (c Candidate) engines() PreflightCheck {
	var usable, reasons []string
	deployed := false
	for _, e := range c.Engines {
		switch {
		case e.Info != nil:
			usable = append(usable, fmt.Sprintf("%s %s (%s)", e.Info.Name, e.Info.Version, e.Info.Kind))
			deployed = deployed || e.Info.Kind == devices.Deployed
		case !e.Unserved:
			reasons = append(reasons, e.Name+": "+e.Reason)
		}
	}
	check := PreflightCheck{Name: "engines", Status: PreflightOK, Found: strings.Join(usable, "; "), Why: "what people deploy can be measured"}
	switch {
	case len(usable) == 0:
		check.Status, check.Found = PreflightWarn, "none"
		check.Why = joinNonEmpty("the device cannot be measured", strings.Join(reasons, "; "))
	case !deployed:
		check.Status = PreflightWarn
		check.Why = joinNonEmpty("figures are of this project's own engine, which nobody deploys", strings.Join(reasons, "; "))
	}
	switch {
	case len(usable) == 0 && len(reasons) == 0 && len(c.Engines) > 0:
		check.Why = "the device cannot be measured: " + NoEngine
	case check.Status == PreflightWarn:
		check.Remedy = engineRemedy(c.Info.Backend)
	}
	return check
}

// engineRemedy is how a device of a kind gets an engine; empty where the engines' own reasons say all.
func engineRemedy(backend string) string {
	switch backend {
	case "cpu":
		return "accelbench setup onnxruntime, or name a library of yours with --ort-lib"
	case "nvml":
		return "name a PJRT plugin with --pjrt-plugin, or ONNX Runtime built for CUDA with --ort-lib"
	case "amd", "tpu":
		return "name a PJRT plugin with --pjrt-plugin"
	case "neuron":
		return "install aws-neuronx-runtime-lib, or name libnrt.so.1 with --nrt-lib"
	}
	return ""
}

func (c Candidate) reading() devices.Reading {
	if c.Reading == nil {
		return devices.Reading{}
	}
	return *c.Reading
}

func (c Candidate) foreign() PreflightCheck {
	const name = "processes"
	n := c.reading().Processes
	if n == nil {
		return unknown(name, "whether others use the device cannot be seen")
	}
	check := PreflightCheck{Name: name, Status: PreflightOK, Found: "none", Why: "the device is free"}
	if *n > 0 {
		check.Status, check.Found = PreflightFail, foreignText(*n)
		check.Why, check.Remedy = "runs would share the device and be invalid", "stop them"
		if tool := map[string]string{"nvml": "nvidia-smi", "neuron": "neuron-ls"}[c.Info.Backend]; tool != "" {
			check.Remedy += " (" + tool + " shows them)"
		}
	}
	return check
}

func (c Candidate) held() PreflightCheck {
	const name = "clocks"
	r := c.reading()
	if r.Throttle == nil {
		return unknown(name, "whether something holds the clocks down cannot be seen")
	}
	check := PreflightCheck{Name: name, Status: PreflightOK, Found: "not held down", Why: "the device may run as fast as it can"}
	held := throttles([]devices.Reading{r})
	switch {
	case len(held) > 0:
		check.Status, check.Found = PreflightFail, "held down: "+strings.Join(held, ", ")
		check.Why, check.Remedy = "runs would be invalid as throttled", "let the device cool down; if that does not help, see to its cooling and power supply"
	case slices.Contains(r.Throttle, devices.UntoldReason):
		check.Status, check.Found, check.Why = PreflightWarn, "held down", "for a reason that the device keeps to itself: it may be its power limit, or heat"
	case len(r.Throttle) > 0:
		check.Status, check.Found = PreflightWarn, "held down: "+strings.Join(r.Throttle, ", ")
		check.Why, check.Remedy = "somebody set a limit: figures are of the device with this limit", "nvidia-smi -q -d CLOCK,POWER shows it; as root: nvidia-smi -rgc, -rac"
	}
	return check
}

// detail is a fact of the device; nil if it is unknown or not there.
func (c Candidate) detail(name string) any {
	for _, d := range c.Info.Details {
		if d.Name == name {
			return d.Value
		}
	}
	return nil
}

// on judges a detail that is "on" or "off".
func (c Candidate) on(detail, name, open string) (PreflightCheck, bool) {
	state, _ := c.detail(detail).(string)
	if state != "on" && state != "off" {
		return unknown(name, open), false
	}
	return PreflightCheck{Name: name, Status: PreflightOK, Found: state}, state == "on"
}

func (c Candidate) persistence() PreflightCheck {
	check, on := c.on("persistence_mode", "persistence-mode", "the driver may let go of an idle GPU")
	switch {
	case on:
		check.Why = "the driver keeps the GPU ready"
	case check.Found == "off":
		check.Status, check.Why = PreflightWarn, "the driver lets go of the GPU between runs: each starts slowly, and settings are lost"
		check.Remedy = "as root: nvidia-smi -pm 1"
	}
	return check
}

func (c Candidate) powerLimit() PreflightCheck {
	const name = "power-limit"
	limit, known := c.detail("power_limit").(float64)
	full, both := c.detail("power_limit_default").(float64)
	if !known || !both {
		return unknown(name, "a lowered limit makes a slower device")
	}
	check := PreflightCheck{Name: name, Status: PreflightOK, Found: fmt.Sprintf("%g W of %g W", limit, full), Why: "the device has its full power"}
	if limit < full {
		check.Status, check.Why = PreflightWarn, "figures are of a device with less power than it is sold with"
		check.Remedy = fmt.Sprintf("as root: nvidia-smi -pl %g", full)
	}
	return check
}

func (c Candidate) ecc() PreflightCheck {
	check, on := c.on("ecc", "ecc", "memory errors may go unseen")
	switch {
	case on:
		check.Why = "memory errors are corrected or told"
	case check.Found == "off":
		check.Status, check.Why = PreflightWarn, "memory errors go unseen, and some GPUs are faster so than they are deployed"
		check.Remedy = "as root: nvidia-smi -e 1, then reboot"
	}
	const reset = "stop what uses the GPU and reset it (nvidia-smi --gpu-reset); have it replaced if errors come back"
	switch n := detailFloat(c.Info, "ecc_uncorrected"); {
	case c.detail("row_remap_pending") == "yes":
		check.Status, check.Found = PreflightWarn, "rows of the memory wait to be replaced"
		check.Why, check.Remedy = "the memory had errors that could not be corrected, and has them still", reset
	case n != nil && *n > 0:
		check.Status, check.Found = PreflightWarn, fmt.Sprintf("errors that could not be corrected since the driver was loaded: %.0f", *n)
		check.Why, check.Remedy = "runs in which another one comes are invalid", reset
	}
	return check
}

func (c Candidate) mig() PreflightCheck {
	check, on := c.on("mig", "mig", "the GPU may be cut into slices")
	switch {
	case on:
		check.Status, check.Why = PreflightWarn, "slices of one GPU share clocks and power: work on another slice slows this one, unseen"
		check.Remedy = "leave the other slices idle; to measure the whole GPU, as root: nvidia-smi -mig 0"
	case check.Found == "off":
		check.Why = "the GPU is whole"
	}
	return check
}

// spareCore tells whether a CPU remains on which the load generator can wait for the next arrival by spinning. Offline and
// single-stream runs wait for nothing, so that its lack fails no machine.
func (f PreflightFacts) spareCore(c Candidate) []PreflightCheck {
	if c.Info.Hidden != "" {
		return nil
	}
	name := c.Info.ID + " spare-core"
	threads, usable := c.threads(), f.Host.CPUsUsable
	if usable == nil || threads == 0 && c.Info.Backend == "cpu" {
		return []PreflightCheck{unknown(name, "whether the generator has a CPU for itself is not known")}
	}
	threads = max(threads, 1) // an accelerator's engine has the thread that feeds it
	check := PreflightCheck{Name: name, Status: PreflightOK, Found: fmt.Sprintf("engine threads: %d, usable CPUs: %d", threads, *usable),
		Why: "the generator can spin until an arrival is due"}
	if *usable <= threads {
		check.Status, check.Why = PreflightWarn, "the generator shares CPUs with the engine: it sleeps between arrivals, which come late by the timer's slack or more"
		check.Remedy = "leave it one in the server scenario, with --threads, or judge latencies by the lateness in the report"
	}
	return []PreflightCheck{check}
}
