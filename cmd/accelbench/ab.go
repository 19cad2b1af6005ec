package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/ab"
	"github.com/accelbench/accelbench/bench/compare"
	"github.com/accelbench/accelbench/workloads"
)

const defaultABOut = "accelbench-ab.jsonl"

// defaultDeadline is how long a command may take in one turn without --deadline.
const defaultDeadline = time.Hour

func abCommand(s streams) *cli.Command {
	flags := slices.Concat([]cli.Flag{
		&cli.StringFlag{Name: "base", Usage: "plan file of the side that is compared against"},
		&cli.StringFlag{Name: "head", Usage: "plan file of the side that is judged; its runs are paired with those of --base in their order"},
		&cli.StringFlag{Name: "base-cmd", Usage: "command in place of --base, run by sh -c: prints result lines or Go's benchmark format"},
		&cli.StringFlag{Name: "head-cmd", Usage: "command in place of --head"},
	}, roundFlags(), compareFlags(), []cli.Flag{
		&cli.BoolFlag{Name: "early", Usage: "stop at a half or three quarters of the rounds if the verdict stands by then"},
		&cli.IntFlag{Name: "max-rounds", Usage: "go on to so many rounds at most while the verdict is undecided", DefaultText: "rounds"},
		&cli.BoolFlag{Name: "confirm", Usage: "measure a regression again, in as many rounds: only what regresses again has regressed"},
		&cli.DurationFlag{Name: "deadline", Usage: "how long one run may take before it is killed", DefaultText: "as in run; 1h for a command"},
		&cli.StringFlag{Name: "out", Value: defaultABOut, Usage: "file to which results are appended, one JSON line per run"},
		&cli.BoolFlag{Name: "strict", Usage: "end with exit code 5 when the comparison is undecided"},
		formatFlag("markdown"),
	}, figureFlags(), engineFlags(), priceFlags(), []cli.Flag{powerFlag()})
	return &cli.Command{
		Name:  "ab",
		Usage: "compare two sides by interleaved rounds: engines, library versions, models, or any two commands",
		Flags: flags,
		Description: "Every round runs both sides, in an order that chance chooses, each run in a fresh process; what drifts on the machine\n" +
			"meets both. Results are appended to --out run by run, Go benchmarks beside it; accelbench compare reads them.\n" +
			"What a command prints that fails is kept beside them as well, in OUT.base.failed.txt and OUT.head.failed.txt.\n" +
			"A command finds its side in ACCELBENCH_SIDE and its round in ACCELBENCH_ROUND. It is not kept in results or reports.\n" +
			"Exit codes: 0 ok; 1 failure, or a comparison that could not be made; 2 usage; 3 some measurements failed or are\n" +
			"invalid; 4 a regression; 5 undecided, with --strict; 130 interrupted.",
		Action: func(c *cli.Context) error { return interleave(c, s) },
	}
}

// roundFlags say how many rounds there are, and in which order.
func roundFlags() []cli.Flag {
	return []cli.Flag{
		&cli.IntFlag{Name: "rounds", Value: 10, Usage: "rounds; each runs both sides once"},
		&cli.Uint64Flag{Name: "seed", Value: 1, Usage: "seed of the order within rounds, and of the order of samples"},
	}
}

func interleave(c *cli.Context, s streams) error {
	if err := noArguments(c); err != nil {
		return err
	}
	draws, err := format(c)
	if err != nil {
		return err
	}
	t := trials{streams: s, command: commandLine(c), strict: c.Bool("strict")}
	if t.options, err = readCompare(c); err != nil {
		return err
	}
	if t.pay, err = readPricing(c); err != nil {
		return err
	}
	if t.charts, err = readFigures(c); err != nil {
		return err
	}
	if t.schedule, err = readSchedule(c, 1-compare.Confidence); err != nil {
		return err
	}
	if c.Bool("confirm") {
		t.confirm = ab.Once(c.Int("rounds"), 1-compare.Confidence)
	}
	if err := onePair(c); err != nil {
		return err
	}
	if d := c.Duration("deadline"); c.IsSet("deadline") && d <= 0 {
		return usagef("--deadline %s: give a duration above 0", d)
	}
	if err := checkOut(c.String("out"), s); err != nil {
		return err
	}
	if c.IsSet("base-cmd") {
		t.commands(c)
	} else if err := t.plans(c); err != nil {
		return err
	}
	return t.measure(c.Context, c.String("out"), draws)
}

// onePair holds the flags to two plans or two commands.
func onePair(c *cli.Context) error {
	for _, name := range []string{"base", "head", "base-cmd", "head-cmd"} {
		if c.IsSet(name) && c.String(name) == "" {
			return usagef("--%s is empty: give a value, or leave it out", name)
		}
	}
	plans, commands := 0, 0
	for _, side := range []string{"base", "head"} {
		if c.IsSet(side) {
			plans++
		}
		if c.IsSet(side + "-cmd") {
			commands++
		}
	}
	switch {
	case plans > 0 && commands > 0:
		return usagef("a plan on one side and a command on the other: give two plans, or two commands; " +
			"accelbench run --plan FILE --format jsonl is a command that runs a plan")
	case commands == 1:
		return usagef("two commands are compared: give --base-cmd and --head-cmd")
	case commands == 0 && plans < 2:
		return usagef("what is compared? Give --base PLAN and --head PLAN, or --base-cmd COMMAND and --head-cmd COMMAND")
	case commands == 0:
		return nil
	}
	for _, f := range slices.Concat(engineFlags(), []cli.Flag{powerFlag()}) {
		if name := f.Names()[0]; c.IsSet(name) {
			return usagef("--%s is for plans: a command says itself what it uses", name)
		}
	}
	return nil
}

