package price

import (
	"errors"
	"fmt"
)

// ErrNotPriced is wrapped when a measurement must be shown without a price; the text is the reason.
var ErrNotPriced = errors.New("not priced")

// Charge says how much of an instance a measurement bears that did not use all of it.
type Charge string

// The values of --charge. Unset is enough whenever the whole instance ran.
const (
	ChargeUnset    Charge = ""
	ChargeInstance Charge = "instance"
	ChargeUsed     Charge = "used"
)

// ParseCharge reads the value of --charge; empty is ChargeUnset.
func ParseCharge(s string) (Charge, error) {
	switch c := Charge(s); c {
	case ChargeUnset, ChargeInstance, ChargeUsed:
		return c, nil
	}
	return "", fmt.Errorf("%w: unknown charge %q: use instance or used", ErrBadValue, s)
}

// Use is how much of an instance ran.
type Use struct {
	// Accelerators is how many of the instance's accelerators ran; 0 when only the CPU did.
	Accelerators int
	// Present is how many accelerators were found on the machine, idle or not. A container may see fewer than
	// the instance has, so the count of the price, where known, goes before this one.
	Present int
}

// Charged is the price that a measurement bears: all of p when all accelerators of the instance ran, or the CPU
// ran on an instance without any. Otherwise the choice is the user's: ChargeInstance bears all of p, ChargeUsed
// the share of the accelerators that ran. The note of a price that was so decided says how. An error wraps ErrNotPriced
// and is the reason to show in place of a price.
func Charged(p Price, charge Charge, use Use) (Price, error) {
	present := use.Present
	if p.AcceleratorCount != nil {
		present = *p.AcceleratorCount
	}
	ran := use.Accelerators
	switch {
	case ran < 0 || present < 0:
		return Price{}, fmt.Errorf("%w: %d of %d accelerators ran, which cannot be", ErrNotPriced, ran, present)
	case ran > present:
		return Price{}, fmt.Errorf("%w: %d accelerators ran, but the price covers %d; pass the --price of all of them",
			ErrNotPriced, ran, present)
	case ran == present:
		return p, nil
	}
	idle := fmt.Sprintf("%d of %d accelerators ran", ran, present)
	switch {
	case charge == ChargeInstance:
		p.Note = note("whole instance charged, "+idle, p.Note)
		return p, nil
	case charge == ChargeUsed && ran == 0:
		return Price{}, fmt.Errorf("%w: only the CPU ran (%s), and no source says which share of the price is the CPU's; "+
			"use --charge instance, or pass the --price of an instance without accelerators", ErrNotPriced, idle)
	case charge == ChargeUsed:
		p.AmountUSDPerHour *= float64(ran) / float64(present)
		p.AcceleratorCount = &ran
		p.Note = note(fmt.Sprintf("%d/%d of the instance charged", ran, present), p.Note)
		return p, nil
	}
	return Price{}, fmt.Errorf("%w: %s; say what to charge with --charge instance or --charge used", ErrNotPriced, idle)
}

func note(added, old string) string {
	if old == "" {
		return added
	}
	return added + "; " + old
}
