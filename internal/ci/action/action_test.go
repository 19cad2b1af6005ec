package action_test

import (
	"encoding/json"
	"encoding/xml"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// benchScript is a benchmark that takes its first argument in nanoseconds, give or take what the second one says, in thousandths. The
// noise is the same in every trial; most of it is of the round, as that of a machine is. In the round of a third argument it fails.
const benchScript = `#!/bin/sh
[ "$ACCELBENCH_ROUND" != "$3" ] || exit 9
if [ "$ACCELBENCH_SIDE" = head ]; then k=5; else k=3; fi
awk -v r="$ACCELBENCH_ROUND" -v k=$k -v ns="$1" -v noise="$2" 'BEGIN {
	n = ((r * 7919) % 13 - 6) + ((r * k * 104729) % 7 - 3) / 4
	print "goos: linux\npkg: example.com/codec\ncpu: of the test"
	printf "BenchmarkCodec-2 \t 1000 \t %.3f ns/op\n", ns * (1 + n * noise / 6000)
}'
`

// firstLine is the first that a reader sees.
func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

func TestActionFindsWhatChanged(t *testing.T) {
	for _, c := range []struct {
		name       string
		base, head string
		inputs     map[string]string
		verdict    string
		code       string // of accelbench
		job        int    // exit code of the job
		log        string
	}{
		{"ten percent slower", "1000 5", "1100 5", nil, "regressed", "4", 4, "::error title="},
		{"the same", "1000 5", "1000 5", nil, "unchanged", "0", 0, "::notice title="},
		{"ten percent faster", "1000 5", "900 5", nil, "improved", "0", 0, "::notice title="},
		{"slower within a tolerance", "1000 5", "1100 5", map[string]string{"tolerance": "20%"}, "unchanged", "0", 0, "::notice title="},
		{"slower and accepted", "1000 5", "1100 5", map[string]string{"override": "true"}, "regressed", "4", 0, "::warning title=accelbench::regressed, and accepted"},
		{"too noisy to tell", "1000 80", "1020 200", nil, "undecided", "0", 0, "::warning title="},
		{"too noisy to tell, strictly", "1000 80", "1020 200", map[string]string{"strict": "true"}, "undecided", "5", 5, "::warning title="},
		{"slower twice", "1000 5", "1100 5", map[string]string{"arguments": "--confirm\n--seed\n7"}, "regressed", "4", 4, "::error title=accelbench::Regressed"},
		{"the same, but for a run that fails", "1000 5", "1000 5 3", nil, "unchanged", "3", 3, "::error title=accelbench::Unchanged: 1 metric within 3 %25; 1 run gave no figures (exit code 3)"},
		{"against a gate that nothing has", "1000 5", "1000 5", map[string]string{"gate": "B/op"}, "none", "2", 2, "::error title="},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRunner(t)
			r.write(t, "bench.sh", benchScript)
			inputs := map[string]string{"version": "v1.2.3", "base-cmd": "./bench.sh " + c.base, "head-cmd": "./bench.sh " + c.head, "rounds": "8"}
			for k, v := range c.inputs {
				inputs[k] = v
			}
			out := r.call(t, inputs)
			require.Equal(t, c.verdict, out["verdict"], "%s", r.log.String())
			require.Equal(t, c.code, out["exit-code"])
			require.Equal(t, c.job, r.code)
			require.Contains(t, r.log.String(), c.log)

			// The verdict is the first thing to see, wherever one looks.
			title := map[string]string{"regressed": "Regressed", "unchanged": "Unchanged", "improved": "Improved", "undecided": "Undecided", "none": "Could not compare"}[c.verdict]
			comment, err := os.ReadFile(out["comment-file"])
			require.NoError(t, err)
			require.Regexp(t, "^#+ "+title, firstLine(r.summary))
			require.Regexp(t, "^#+ "+title, firstLine(string(comment)))
			require.True(t, strings.HasSuffix(string(comment), "\n<!-- accelbench: accelbench -->\n"))
			require.FileExists(t, out["report"])
			if c.code == "2" {
				require.Contains(t, r.summary, "B/op")
				return
			}

			// What the commands said is not published.
			logs, err := filepath.Glob(filepath.Join(out["results"], "*log*"))
			require.NoError(t, err)
			require.Empty(t, logs)

			// The artefact has what was measured, and the forms that other programs read.
			require.Len(t, r.used, 1)
			require.Equal(t, "actions/upload-artifact@v7", r.used[0].Uses)
			require.Equal(t, out["results"], r.used[0].With["path"])
			measured, err := os.ReadFile(filepath.Join(out["results"], "ab.head.txt"))
			require.NoError(t, err)
			require.GreaterOrEqual(t, strings.Count(string(measured), "BenchmarkCodec-2"), 7)
			if strings.Contains(c.inputs["arguments"], "--confirm") {
				return
			}
			var suites struct {
				Failures int `xml:"failures,attr"`
			}
			junit, err := os.ReadFile(filepath.Join(out["results"], "junit.xml"))
			require.NoError(t, err)
			require.NoError(t, xml.Unmarshal(junit, &suites))
			require.Equal(t, c.verdict == "regressed", suites.Failures > 0, "%s", junit)
			var comparison struct {
				Verdict string `json:"verdict"`
			}
			text, err := os.ReadFile(filepath.Join(out["results"], "comparison.json"))
			require.NoError(t, err)
			require.NoError(t, json.Unmarshal(text, &comparison))
			require.Equal(t, c.verdict, comparison.Verdict, "the saved results say something else than the report")
		})
	}
}

