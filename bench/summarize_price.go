package bench

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/accelbench/accelbench/bench/price"
	"github.com/accelbench/accelbench/devices"
)

// The reasons for a row without a price that no result gives.
const (
	noPrice = "no price: pass --price USD_PER_HOUR or --instance-type TYPE"
	noRun   = "no valid run"
	// A device that ran beside others bears no price of its own: their rate was shared out, and the machine is rented as a whole.
	partOfWhole = "priced as part of the whole"
	// Slices of one GPU are of unlike sizes, and no price list has them.
	noShare = "a part of an accelerator ran, and no source says which share of the price is its: use --charge instance"
)

// onParts tells whether a run, or one of a group, was on a part of an accelerator: a MIG slice, or a partition of an AMD GPU.
func (r *Result) onParts() bool {
	for i := range r.Parts {
		if r.Parts[i].onParts() {
			return true
		}
	}
	return slices.ContainsFunc(r.Device.Details, func(d devices.Detail) bool {
		return d.Value != nil && (d.Name == "parent_gpu" || d.Name == "partitions_of_the_gpu")
	})
}

// money prices a row. The newest valid run decides among the prices of its results, since it was looked up last.
func (s *Summary) money(valid []*Result, opts SummarizeOptions, present map[string]int) {
	if len(valid) == 0 {
		s.Unpriced = noRun
		return
	}
	newest := slices.MaxFunc(valid, func(a, b *Result) int {
		if c := a.StartedAt.Compare(b.StartedAt); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	if g := newest.Group; g != nil && g.Size > 1 && g.Index != Whole {
		s.Unpriced = partOfWhole
		return
	}
	whole, err := priceOf(newest, opts)
	if err != nil {
		s.Unpriced = err.Error()
		return
	}
	s.Price = &whole
	for _, r := range valid {
		if p, err := priceOf(r, opts); err != nil || p.AmountUSDPerHour != whole.AmountUSDPerHour {
			s.warn("the runs carry different prices; that of the newest run is used")
		}
	}
	now := opts.Now
	if now.Equal(time.Time{}) {
		now = newest.StartedAt
	}
	for _, caveat := range whole.Caveats(now) {
		s.warn("%s", caveat)
	}
	charge := newest.Charge
	if opts.Charge != price.ChargeUnset {
		charge = opts.Charge
	}
	if newest.onParts() && charge != price.ChargeInstance {
		s.Unpriced = noShare
		return
	}
	charged, err := price.Charged(whole, charge, use(newest, present))
	if err != nil {
		s.Unpriced = strings.TrimPrefix(err.Error(), price.ErrNotPriced.Error()+": ")
		return
	}
	if s.Throughput == nil {
		s.Unpriced = noRun
		return
	}
	rate := price.Quantity{Value: s.Throughput.Value}
	if in := s.Throughput.Interval; in != nil {
		rate.Interval = &price.Interval{Low: in.Low, High: in.High}
	}
	s.Performance = price.Of(&rate, s.First.Workload.Unit, charged)
	if s.Performance == nil {
		s.Unpriced = "no price-performance of a throughput of 0"
	}
}

func priceOf(r *Result, opts SummarizeOptions) (price.Price, error) {
	switch {
	case opts.Price != nil:
		return opts.Price(*r)
	case r.Price != nil:
		return *r.Price, nil
	case r.Unpriced != "":
		return price.Price{}, errors.New(r.Unpriced)
	}
	return price.Price{}, errors.New(noPrice)
}

// cpuBackend is the one backend whose devices are no accelerators.
const cpuBackend = "cpu"

// accelerators counts, per session, the distinct accelerators that are known of: measured or passed over.
func accelerators(results []Result) map[string]int {
	seen := map[[2]string]bool{}
	count := map[string]int{}
	note := func(session, device string) {
		backend, _, _ := strings.Cut(device, ":")
		key := [2]string{session, device}
		if backend == cpuBackend || seen[key] {
			return
		}
		seen[key] = true
		count[session]++
	}
	for _, r := range results {
		if r.Status != Unsupported {
			for device := range strings.SplitSeq(r.Device.ID, devices.JoinSeparator) {
				note(r.Session, device)
			}
		}
		for _, p := range r.PassedOver {
			note(r.Session, p.Device)
		}
	}
	return count
}

// use is how much of the machine ran: the accelerators of a group, or one, of those present; or the CPU beside those known of.
func use(r *Result, present map[string]int) price.Use {
	if r.Device.Backend == cpuBackend {
		return price.Use{Accelerators: 0, Present: present[r.Session]}
	}
	ran := max(len(r.Device.Members), 1)
	if r.Group != nil && r.Group.Index == Whole {
		ran *= r.Group.Size
	}
	return price.Use{Accelerators: ran, Present: max(r.DevicesPresent, ran)}
}
