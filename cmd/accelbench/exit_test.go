package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func invoke(t *testing.T, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	t.Chdir(t.TempDir())
	var out, errs bytes.Buffer
	code = run(context.Background(), append([]string{"accelbench"}, args...), streams{strings.NewReader(stdin), &out, &errs})
	return code, out.String(), errs.String()
}

// TestExitCodes is the table of what scripts may rely on: the code, what standard error says, and that standard output
// stays empty unless there is something to read.
func TestExitCodes(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	notes := write("notes.txt", "shopping list\n")
	empty := write("empty.jsonl", "")
	plan := write("plan.yaml", "workload: gemm\nworklod: resnet50\n")
	lost := write("lost.yaml", "workload: gemm\nort-lib: no.so\n")
	blocked := filepath.Join(dir, "missing", "results.jsonl")
	quick := []string{"run", "--workload", "gemm", "--duration", "10ms", "--repeats", "1"}
	with := func(more ...string) []string { return append(append([]string{}, quick...), more...) }
	for name, test := range map[string]struct {
		args []string
		code int
		err  string // part of standard error; empty: standard error is not looked at
	}{
		"help":                        {[]string{"--help"}, exitOK, ""},
		"help of a command":           {[]string{"run", "--help"}, exitOK, ""},
		"help as a command":           {[]string{"help"}, exitOK, ""},
		"version as a command":        {[]string{"version"}, exitOK, ""},
		"version":                     {[]string{"--version"}, exitOK, ""},
		"no command":                  {nil, exitUsage, "which command? One of devices, doctor, workloads, run, report"},
		"unknown command":             {[]string{"reprot"}, exitUsage, `unknown command "reprot": the commands of accelbench are, nearest first, report`},
		"unknown flag of a part":      {[]string{"prices", "list", "--provder", "aws"}, exitUsage, "nearest are --provider, --region, --market; see accelbench prices list --help"},
		"unknown flag":                {[]string{"run", "--worklod", "gemm"}, exitUsage, "unknown flag --worklod: nearest are --workload"},
		"unknown global flag":         {[]string{"--nope"}, exitUsage, "unknown flag --nope"},
		"flag without value":          {[]string{"run", "--workload"}, exitUsage, "flag needs an argument"},
		"bad number":                  {[]string{"run", "--batch", "many"}, exitUsage, "many"},
		"bad duration":                {[]string{"run", "--duration", "10"}, exitUsage, "10"},
		"negative duration":           {with("--duration", "-1s"), exitUsage, "duration -1s"},
		"stray argument":              {with("resnet50"), exitUsage, `unexpected argument "resnet50"`},
		"stray argument of devices":   {[]string{"devices", "gpu"}, exitUsage, `unexpected argument "gpu"`},
		"root that is absent":         {[]string{"devices", "--root", filepath.Join(dir, "nowhere")}, exitFailure, "nowhere: no such file"},
		"root that is no capture":     {[]string{"devices", "--root", notes}, exitUsage, "not a capture: no gzip file"},
		"root that is empty":          {[]string{"devices", "--root", ""}, exitUsage, "--root is empty"},
		"capture over a file":         {[]string{"devices", "--capture", notes}, exitFailure, "name another file"},
		"capture of a capture":        {[]string{"devices", "--capture", filepath.Join(dir, "c.tar.gz"), "--root", dir}, exitUsage, "give one of them"},
		"unknown workload":            {[]string{"run", "--workload", "resnet"}, exitUsage, `unknown workload "resnet": the workloads are, nearest first, resnet50`},
		"unknown scenario":            {with("--scenario", "ofline"), exitUsage, `unknown scenario "ofline"`},
		"unknown format":              {[]string{"devices", "--format", "jsn"}, exitUsage, `unknown format "jsn": the formats are, nearest first, json`},
		"unknown device":              {with("--device", "gpu"), exitUsage, `unknown device "gpu"`},
		"unknown engine":              {with("--engine", "nativ"), exitUsage, `unknown engine "nativ": known are, nearest first, native`},
		"absent device":               {with("--device", "neuron:7"), exitFailure, "neuron"},
		"useless option":              {with("--seq-len", "128"), exitUsage, "option seq-len (got 128) is of no use to gemm"},
		"quick with a workload":       {[]string{"run", "--quick", "--workload", "gemm"}, exitUsage, "--quick says what to run: leave out --workload"},
		"batch without offline":       {with("--batch", "4", "--scenario", "single-stream"), exitUsage, "one sample per query"},
		"precision of no workload":    {with("--precision", "int4"), exitInvalid, "it is defined in f32, f16, bf16, int8, fp8"},
		"precision of no engine":      {with("--precision", "int8", "--engine", "native"), exitInvalid, "it computes in f32 only"},
		"bf16 of native":              {with("--precision", "bf16", "--engine", "native"), exitInvalid, "precision bf16, it computes in f32 only"},
		"fp8 of native":               {with("--precision", "fp8", "--engine", "native"), exitInvalid, "precision fp8, it computes in f32 only"},
		"export in bf16":              {[]string{"workloads", "export", "--precision", "bf16", "-o", filepath.Join(dir, "x.onnx"), "gemm"}, exitUsage, "written in f32, f16, int8 and int4"},
		"export to an end of another": {[]string{"workloads", "export", "-o", filepath.Join(dir, "x.mlir"), "gemm"}, exitUsage, "is not what --format onnx writes"},
		"export of StableHLO as ONNX": {[]string{"workloads", "export", "--format", "stablehlo", "-o", filepath.Join(dir, "x.onnx"), "gemm"}, exitUsage, "is not what --format stablehlo writes"},
		"export to standard output":   {[]string{"workloads", "export", "-o", "-", "gemm"}, exitUsage, "name a file"},
		"export over a folder":        {[]string{"workloads", "export", "--format", "stablehlo", "-o", dir, "gemm"}, exitUsage, "no regular file"},
		"engine of other devices":     {with("--engine", "nrt", "--device", "cpu"), exitInvalid, "it runs on Neuron chips only"},
		"a device named twice":        {with("--device", "cpu+cpu"), exitUsage, "cpu is named twice"},
		"plugin of no run":            {with("--engine", "native", "--pjrt-plugin", notes), exitUsage, "add --engine pjrt, or leave --pjrt-plugin out"},
		"Neuron library of no run":    {with("--nrt-lib", notes, "--device", "cpu"), exitUsage, "add --engine nrt, or leave --nrt-lib out"},
		"empty plugin":                {with("--pjrt-plugin", ""), exitUsage, "--pjrt-plugin is empty"},
		"empty plugin of devices":     {[]string{"devices", "--pjrt-plugin="}, exitUsage, "--pjrt-plugin is empty"},
		"empty library of doctor":     {[]string{"doctor", "--ort-lib", ""}, exitUsage, "--ort-lib is empty"},
		"root without a tree":         {[]string{"devices", "--root", dir}, exitUsage, "neither capture.json nor any of sys, proc, dev, etc is in it"},
		"unwritable output":           {with("--out", blocked), exitFailure, "results.jsonl"},
		"output is no results file":   {with("--out", notes), exitUsage, "notes.txt"},
		"output to standard output":   {with("--out", "-"), exitUsage, "standard output is for the report"},
		"batch of zero":               {with("--batch", "0"), exitUsage, "--batch 0"},
		"a sweep and a rate":          {with("--rate", "5", "--sweep", "rate=1,2"), exitUsage, "the sweep says the loads"},
		"a search and a sweep":        {with("--find-peak", "--limit", "p90=1s", "--sweep", "rate=1"), exitUsage, "find-peak chooses the loads itself"},
		"a search without a limit":    {with("--find-peak"), exitUsage, "--limit p99=15ms"},
		"a limit that is none":        {with("--rate", "5", "--limit", "99=15ms"), exitUsage, "such as p99=15ms"},
		"tokens of an image":          {with("--rate", "5", "--limit", "ttft-p50=1s"), exitUsage, "gemm gives no output tokens"},
		"server without a rate":       {with("--scenario", "server"), exitUsage, "give --rate"},
		"a rate of nothing":           {with("--rate", "0"), exitUsage, "--rate 0"},
		"a rate offline":              {with("--rate", "5", "--scenario", "offline"), exitUsage, "needs --scenario server"},
		"an unknown arrival":          {with("--rate", "5", "--arrival", "poison"), exitUsage, `unknown arrival "poison": known are, nearest first, poisson`},
		"more threads than CPUs":      {with("--threads", "100000"), exitUsage, "CPUs here"},
		"a target without a unit":     {with("--target-interval", "1"), exitUsage, "no percentage"},
		"a cap without a target":      {with("--max-repeats", "9"), exitUsage, "the cap of --target-interval"},
		"a preset and a duration":     {with("--mlperf"), exitUsage, "leave out --duration"},
		"device and devices":          {with("--device", "cpu", "--devices", "cpu"), exitUsage, "give one of them"},
		"a wait without its unit":     {with("--rate", "5", "--max-wait", "5"), exitUsage, "write it with a unit"},
		"dry run of a search":         {with("--find-peak", "--limit", "p90=1s", "--dry-run"), exitOK, ""},
		"dry run of devices":          {with("--devices", "all", "--concurrency", "1", "--dry-run"), exitOK, ""},
		"unknown precision":           {with("--precision", "fp16"), exitUsage, `unknown precision "fp16": the precisions are, nearest first, f16`},
		"too many repeats":            {with("--repeats", "1000000000"), exitUsage, "repeats 1000000000: from 1 to 10000"},
		"duration without a unit":     {with("--duration", "1"), exitUsage, "write it with a unit"},
		"price of zero":               {with("--price", "0"), exitUsage, "--price"},
		"unknown market":              {with("--market", "black"), exitUsage, "unknown market"},
		"unknown charge":              {with("--charge", "half"), exitUsage, "half"},
		"unknown instance type":       {with("--instance-type", "p5.48xlarg"), exitUsage, "nearest known: p5.48xlarge"},
		"plan with unknown key":       {[]string{"run", "--plan", plan}, exitUsage, "plan.yaml:2"},
		"plan that is absent":         {[]string{"run", "--plan", filepath.Join(dir, "no.yaml")}, exitFailure, "no.yaml"},
		"ab of nothing":               {[]string{"ab"}, exitUsage, "what is compared? Give --base PLAN and --head PLAN"},
		"ab of one plan":              {[]string{"ab", "--base", plan}, exitUsage, "what is compared?"},
		"ab of one command":           {[]string{"ab", "--base-cmd", "true"}, exitUsage, "give --base-cmd and --head-cmd"},
		"ab of a plan and a command":  {[]string{"ab", "--base", plan, "--head-cmd", "true"}, exitUsage, "a plan on one side and a command on the other"},
		"ab of an empty command":      {[]string{"ab", "--base-cmd", "", "--head-cmd", "true"}, exitUsage, "--base-cmd is empty"},
		"ab of a bad plan":            {[]string{"ab", "--base", plan, "--head", plan}, exitUsage, "plan.yaml:2"},
		"ab of an absent plan":        {[]string{"ab", "--base", filepath.Join(dir, "no.yaml"), "--head", plan}, exitFailure, "no.yaml"},
		"ab of a plan's lost library": {[]string{"ab", "--base", lost, "--head", lost}, exitFailure, "finding ort-lib of plan"},
		"ab with an argument":         {[]string{"ab", plan}, exitUsage, "unexpected argument"},
		"ab of one round":             {[]string{"ab", "--rounds", "1"}, exitUsage, "--rounds 1: from 2 to 10000"},
		"ab of fewer than its rounds": {[]string{"ab", "--max-rounds", "10"}, exitUsage, "--max-rounds 10: from --rounds + 1 (11)"},
		"ab with a bad tolerance":     {[]string{"ab", "--tolerance", "3"}, exitUsage, "--tolerance"},
		"ab of commands and a plugin": {[]string{"ab", "--base-cmd", "true", "--head-cmd", "true", "--pjrt-plugin", notes}, exitUsage, "--pjrt-plugin is for plans"},
		"ab with no deadline":         {[]string{"ab", "--base-cmd", "true", "--head-cmd", "true", "--deadline", "0s"}, exitUsage, "--deadline 0s"},
		"ab to standard output":       {[]string{"ab", "--base-cmd", "true", "--head-cmd", "true", "--out", "-"}, exitUsage, "standard output is for the report"},
		"ab over another file":        {[]string{"ab", "--base-cmd", "true", "--head-cmd", "true", "--out", notes}, exitUsage, "notes.txt"},
		"a plan's lost library":       {[]string{"run", "--plan", lost}, exitFailure, "finding ort-lib of plan"},
		"inspection of nothing":       {[]string{"neuron", "inspect", ""}, exitUsage, "which file?"},
		"report without file":         {[]string{"report"}, exitUsage, "which results?"},
		"report of an absent file":    {[]string{"report", filepath.Join(dir, "no.jsonl")}, exitFailure, "no.jsonl is not there"},
		"report of no results file":   {[]string{"report", notes}, exitUsage, "notes.txt"},
		"report of an empty file":     {[]string{"report", empty}, exitUsage, "holds no results"},
		"compare":                     {[]string{"compare"}, exitUsage, "what is compared? accelbench compare BASE HEAD"},
		"checks of devices":           {[]string{"devices", "--format", "junit"}, exitUsage, "--format junit: the document has nothing for this form: it comes as markdown, text, html, json, csv"},
		"checks of doctor":            {[]string{"doctor", "--format", "github"}, exitOK, ""},
		"result lines of prices":      {[]string{"prices", "show", "p5.48xlarge", "--format", "jsonl"}, exitUsage, "the document has nothing for this form"},
		"prices without command":      {[]string{"prices"}, exitUsage, "which command? One of list, show"},
		"prices of nothing":           {[]string{"prices", "show"}, exitUsage, "which instance type?"},
		"prices of an unknown type":   {[]string{"prices", "show", "p5.48xlarg"}, exitUsage, "nearest known: p5.48xlarge"},
		"prices with a bad market":    {[]string{"prices", "list", "--market", "black"}, exitUsage, "unknown market"},
		"prices of no provider":       {[]string{"prices", "list", "--provider", "lamda"}, exitUsage, `unknown --provider "lamda": known are, nearest first, lambda`},
		"prices of no region":         {[]string{"prices", "list", "--region", "us-east-11"}, exitUsage, `unknown --region "us-east-11": known are, nearest first, us-east-1`},
		"prices":                      {[]string{"prices", "show", "p5.48xlarge"}, exitOK, ""},
		"workloads":                   {[]string{"workloads"}, exitOK, ""},
		"devices":                     {[]string{"devices"}, exitOK, ""},
		"doctor":                      {[]string{"doctor"}, exitOK, ""},
		"stray argument of doctor":    {[]string{"doctor", "cpu"}, exitUsage, `unexpected argument "cpu"`},
		"unknown format of doctor":    {[]string{"doctor", "--format", "pdf"}, exitUsage, `unknown format "pdf"`},
		"absent library of doctor":    {[]string{"doctor", "--ort-lib", "/no/such/library.so"}, exitFailure, "--ort-lib"},
		"dry run":                     {with("--dry-run"), exitOK, ""},
		"history without a command":   {[]string{"history"}, exitUsage, "which command? One of add, list, show, trend, mark"},
		"history of nothing":          {[]string{"history", "add"}, exitUsage, "which results? accelbench history add FILE..."},
		"history of an absent file":   {[]string{"history", "add", filepath.Join(dir, "no.jsonl")}, exitFailure, "no.jsonl is not there"},
		"history of no results":       {[]string{"history", "add", notes}, exitUsage, "notes.txt"},
		"history that is absent":      {[]string{"history", "list"}, exitFailure, "accelbench history add makes it"},
		"history that is none":        {[]string{"history", "trend", "--store", notes}, exitUsage, "no SQLite database"},
		"history without a path":      {[]string{"history", "list", "--store", ""}, exitUsage, "the path of the history is empty"},
		"stray argument of history":   {[]string{"history", "list", "all"}, exitUsage, `unexpected argument "all"`},
		"entry of no name":            {[]string{"history", "show"}, exitUsage, "which entry?"},
		"mark without a verdict":      {[]string{"history", "mark", "2026"}, exitUsage, "history mark ID good|bad|unknown"},
		"mark with no verdict":        {[]string{"history", "mark", "2026", "fine"}, exitUsage, `verdict "fine"`},
		"trend with a bad tolerance":  {[]string{"history", "trend", "--tolerance", "3"}, exitUsage, "--tolerance"},
		"trend in an unknown form":    {[]string{"history", "trend", "--format", "txt"}, exitUsage, "unknown format"},
		"baseline without a head":     {[]string{"compare", "--baseline", "last-good"}, exitUsage, "takes HEAD alone"},
		"worker by hand":              {[]string{"worker", "now"}, exitUsage, "unexpected argument"},
		"stray argument of selftest":  {[]string{"selftest", "load"}, exitUsage, `unexpected argument "load"`},
		"unknown format of selftest":  {[]string{"selftest", "--format", "jsn"}, exitUsage, `unknown format "jsn"`},
	} {
		t.Run(name, func(t *testing.T) {
			code, stdout, stderr := invoke(t, "", test.args...)
			require.Equal(t, test.code, code, "stderr: %s", stderr)
			require.Contains(t, stderr, test.err)
			if test.code == exitOK {
				require.NotEmpty(t, stdout)
			}
			if test.code == exitUsage || test.code == exitFailure {
				require.Empty(t, stdout, "nothing goes to standard output unless there is a report")
				require.Equal(t, 1, strings.Count(stderr, "accelbench: "), "one message, not a page: %s", stderr)
			}
		})
	}
}