// TestActionRunsPlans measures for real; which verdict comes out is the machine's. On a busy one every run is invalid, and nothing
// can be compared.
func TestActionRunsPlans(t *testing.T) {
	r := newRunner(t)
	r.write(t, "bench/base plan.yaml", "runs:\n  - workload: gemm\n    engine: native\n    scenario: offline\n    duration: 100ms\n")
	r.write(t, "bench/head.yaml", "runs:\n  - workload: gemm\n    engine: native\n    scenario: offline\n    duration: 100ms\n    threads: 1\n")
	out := r.call(t, map[string]string{"version": "v1.2.3", "working-directory": "bench", "base": "base plan.yaml", "head": "head.yaml", "rounds": "3", "tolerance": "50%"})
	require.Contains(t, []int{0, 1, 3, 4}, r.code, "%s", r.log.String())
	require.Equal(t, r.code == 1, out["verdict"] == "none", "%s", r.log.String())
	require.Regexp(t, "^#+ (Regressed|Unchanged|Improved|Undecided|Could not)", firstLine(r.summary))
	head, err := os.ReadFile(filepath.Join(out["results"], "head.jsonl"))
	require.NoError(t, err)
	require.Equal(t, 3, strings.Count(string(head), "\n"))
	require.NotContains(t, string(head), `"side":"base"`)
}

// TestActionRunsNoInputAsProgram: what inputs hold reaches accelbench as it is, and no shell runs it.
func TestActionRunsNoInputAsProgram(t *testing.T) {
	evil := "$(touch pwned) `touch pwned`; touch pwned # ' \" \\"
	for _, name := range []string{"version", "variant", "sha256", "base", "head", "rounds", "tolerance", "gate", "strict", "arguments", "baseline", "override", "name", "comment-file"} {
		t.Run(name, func(t *testing.T) {
			r := newRunner(t)
			r.write(t, "bench.sh", benchScript)
			inputs := map[string]string{"version": "v1.2.3", "base-cmd": "./bench.sh 1000 5", "head-cmd": `printf '%s' "it's a; \"head\"" >/dev/null && ./bench.sh 1000 5`, "rounds": "3"}
			inputs[name] = evil
			r.call(t, inputs)
			for _, dir := range []string{r.workspace, r.temp} {
				found, err := filepath.Glob(filepath.Join(dir, "pwned*"))
				require.NoError(t, err)
				require.Empty(t, found)
			}
			if slices.Contains([]string{"version", "variant", "sha256", "base", "head", "rounds", "tolerance", "gate", "arguments"}, name) {
				require.NotZero(t, r.code, "accepted: %s", r.log.String())
			} else {
				require.Zero(t, r.code, "%s", r.log.String())
			}
		})
	}
}

