package bench

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench/selftest"
	"github.com/accelbench/accelbench/devices"
)

func TestEventsSurviveThePipe(t *testing.T) {
	for _, e := range []event{
		{Stage: &stageEvent{StageMeasure, time.Second}},
		{Inventory: &Inventory{Backend: "x", Devices: []Candidate{{Info: devices.Info{ID: "x:0"}}}}},
		{Peak: &MeasuredPeak{Threads: 2}},
		{Result: &Result{ID: "1", Status: OK}},
		{Selftest: &selftest.Outcome{Figures: []selftest.Measured{{Name: "x_seconds", Reason: "none"}}}},
		{Error: "line one\nline two"},
	} {
		var out bytes.Buffer
		require.NoError(t, (&sink{out: &out}).send(e))
		require.Equal(t, 1, strings.Count(out.String(), "\n"))
		got, err := parseEvent(bytes.TrimSpace(out.Bytes()))
		require.NoError(t, err)
		require.Equal(t, e, got)
	}
}

func TestGarbageIsNoEvent(t *testing.T) {
	for _, line := range []string{"", "hello", "{}", "null", "[]", `{"event":"result"}`, `{"stage":3}`,
		`{"error":"x","peak":{"threads":1}}`, `{"result":{"repeat":"first"}}`} {
		_, err := parseEvent([]byte(line))
		require.ErrorIs(t, err, errGarbage, line)
	}
}

func FuzzParseEvent(f *testing.F) {
	f.Add([]byte(`{"stage":{"stage":"load","expected_ns":5}}`))
	f.Add([]byte(`{"result":{"id":"1","status":"ok","latency":{"count":3}}}`))
	f.Add([]byte(`{"inventory":{"backend":"cpu","devices":[{"info":{"details":[{"name":"x","value":1}]}}]}}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		e, err := parseEvent(line)
		if err != nil {
			if !errors.Is(err, errGarbage) {
				t.Fatal(err)
			}
			return
		}
		if !e.valid() {
			t.Fatalf("%q gave an event that is none", line)
		}
		var out bytes.Buffer
		if err := (&sink{out: &out}).send(e); err != nil {
			t.Fatalf("sending it on: %v", err)
		}
	})
}

func TestTailKeepsBothEnds(t *testing.T) {
	var w tail
	for _, text := range []string{"panic: at the head\n", strings.Repeat("goroutine 7 [running]\n", 1000), "the end\n"} {
		n, err := w.Write([]byte(text))
		require.NoError(t, err)
		require.Equal(t, len(text), n)
	}
	require.Equal(t, "panic: at the head", w.words())
	require.LessOrEqual(t, len(w.head)+len(w.last), 2*keepBytes)
	for text, want := range map[string]string{
		"":                                    "",
		"one\n\ntwo\nthree\nfour":             "two / three / four",
		"lib: assert x\nSIGABRT: abort\nPC=1": "lib: assert x / SIGABRT: abort",
		"SIGSEGV: segmentation violation\n":   "SIGSEGV: segmentation violation",
		strings.Repeat("x", 900):              strings.Repeat("x", 400) + "...",
		"bad \xff byte":                       "bad ? byte",
	} {
		var w tail
		_, err := w.Write([]byte(text))
		require.NoError(t, err)
		require.Equal(t, want, w.words())
	}
}
