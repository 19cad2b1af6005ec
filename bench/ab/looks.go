package ab

import (
	"fmt"
	"math"

	moremath "github.com/aclements/go-moremath/stats"
)

// Look is a moment, after a round, at which the comparison may stop.
type Look struct {
	Round int `json:"round"`
	// Level is the chance of a false verdict that is spent on this look: its intervals have the confidence 1 - Level.
	Level float64 `json:"level"`
}

// MaxRounds bounds a comparison: ten thousand runs a side.
const MaxRounds = 10_000

// Once is one look, after the last round, that spends everything.
func Once(rounds int, level float64) []Look { return []Look{{rounds, level}} }

// Early are looks after a half and three quarters of the rounds, and the last, as far as these are different rounds and not the first.
func Early(rounds int, level float64) []Look {
	return spend([]int{(rounds + 1) / 2, (3*rounds + 3) / 4, rounds}, level)
}

// Longer adds looks behind the last, each after half as many rounds again, up to most. What the looks spend is shared out anew.
func Longer(looks []Look, most int, level float64) []Look {
	var at []int
	for _, l := range looks {
		at = append(at, l.Round)
	}
	for round := at[len(at)-1]; round < most; {
		round = min(round+(round+1)/2, most)
		at = append(at, round)
	}
	return spend(at, level)
}

// spend shares a level out among looks. At the share t of the last round, 2 - 2 Phi(z / sqrt(t)) of it has been spent, where z is
// the two-sided normal quantile of the level: the spending function of Lan and DeMets that is like the bounds of O'Brien and Fleming
// (Biometrika 70, 1983, p. 659), which spends little on early looks and nearly all on the last. A look's own level is what is
// added. The sum is the level: by the union bound no kind of interval, and no dependence between looks, makes false verdicts
// more frequent than that. Exact bounds would spend a little more at each look, and hold for normal means only.
func spend(rounds []int, level float64) []Look {
	const least = 1e-6 // no interval at less than this decides anything within a reasonable number of rounds
	var looks []Look
	z := moremath.StdNormal.InvCDF(1 - level/2)
	last, before, spent := rounds[len(rounds)-1], 0, 0.0
	for _, round := range rounds {
		total := level
		if round < last {
			total = 2 - 2*moremath.StdNormal.CDF(z/math.Sqrt(float64(round)/float64(last)))
		}
		if round < 2 && round < last || round == before || total-spent < least {
			continue
		}
		looks = append(looks, Look{round, total - spent})
		before, spent = round, total
	}
	return looks
}

// checkLooks holds looks to what [Experiment.Run] relies on.
func checkLooks(looks []Look) error {
	before := 0
	for _, l := range looks {
		if l.Round <= before || l.Round > MaxRounds || !(l.Level > 0 && l.Level < 1) {
			return fmt.Errorf("planning the rounds: a look after round %d that spends %v, behind one after round %d", l.Round, l.Level, before)
		}
		before = l.Round
	}
	if before == 0 {
		return fmt.Errorf("planning the rounds: there is no look")
	}
	return nil
}