func TestFlagsMayStandAnywhere(t *testing.T) {
	commands := newApp(streams{}).Commands
	for given, want := range map[string]string{
		"report a.jsonl --price 2 b.jsonl":   "report --price 2 a.jsonl b.jsonl",
		"report a.jsonl --price=2":           "report --price=2 a.jsonl",
		"report - --format csv":              "report --format csv -",
		"report --format csv -- -odd.jsonl":  "report --format csv -- -odd.jsonl",
		"prices show p5.48xlarge --market x": "prices show --market x p5.48xlarge",
		"run --quick --out":                  "run --quick --out",
		"run --quick stray --dry-run":        "run --quick --dry-run stray",
		"run --nope stray":                   "run --nope stray",
		"--version":                          "--version",
		"nonsense a --b":                     "nonsense a --b",
	} {
		got := flagsFirst(commands, append([]string{"accelbench"}, strings.Fields(given)...))
		require.Equal(t, "accelbench "+want, strings.Join(got, " "))
	}
}

func TestCommandLineIsQuotedForAShell(t *testing.T) {
	for word, want := range map[string]string{
		"resnet50": "resnet50", "a b": "'a b'", "it's": `'it'\''s'`, "": "''", "$(reboot)": "'$(reboot)'", "1.5s": "1.5s",
	} {
		require.Equal(t, want, quote(word))
	}
}
