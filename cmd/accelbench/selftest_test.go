package main

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench/selftest"
)

func TestOnlyUnknownFiguresChangeTheExitCodeOfSelftest(t *testing.T) {
	slow := 1e9
	outcomes := map[string]selftest.Outcome{}
	for _, p := range selftest.Parts() {
		var o selftest.Outcome
		for _, name := range p.Figures {
			o.Figures = append(o.Figures, selftest.Measured{Name: name, Value: &slow})
		}
		outcomes[p.Name] = o
	}
	require.Equal(t, exitOK, exitCode(selftestError(selftest.NewReport(outcomes, nil))))
	delete(outcomes, "memory")
	require.Equal(t, exitInvalid, exitCode(selftestError(selftest.NewReport(outcomes, nil))))
}

// canceller is a standard error on which a word is taken for Ctrl-C.
type canceller struct {
	bytes.Buffer
	word   string
	cancel context.CancelFunc
}

func (c *canceller) Write(b []byte) (int, error) {
	n, err := c.Buffer.Write(b)
	if strings.Contains(c.String(), c.word) {
		c.cancel()
	}
	return n, err
}

func TestInterruptedSelftest(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	errs := &canceller{word: "[2/", cancel: cancel}
	var out bytes.Buffer
	code := run(ctx, []string{"accelbench", "selftest"}, streams{strings.NewReader(""), &out, errs})
	require.Equal(t, exitInterrupted, code, errs.String())
	require.Empty(t, out.String())
	require.NotContains(t, errs.String(), "[3/")
}
