package action_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench"
)

// workflow is one of GitHub's. What the tests do not look at is not read.
type workflow struct {
	Name string `yaml:"name"`
	On   any    `yaml:"on"`
	Jobs map[string]struct {
		RunsOn any    `yaml:"runs-on"`
		Steps  []step `yaml:"steps"`
	} `yaml:"jobs"`
}

// blocks are the fenced blocks of docs/ci.md in a language.
func blocks(t *testing.T, language string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root(t), "docs", "ci.md"))
	require.NoError(t, err)
	var out []string
	for _, m := range regexp.MustCompile("(?s)```"+language+"\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		out = append(out, m[1])
	}
	require.NotEmpty(t, out)
	return out
}

// example is the YAML block that begins with the comment of a file's name.
func example(t *testing.T, file string) []byte {
	t.Helper()
	for _, b := range blocks(t, "yaml") {
		if strings.HasPrefix(b, "# "+file+"\n") {
			return []byte(b)
		}
	}
	t.Fatalf("docs/ci.md has no example %s", file)
	return nil
}

func readWorkflow(t *testing.T, file string) workflow {
	t.Helper()
	var w workflow
	require.NoError(t, yaml.Unmarshal(example(t, file), &w))
	require.NotEmpty(t, w.Jobs)
	require.NotNil(t, w.On)
	return w
}

// TestExamplesOfGitHub: the examples are YAML, give this action no input that it has not, and let no expression into a shell.
func TestExamplesOfGitHub(t *testing.T) {
	inputs := readAction(t).Inputs
	found := 0
	for _, b := range blocks(t, "yaml") {
		file := strings.TrimPrefix(firstLine(b), "# ")
		if !strings.HasPrefix(file, ".github/workflows/") {
			var any map[string]any
			require.NoError(t, yaml.Unmarshal([]byte(b), &any), file)
			continue
		}
		for name, job := range readWorkflow(t, file).Jobs {
			require.NotNil(t, job.RunsOn, name)
			require.NotEmpty(t, job.Steps, name)
			for _, s := range job.Steps {
				require.NotContains(t, s.Run, "${{", file)
				if strings.HasPrefix(s.Uses, "accelbench/accelbench@") {
					found++
					for k := range s.With {
						require.Contains(t, inputs, k, file)
					}
				}
			}
		}
	}
	require.Equal(t, 3, found)
}

// TestInputsAndOutputsAreDocumented compares the tables with action.yml, word by word.
func TestInputsAndOutputsAreDocumented(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root(t), "docs", "ci.md"))
	require.NoError(t, err)
	a := readAction(t)
	rows := regexp.MustCompile("(?m)^\\| `([a-z0-9-]+)` \\| (.*?) \\|(?: (.*?) ?\\|)?$").FindAllStringSubmatch(string(text), -1)
	documented := map[string]string{}
	for _, r := range rows {
		documented[r[1]] = r[2] + "|" + strings.Trim(strings.TrimSpace(r[3]), "`")
	}
	for name, in := range a.Inputs {
		if _, both := a.Outputs[name]; both { // the output's row comes last
			continue
		}
		require.Equal(t, in.Description+"|"+in.Default, documented[name], name)
	}
	for name := range a.Outputs {
		require.Contains(t, documented, name)
	}
	require.Len(t, rows, len(a.Inputs)+len(a.Outputs))
}

// TestPlansOfExamples: the plan files that the examples name are there, and are plan files.
func TestPlansOfExamples(t *testing.T) {
	for _, s := range readWorkflow(t, ".github/workflows/benchmark-gpu.yml").Jobs["compare"].Steps[1:] {
		for _, side := range []string{"base", "head"} {
			plan, err := bench.ReadPlan(bytes.NewReader(example(t, s.With[side])), s.With[side])
			require.NoError(t, err)
			require.Len(t, plan.Entries, 1)
			require.NotEmpty(t, plan.Software.ONNXRuntime)
		}
	}
}

