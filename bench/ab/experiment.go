package ab

import (
	"context"
	"fmt"
	"slices"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/compare"
)

// Turn is the place of a run in a comparison.
type Turn struct {
	Trial string // id of the comparison
	Side  string // [bench.SideBase] or [bench.SideHead]
	Pair  int    // 1-based: which of the side's plans
	Round int    // 1-based
	Place int    // 1-based, within the round
}

func (t Turn) trial() *bench.Trial {
	return &bench.Trial{ID: t.Trial, Side: t.Side, Pair: t.Pair, Round: t.Round, Place: t.Place}
}

// Output is what a turn gave: results that carry their Trial, or a text in Go's benchmark format.
type Output struct {
	Results []bench.Result
	Text    []byte
	// Failure says why the turn gave no figures; empty if it did. Results, if there are some, are kept all the same.
	Failure string
	// Unjudged is what a command printed that gives no figures: it is kept, and counts for nothing. Failure says why.
	Unjudged []byte
}

// Side makes the runs of one side.
type Side interface {
	// Pairs is the number of turns in each round.
	Pairs() int
	// Run makes one turn. At the end of the context it returns soon.
	Run(ctx context.Context, turn Turn) Output
}

// Schedule is what is declared before the first run.
type Schedule struct {
	Seed  uint64
	Looks []Look
}

// Rounds is the largest number of rounds.
func (s Schedule) Rounds() int { return s.Looks[len(s.Looks)-1].Round }

// Experiment is one interleaved comparison.
type Experiment struct {
	ID string
	Schedule
	Base, Head Side
	// Begin hears of every turn before it is made.
	Begin func(Turn)
	// Keep saves what a turn gave. Its error ends the experiment.
	Keep func(Turn, Output) error
	// Check looks at what the first round gave, before more are made. Its error ends the experiment; nil looks at nothing.
	Check func() error
	// Judge compares what was kept of this experiment, with intervals of that family-wise confidence.
	Judge func(confidence float64) compare.Comparison
}

// Ending is how an experiment ended.
type Ending struct {
	// Rounds were begun; Level is what the last look spent: the intervals of Comparison have the confidence 1 - Level.
	Rounds     int
	Level      float64
	Comparison compare.Comparison
	// Failures are the turns that gave no figures, in order.
	Failures []Failure
	// Stopped says what ended the rounds before a look could: a side that fails again and again; empty if nothing did.
	Stopped string
}

// Failure is a turn without figures.
type Failure struct {
	Turn   Turn
	Reason string
}

func (f Failure) String() string {
	return fmt.Sprintf("%s, round %d: %s", f.Turn.Side, f.Turn.Round, f.Reason)
}

// InARow is the number of failures in a row of a side after which its pair is given up.
const InARow = 3

// Run makes rounds until a look settles the comparison, the looks are used up, or the context ends; it is then judged by what there
// is, at the level of the look that would have been next. In a round every pair runs on both sides, one right after the other.
// The error is that of Keep or Check, or of looks that cannot be; what was measured before is in the Ending all the same.
func (e *Experiment) Run(ctx context.Context) (Ending, error) {
	var end Ending
	if err := checkLooks(e.Looks); err != nil {
		return end, err
	}
	if b, h := e.Base.Pairs(), e.Head.Pairs(); b != h || b < 1 {
		return end, fmt.Errorf("planning the rounds: base has %d plans and head %d: plans are compared in pairs, in their order", b, h)
	}
	order := Order(e.Seed, e.Rounds())
	state := &rounds{Experiment: e, end: &end, failed: map[string]int{}, given: map[int]string{}}
	for i, look := range e.Looks {
		var failed error
		for end.Rounds < look.Round && failed == nil && ctx.Err() == nil && end.Stopped == "" {
			end.Rounds++
			failed = state.round(ctx, order[end.Rounds-1])
			if end.Rounds == 1 && failed == nil && ctx.Err() == nil && e.Check != nil {
				failed = e.Check()
			}
		}
		end.Level = look.Level
		end.Comparison = e.Judge(1 - look.Level)
		if failed != nil || ctx.Err() != nil || end.Stopped != "" || i == len(e.Looks)-1 || settled(end.Comparison) {
			return end, failed
		}
	}
	return end, nil
}

// settled tells whether a comparison needs no more rounds: every gated metric is decided, or one has regressed, which is the worst that
// the whole can be.
func settled(c compare.Comparison) bool {
	gated, undecided := 0, 0
	for _, one := range c.Cases {
		for _, d := range one.Deltas {
			switch {
			case !d.Gated:
			case d.Verdict == compare.Regressed:
				return true
			case d.Verdict == compare.Undecided:
				undecided++
			default:
				gated++
			}
		}
	}
	return gated > 0 && undecided == 0
}

// rounds is the state of an experiment that runs.
type rounds struct {
	*Experiment
	end    *Ending
	failed map[string]int // failures in a row, by side and pair
	given  map[int]string // pairs that were given up, and why
}

func (r *rounds) round(ctx context.Context, baseFirst bool) error {
	type player struct {
		name string
		side Side
	}
	players := []player{{bench.SideBase, r.Base}, {bench.SideHead, r.Head}}
	if !baseFirst {
		slices.Reverse(players)
	}
	place := 0
	for pair := 1; pair <= r.Base.Pairs(); pair++ {
		for _, p := range players {
			if _, out := r.given[pair]; out || ctx.Err() != nil {
				continue
			}
			place++
			if err := r.turn(ctx, Turn{r.ID, p.name, pair, r.end.Rounds, place}, p.side); err != nil {
				return err
			}
		}
	}
	if len(r.given) == r.Base.Pairs() {
		r.end.Stopped = r.given[r.Base.Pairs()]
	}
	return nil
}

func (r *rounds) turn(ctx context.Context, t Turn, side Side) error {
	r.Begin(t)
	out := side.Run(ctx, t)
	if err := r.Keep(t, out); err != nil {
		return err
	}
	key := fmt.Sprint(t.Side, t.Pair)
	switch {
	case ctx.Err() != nil:
	case out.Failure == "":
		r.failed[key] = 0
	default:
		r.end.Failures = append(r.end.Failures, Failure{t, out.Failure})
		if r.failed[key]++; r.failed[key] >= InARow {
			r.given[t.Pair] = fmt.Sprintf("%s failed %d times in a row: %s", t.Side, InARow, out.Failure)
		}
	}
	return nil
}