// readSchedule declares the order and the looks, which spend that level.
func readSchedule(c *cli.Context, level float64) (ab.Schedule, error) {
	rounds, most := c.Int("rounds"), c.Int("max-rounds")
	switch {
	case rounds < 2 || rounds > ab.MaxRounds:
		return ab.Schedule{}, usagef("--rounds %d: from 2 to %d; the spread between rounds says how sure a difference is", rounds, ab.MaxRounds)
	case c.IsSet("max-rounds") && (most <= rounds || most > ab.MaxRounds):
		return ab.Schedule{}, usagef("--max-rounds %d: from --rounds + 1 (%d) to %d", most, rounds+1, ab.MaxRounds)
	}
	s := ab.Schedule{Seed: c.Uint64("seed"), Looks: ab.Once(rounds, level)}
	if c.Bool("early") {
		s.Looks = ab.Early(rounds, level)
	}
	if c.IsSet("max-rounds") {
		s.Looks = ab.Longer(s.Looks, most, level)
	}
	return s, nil
}

// commands makes the sides of two commands.
func (t *trials) commands(c *cli.Context) {
	side := func(flag string) ab.Side {
		d := defaultDeadline
		if c.IsSet("deadline") {
			d = c.Duration("deadline")
		}
		return &ab.Command{Line: c.String(flag), Stderr: t.err, Deadline: d, ReadText: readableText}
	}
	t.base, t.head = side("base-cmd"), side("head-cmd")
	t.names = [2]string{"the command of --base-cmd", "the command of --head-cmd"}
}

// plans makes the sides of two plan files.
func (t *trials) plans(c *cli.Context) error {
	power, err := readPower(c)
	if err != nil {
		return err
	}
	flags, err := softwareOfFlags(c)
	if err != nil {
		return err
	}
	rigs := map[string]*rig{}
	for _, side := range []string{bench.SideBase, bench.SideHead} {
		wishes, err := readSide(c, side, t.schedule.Rounds())
		if err != nil {
			return err
		}
		for _, w := range wishes.ignored() {
			complain(t.err, "accelbench: %s\n", w)
		}
		r := &rig{streams: t.streams, pay: t.pay.orFile(wishes.file.Pricing), power: power, wishes: wishes.plans, command: t.command}
		if r.software, err = softwareOf(c, wishes); err != nil {
			return err
		}
		r.used = r.without(flags)
		if r.runner, err = r.workers(); err != nil {
			return err
		}
		if d := c.Duration("deadline"); c.IsSet("deadline") {
			r.runner.Deadline = func(bench.Plan, *workloads.Workload) time.Duration { return d }
		}
		if err := r.prepare(c.Context); err != nil {
			return fmt.Errorf("%s: %w", side, err)
		}
		rigs[side] = r
	}
	base, head := rigs[bench.SideBase], rigs[bench.SideHead]
	if b, h := len(base.plans), len(head.plans); b != h {
		return usagef("plan %s makes %d runs and %s makes %d: they are compared in pairs, in their order", c.String("base"), b, c.String("head"), h)
	}
	if err := flags.unused(slices.Concat(base.plans, head.plans)); err != nil {
		return err
	}
	head.base.Session = base.base.Session // it is one invocation
	for _, p := range base.plans {
		t.pairs = append(t.pairs, p.Device+" "+describePlan(p))
	}
	t.names[0], t.names[1] = unlike(filepath.Base(c.String("base")), filepath.Base(c.String("head")))
	t.prepare = func() error {
		if err := base.peaks(c.Context); err != nil {
			return err
		}
		head.takePeaks(base)
		if err := head.peaks(c.Context); err != nil {
			return err
		}
		t.base, t.head = ab.NewPlans(base.runner, base.plans, base.base), ab.NewPlans(head.runner, head.plans, head.base)
		return nil
	}
	return nil
}

// readSide reads the plan file of a side. What a round is made of is one run of each plan.
func readSide(c *cli.Context, side string, rounds int) (wishes, error) {
	w, err := readPlanFile(c, bench.Plan{
		Length: bench.Length{Duration: 10 * time.Second, MinQueries: 1}, Repeats: 1, Seed: c.Uint64("seed"),
		Options: workloads.Options{Precision: workloads.Full},
	}, c.String(side))
	if err != nil {
		return w, err
	}
	for i := range w.plans {
		p := &w.plans[i]
		if p.FindPeak || p.TargetInterval > 0 {
			return w, usagef("%s: a plan with find-peak or target-interval chooses its runs itself: leave these words out, the rounds of ab are the runs", w.name)
		}
		p.Repeats = rounds
	}
	return w, nil
}

// ignored are the words of a plan file that have no meaning here.
func (w wishes) ignored() []string {
	var out []string
	if slices.ContainsFunc(w.file.Entries, func(e bench.PlanEntry) bool { return e.Repeats > 0 }) {
		out = append(out, w.name+": repeats is ignored: every plan runs once a round, and --rounds says how often")
	}
	if w.file.Out != "" {
		out = append(out, w.name+": out is ignored: the results of both sides go to --out")
	}
	return out
}