func TestActionFailsWhereNothingWasCompared(t *testing.T) {
	t.Run("base fails", func(t *testing.T) {
		r := newRunner(t)
		r.write(t, "bench.sh", benchScript)
		out := r.call(t, map[string]string{"version": "v1.2.3", "base-cmd": "exit 7", "head-cmd": "./bench.sh 1000 5", "rounds": "4", "override": "true"})
		require.Contains(t, []int{1, 3}, r.code)
		require.NotContains(t, []string{"unchanged", "improved"}, out["verdict"])
		require.Regexp(t, "^#+ (Could not|Undecided)", firstLine(r.summary))
		require.Contains(t, r.log.String(), "::error title=")
	})
	t.Run("no sides", func(t *testing.T) {
		r := newRunner(t)
		r.call(t, map[string]string{"version": "v1.2.3"})
		require.Equal(t, 2, r.code)
		require.Regexp(t, "^# Could not compare", firstLine(r.summary))
		require.Contains(t, r.summary, "--base")
		require.Contains(t, r.log.String(), "::error title=accelbench::Could not compare: accelbench ab ended with exit code 2")
	})
	t.Run("no program", func(t *testing.T) {
		r := newRunner(t)
		a := readAction(t)
		r.inputs(t, a, nil)
		r.steps(t, a.Runs.Steps[1:]) // without that which installs it
		require.Equal(t, 1, r.code)
		require.Contains(t, r.log.String(), "accelbench is not on the PATH")
	})
}

// TestStoredResultsAreInformation: head is three times as fast as the results of another day, or as slow, and what decides is
// that it is as fast as base.
func TestStoredResultsAreInformation(t *testing.T) {
	for _, c := range []struct{ name, stored, said string }{
		{"regressed", "300", "Regressed: Codec/@&#8203;org"},
		{"improved", "3000", "Improved: Codec/@&#8203;org"},
		{"not there", "", "could not be compared"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRunner(t)
			r.write(t, "bench.sh", strings.ReplaceAll(benchScript, "Codec-2", "Codec/@org-2"))
			if c.stored != "" {
				var old strings.Builder
				for range 8 {
					old.WriteString("pkg: example.com/codec\ncpu: of the test\nBenchmarkCodec/@org-2 \t 1000 \t " + c.stored + " ns/op\n")
				}
				r.write(t, "last good.txt", old.String())
			}
			out := r.call(t, map[string]string{"version": "v1.2.3", "base-cmd": "./bench.sh 1000 5", "head-cmd": "./bench.sh 1000 5", "rounds": "8", "baseline": "last good.txt"})
			require.Zero(t, r.code, "%s", r.log.String())
			require.Equal(t, "unchanged", out["verdict"])
			require.Regexp(t, "^#+ Unchanged", firstLine(r.summary))
			require.Contains(t, r.summary, "<summary>Against stored results, as information: "+c.said)
			comment, err := os.ReadFile(out["comment-file"])
			require.NoError(t, err)
			require.Contains(t, string(comment), "as information: "+c.said)
			require.NotContains(t, string(comment), "@org", "the comment notifies those who are called like a benchmark")
		})
	}
}

