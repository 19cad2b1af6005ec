package ab

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/accelbench/accelbench/bench"
)

// MaxOutput is how much a command may print on standard output in one turn, in bytes.
const MaxOutput = 64 << 20

// The variables that tell a command its place.
const (
	SideVariable  = "ACCELBENCH_SIDE"
	RoundVariable = "ACCELBENCH_ROUND"
)

// grace is how long a command may take to end after it was asked to.
const grace = 3 * time.Second

// invalidCode is the exit code of accelbench run for results that are not valid; they say so themselves.
const invalidCode = 3

// Command is a side whose turns are runs of a command by sh -c. It prints result lines, or Go's benchmark format, on standard output
// and whatever it likes on standard error.
type Command struct {
	Line string
	// Stderr takes the command's standard error.
	Stderr io.Writer
	// Deadline is how long a run may take.
	Deadline time.Duration
	// ReadText is nil, or the error with which a text cannot be read as Go's benchmark format.
	ReadText func(text []byte) error

	pairs map[bench.Identity]int
	seen  map[string]bool // ids of results
}

// Pairs is 1: the command is run once a round. The things that its output tells of are paired in the order in which they first come.
func (c *Command) Pairs() int { return 1 }

// Run runs the command once. It leads a process group of its own; what it leaves running there is killed, since it would disturb
// the run after it. A failure says why: an exit code, a signal, the deadline, no output or output that cannot be read.
func (c *Command) Run(ctx context.Context, t Turn) Output {
	text, err := c.execute(ctx, t)
	unjudged := func(reason string) Output { return Output{Failure: reason, Unjudged: text} }
	var exit *exec.ExitError
	switch isResults := bytes.HasPrefix(text, []byte("{")); {
	case errors.As(err, &exit) && exit.ExitCode() == invalidCode && isResults:
	case err != nil:
		return unjudged(err.Error())
	case len(text) == 0:
		return Output{Failure: "the command printed nothing on standard output; it takes result lines, or Go's benchmark format"}
	case !isResults:
		if err := c.ReadText(text); err != nil {
			return unjudged(err.Error())
		}
		return Output{Text: text}
	}
	results, _, err := bench.Read(bytes.NewReader(append(text, '\n')), "standard output")
	if err == nil {
		err = c.fresh(results)
	}
	if err != nil {
		return unjudged("reading what the command printed: " + err.Error())
	}
	c.stamp(results, t)
	return Output{Results: results, Failure: failure(results)}
}

// fresh refuses results that came before: they would count as further runs.
func (c *Command) fresh(results []bench.Result) error {
	if c.seen == nil {
		c.seen = map[string]bool{}
	}
	for _, r := range results {
		if c.seen[r.ID] {
			return fmt.Errorf("the result %q came before: the command has to measure anew each time", r.ID)
		}
		c.seen[r.ID] = true
	}
	return nil
}

// stamp gives results their trial.
func (c *Command) stamp(results []bench.Result, t Turn) {
	if c.pairs == nil {
		c.pairs = map[bench.Identity]int{}
	}
	for i := range results {
		results[i].Trial = nil
		id := results[i].Identity()
		if c.pairs[id] == 0 {
			c.pairs[id] = len(c.pairs) + 1
		}
		t.Pair = c.pairs[id]
		results[i].Trial = t.trial()
	}
}

// execute gives what the command printed, without the spaces around it.
func (c *Command) execute(ctx context.Context, t Turn) ([]byte, error) {
	limited, cancel := context.WithTimeoutCause(ctx, c.Deadline, fmt.Errorf("the command took longer than %s and was killed; --deadline allows more", c.Deadline))
	defer cancel()
	limited, tooMuch := context.WithCancelCause(limited)
	defer tooMuch(nil)
	out := &bounded{full: func() {
		tooMuch(fmt.Errorf("the command printed more than %d MiB on standard output and was killed: let it log to standard error", MaxOutput>>20))
	}}
	cmd := exec.CommandContext(limited, "sh", "-c", c.Line)
	cmd.Env = append(os.Environ(), SideVariable+"="+t.Side, fmt.Sprintf("%s=%d", RoundVariable, t.Round))
	cmd.Stdout, cmd.Stderr = out, c.Stderr
	err := inGroup(cmd)
	text := bytes.TrimSpace(out.text)
	switch cause := context.Cause(limited); {
	case ctx.Err() != nil:
		return text, errors.New("interrupted")
	case cause != nil:
		return text, cause
	case errors.Is(err, exec.ErrWaitDelay): // a child of it had the output open; that is killed
		return text, nil
	case err != nil:
		return text, fmt.Errorf("the command ended with %w", ending{err})
	}
	return text, nil
}

// ending says how a process ended in words.
type ending struct{ error }

func (e ending) Unwrap() error { return e.error }

func (e ending) Error() string {
	var exit *exec.ExitError
	if !errors.As(e.error, &exit) {
		return e.error.Error()
	}
	if signal := signalName(exit.ProcessState); signal != "" {
		return "signal: " + signal
	}
	return "exit code " + strings.TrimPrefix(exit.Error(), "exit status ")
}

// bounded keeps what a command prints, up to [MaxOutput].
type bounded struct {
	text []byte
	full func()
}

// Write keeps what fits and says when more came. It never fails.
func (b *bounded) Write(p []byte) (int, error) {
	fits := min(len(p), MaxOutput-len(b.text))
	b.text = append(b.text, p[:fits]...)
	if fits < len(p) {
		b.full()
	}
	return len(p), nil
}