// project is a repository whose head, a merge, is ten percent slower than its first parent; the times are played, by a Go
// benchmark and by a program.
func project(t *testing.T, dir string) {
	t.Helper()
	needs(t, "git", "go")
	git := func(args ...string) string {
		cmd := exec.Command("git", append([]string{"-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "init.defaultBranch=main"}, args...)...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "git %v: %s", args, out)
		return string(out)
	}
	write := func(name, text string) {
		path := filepath.Join(dir, name)
		mkdir(t, filepath.Dir(path))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o755))
	}
	commit := func(ns string) {
		write("go.mod", "module example.com/project\n\ngo 1.26.0\n")
		write("codec/codec_test.go", `package codec

import (
	"os"
	"strconv"
	"testing"
)

func BenchmarkCodec(b *testing.B) {
	round, _ := strconv.Atoi(os.Getenv("ACCELBENCH_ROUND"))
	b.ReportMetric(`+ns+`+float64(round%3), "ns/op")
}
`)
		write("own.sh", benchScript)
		write("bench.sh", "#!/bin/sh\nexec ./own.sh "+ns+" 5\n")
		git("add", "-A")
		git("commit", "-q", "-m", "takes "+ns)
	}
	git("init", "-q")
	commit("1000")
	git("switch", "-q", "-c", "topic")
	commit("1100")
	git("switch", "-q", "main")
	git("merge", "-q", "--no-ff", "-m", "merge", "topic")
	git("update-ref", "refs/remotes/origin/main", "HEAD^1")
}

// TestExampleOfGitHubRuns runs the whole job of the first example, as a pull request that is ten percent slower would, with
// the label that accepts it and without.
func TestExampleOfGitHubRuns(t *testing.T) {
	for label, code := range map[string]int{"false": 4, "true": 0} {
		t.Run("label "+label, func(t *testing.T) {
			r := newRunner(t)
			project(t, r.workspace)
			r.known["contains(github.event.pull_request.labels.*.name, 'slower is fine')"] = label
			// The comment is tried elsewhere, and here has no pull request.
			r.env["GITHUB_EVENT_PATH"] = os.DevNull
			r.steps(t, readWorkflow(t, ".github/workflows/benchmark.yml").Jobs["compare"].Steps)
			require.Equal(t, code, r.code, "%s", r.log.String())
			require.Regexp(t, "^#+ Regressed", firstLine(r.summary))
			require.Contains(t, r.log.String(), "::warning title=accelbench::the comment was not posted: this run belongs to no pull request")
			require.Equal(t, "regressed", r.known["steps.compare.outputs.verdict"])
			var uses []string
			for _, s := range r.used {
				uses = append(uses, s.Uses)
			}
			require.Equal(t, []string{"actions/checkout@v6", "actions/setup-go@v6", "actions/upload-artifact@v7"}, uses)
		})
	}
}

// script runs lines as one script of a CI system would, in a repository with a slower head, and returns its exit code and what
// it said.
func script(t *testing.T, dir, text string, env ...string) (int, string) {
	t.Helper()
	if runtime.GOARCH != "amd64" {
		t.Skip("the example downloads the archive for amd64")
	}
	cmd := exec.Command("bash", "-e", "-o", "pipefail", "-c", text)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		require.NoError(t, err)
	}
	return cmd.ProcessState.ExitCode(), string(out)
}

func TestInstallByHand(t *testing.T) {
	r := newRunner(t)
	for _, block := range blocks(t, "bash") {
		code, out := script(t, r.workspace, block, "ACCELBENCH_RELEASES="+r.env["ACCELBENCH_RELEASES"])
		require.Zero(t, code, out)
		require.Contains(t, out, "accelbench version")
	}
}

func TestExampleOfGitLabRuns(t *testing.T) {
	needs(t, "jq")
	r := newRunner(t)
	project(t, r.workspace)
	var jobs map[string]struct {
		Script    []string `yaml:"script"`
		Artifacts struct {
			Paths   []string          `yaml:"paths"`
			Reports map[string]string `yaml:"reports"`
		} `yaml:"artifacts"`
	}
	require.NoError(t, yaml.Unmarshal(example(t, ".gitlab-ci.yml"), &jobs))
	job := jobs["benchmark"]
	require.NotEmpty(t, job.Script)
	var noted string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
		noted = req.Method + " " + req.URL.Path + " " + req.Header.Get("PRIVATE-TOKEN")
	}))
	defer server.Close()
	code, out := script(t, r.workspace, strings.Join(job.Script, "\n"), "VERSION=v1.2.3", "RELEASES="+r.env["ACCELBENCH_RELEASES"],
		"CI_MERGE_REQUEST_DIFF_BASE_SHA=origin/main", "NOTE_TOKEN=s3cret", "CI_API_V4_URL="+server.URL+"/api/v4", "CI_PROJECT_ID=5", "CI_MERGE_REQUEST_IID=7")
	require.Equal(t, 4, code, out)
	require.NotContains(t, out, "s3cret")
	require.Equal(t, "POST /api/v4/projects/5/merge_requests/7/notes s3cret", noted)
	for _, path := range append(slices.Clone(job.Artifacts.Paths), job.Artifacts.Reports["junit"]) {
		found, err := filepath.Glob(filepath.Join(r.workspace, path))
		require.NoError(t, err)
		require.NotEmpty(t, found, path)
	}
	report, err := os.ReadFile(filepath.Join(r.workspace, "report.md"))
	require.NoError(t, err)
	require.Regexp(t, "^#+ Regressed", firstLine(string(report)))
}

// TestExampleOfJenkinsRuns runs the shell lines of the Jenkinsfile in their order; its Groovy is not tried.
func TestExampleOfJenkinsRuns(t *testing.T) {
	r := newRunner(t)
	project(t, r.workspace)
	file := strings.Join(blocks(t, "groovy"), "")
	require.Equal(t, strings.Count(file, "{"), strings.Count(file, "}"))
	lines := regexp.MustCompile(`sh(?: |\(returnStatus: true, script: )'(.*?)'`).FindAllStringSubmatch(file, -1)
	require.Len(t, lines, 6)
	for _, m := range lines {
		code, out := script(t, r.workspace, m[1], "VERSION=v1.2.3", "RELEASES="+r.env["ACCELBENCH_RELEASES"], "CHANGE_TARGET=main")
		if strings.Contains(m[1], "accelbench ab ") {
			require.Equal(t, 4, code, out)
			continue
		}
		require.Zero(t, code, "%s: %s", m[1], out)
	}
	junit, err := os.ReadFile(filepath.Join(r.workspace, "junit.xml"))
	require.NoError(t, err)
	require.Contains(t, string(junit), "<failure")
}