// TestReportsFitGitHub: with a report of any size, and other steps' summaries before, comment and summary are within limits and
// begin with the verdict.
func TestReportsFitGitHub(t *testing.T) {
	needs(t, "bash")
	const marker = "\n<!-- accelbench: n -->\n"
	for _, size := range []int{48, 65536 - len(marker), 65536, 1<<20 - 50000, 1 << 20, 3 << 20} {
		dir := t.TempDir()
		write := func(name, text string) string {
			path := filepath.Join(dir, name)
			require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
			return path
		}
		const title = "# Regressed: codec\n\n"
		write("report.md", title+strings.Repeat("0\n", (size-len(title))/2)+strings.Repeat("\n", (size-len(title))%2))
		before := strings.Repeat("another step wrote this\n", 4000)
		summary := write("summary", before)
		cmd := exec.Command("bash", filepath.Join(root(t), "internal/ci/action/report.sh"))
		cmd.Env = append(os.Environ(), "AB_DIR="+dir, "AB_CODE=4", "AB_PLAIN=true", "AB_NAME=n", "GITHUB_STEP_SUMMARY="+summary, "GITHUB_OUTPUT="+write("output", ""))
		said, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", said)
		comment, err := os.ReadFile(filepath.Join(dir, "comment.md"))
		require.NoError(t, err)
		require.LessOrEqual(t, len(comment), 65536)
		require.Equal(t, "# Regressed: codec", firstLine(string(comment)))
		require.True(t, strings.HasSuffix(string(comment), marker))
		all, err := os.ReadFile(summary)
		require.NoError(t, err)
		require.LessOrEqual(t, len(all), 1<<20)
		require.Equal(t, "# Regressed: codec", firstLine(strings.TrimPrefix(string(all), before)))
		require.Equal(t, size+len(marker) <= 65536, strings.Contains(string(comment), "\n0\n"), "a report of %d bytes", size)
	}
}

// TestComments plays GitHub's API: the first comment is posted, the next one replaces it, and where the token may not write the
// job does not fail.
func TestComments(t *testing.T) {
	needs(t, "bash", "curl", "jq")
	comment := filepath.Join(t.TempDir(), "comment.md")
	require.NoError(t, os.WriteFile(comment, []byte("# Unchanged: \"codec\" & co\n\n<!-- accelbench: n -->\n"), 0o600))
	event := filepath.Join(t.TempDir(), "event.json")
	require.NoError(t, os.WriteFile(event, []byte(`{"pull_request": {"number": 42}}`), 0o600))
	full := make([]map[string]any, 100)
	for i := range full {
		full[i] = map[string]any{"id": i, "body": "quoting <!-- accelbench: n --> in the middle"}
	}
	for _, c := range []struct {
		name   string
		pages  [][]map[string]any
		status int
		event  string
		want   string // the call that writes
		said   string
	}{
		{"first", [][]map[string]any{{{"id": 1, "body": "hello"}, {"id": 2, "body": "# Regressed\n<!-- accelbench: other -->"}}}, 201, event, "POST /repos/o/r/issues/42/comments", ""},
		{"again", [][]map[string]any{full, {{"id": 777, "body": "# Regressed\n\n<!-- accelbench: n -->\n"}}}, 200, event, "PATCH /repos/o/r/issues/comments/777", ""},
		{"of a fork", [][]map[string]any{{}}, 403, event, "POST /repos/o/r/issues/42/comments", "::warning title=accelbench::the comment was not posted: runs for forks"},
		{"no pull request", nil, 200, os.DevNull, "", "::warning title=accelbench::the comment was not posted: this run belongs to no pull request"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var wrote, body string
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
				require.Equal(t, "Bearer t0ken", req.Header.Get("Authorization"))
				if req.Method == http.MethodGet {
					page, err := strconv.Atoi(req.URL.Query().Get("page"))
					require.NoError(t, err)
					require.NoError(t, json.NewEncoder(w).Encode(c.pages[page-1]))
					return
				}
				wrote = req.Method + " " + req.URL.Path
				text, err := io.ReadAll(req.Body)
				require.NoError(t, err)
				body = string(text)
				w.WriteHeader(c.status)
			}))
			defer server.Close()
			cmd := exec.Command("bash", filepath.Join(root(t), "internal/ci/action/comment.sh"))
			cmd.Env = append(os.Environ(), "AB_COMMENT="+comment, "AB_TOKEN=t0ken", "GITHUB_API_URL="+server.URL, "GITHUB_REPOSITORY=o/r", "GITHUB_EVENT_PATH="+c.event)
			said, err := cmd.CombinedOutput()
			require.NoError(t, err, "%s", said)
			require.Contains(t, string(said), c.said)
			require.NotContains(t, string(said), "t0ken")
			require.Equal(t, c.want, wrote)
			if c.want != "" {
				require.JSONEq(t, `{"body": "# Unchanged: \"codec\" & co\n\n<!-- accelbench: n -->\n"}`, body)
			}
		})
	}
}

func TestInstall(t *testing.T) {
	for _, c := range []struct {
		name   string
		spoil  func(files map[string][]byte)
		inputs map[string]string
		said   string
	}{
		{"spoilt", func(f map[string][]byte) {
			for name, data := range f {
				if strings.HasSuffix(name, ".gz") {
					f[name] = append(data, 0)
				}
			}
		}, nil, "is not the file that its digest is of"},
		{"another digest", nil, map[string]string{"sha256": strings.Repeat("0", 64)}, "is not the file that its digest is of"},
		{"not named", func(f map[string][]byte) { f["SHA256SUMS"] = nil }, nil, "does not name"},
		{"no such version", nil, map[string]string{"version": "v9.9.9"}, "v9.9.9/SHA256SUMS cannot be had"},
		{"no such variant", nil, map[string]string{"variant": "musl"}, "it may be nocgo, static or empty"},
		{"variant that the release lacks", nil, map[string]string{"variant": "static"}, "-static.tar.gz cannot be had"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRunner(t)
			served := archives(t)
			if c.spoil != nil {
				c.spoil(served)
			}
			r.env["ACCELBENCH_RELEASES"] = serve(t, served)
			inputs := map[string]string{"version": "v1.2.3", "base-cmd": "touch pwned", "head-cmd": "touch pwned"}
			for k, v := range c.inputs {
				inputs[k] = v
			}
			r.call(t, inputs)
			require.Equal(t, 1, r.code)
			require.Contains(t, r.log.String(), c.said)
			require.Empty(t, r.path)
			require.NoFileExists(t, filepath.Join(r.workspace, "pwned"))
		})
	}
	t.Run("built", func(t *testing.T) {
		needs(t, "make")
		r := newRunner(t)
		a := readAction(t)
		r.inputs(t, a, nil)
		r.steps(t, a.Runs.Steps[:1])
		require.Zero(t, r.code, "%s", r.log.String())
		require.Contains(t, r.log.String(), "accelbench version v1.2.3")
		require.Len(t, r.path, 1)
	})
}

// TestScriptsPassShellcheck holds the scripts to the usual advice.
func TestScriptsPassShellcheck(t *testing.T) {
	needs(t, "shellcheck")
	scripts, err := filepath.Glob("*.sh")
	require.NoError(t, err)
	require.NotEmpty(t, scripts)
	out, err := exec.Command("shellcheck", append([]string{"--severity=warning", "../release/release.sh"}, scripts...)...).CombinedOutput()
	require.NoError(t, err, "%s", out)
}

// TestActionCallsOnlyScripts: every step of the action is one script, so that each can be run by hand, elsewhere too.
func TestActionCallsOnlyScripts(t *testing.T) {
	for _, s := range readAction(t).Runs.Steps {
		if s.Uses == "" {
			require.Regexp(t, regexp.MustCompile(`^"\$AB_ACTION_PATH/internal/ci/action/[a-z]+\.sh"$`), s.Run)
			require.Equal(t, "bash", s.Shell)
		}
	}
}
