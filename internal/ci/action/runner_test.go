// Package action_test tries what continuous integration relies on for real: the steps of the GitHub action, with this program and in
// the environment that GitHub's runner gives them, and the examples of docs/ci.md.
package action_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/require"
)

// root is the project's folder. All folders are looked through: what only scripts and compilers read would else be unknown to the
// cache of go test, which would give the results of another program.
func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../../..")
	require.NoError(t, err)
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && (d.Name() == ".git" || path == filepath.Join(dir, "bin")) {
			return filepath.SkipDir
		}
		return err
	}))
	return dir
}

// needs skips the test where a tool is absent.
func needs(t *testing.T, tools ...string) {
	t.Helper()
	for _, tool := range tools {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("no %s here: %v", tool, err)
		}
	}
}

// step is one of an action or of a job, as GitHub Actions has them.
type step struct {
	Name     string            `yaml:"name"`
	ID       string            `yaml:"id"`
	If       string            `yaml:"if"`
	Uses     string            `yaml:"uses"`
	With     map[string]string `yaml:"with"`
	Shell    string            `yaml:"shell"`
	Run      string            `yaml:"run"`
	Dir      string            `yaml:"working-directory"`
	Env      map[string]string `yaml:"env"`
	Continue bool              `yaml:"continue-on-error"`
}

type action struct {
	Inputs map[string]struct {
		Description string `yaml:"description"`
		Default     string `yaml:"default"`
	} `yaml:"inputs"`
	Outputs map[string]struct {
		Value string `yaml:"value"`
	} `yaml:"outputs"`
	Runs struct {
		Using string `yaml:"using"`
		Steps []step `yaml:"steps"`
	} `yaml:"runs"`
}

func readAction(t *testing.T) action {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root(t), "action.yml"))
	require.NoError(t, err)
	var a action
	require.NoError(t, yaml.UnmarshalWithOptions(text, &a, yaml.Strict(), yaml.AllowFieldPrefixes("name", "description", "author", "branding", "using")))
	require.Equal(t, "composite", a.Runs.Using)
	return a
}

// runner plays the part of GitHub's runner for one job: it runs the steps of workflows and of this action with bash, in an
// environment like GitHub's, and knows as much of GitHub's expressions as those use. Actions of others it only notes.
type runner struct {
	workspace string
	temp      string
	known     map[string]string // contexts: github.event_name
	path      []string          // what steps added to the PATH
	env       map[string]string // of the job, and what steps added
	used      []step            // actions of others, evaluated
	summary   string
	log       bytes.Buffer
	code      int // of the first step that failed
}

func newRunner(t *testing.T) *runner {
	t.Helper()
	if testing.Short() {
		t.Skip("builds the whole program")
	}
	needs(t, "bash", "curl", "tar", "sha256sum")
	if runtime.GOOS != "linux" {
		t.Skip("releases are for Linux only")
	}
	return &runner{
		// Names like these are legal.
		workspace: mkdir(t, filepath.Join(t.TempDir(), "work space")), temp: mkdir(t, filepath.Join(t.TempDir(), "runner's temp")),
		env: map[string]string{"ACCELBENCH_RELEASES": serve(t, archives(t))},
		known: map[string]string{
			"github.action_path": root(t), "github.action_repository": "accelbench/accelbench", "github.action_ref": "v1.2.3", "github.token": "t0ken",
		},
	}
}

func mkdir(t *testing.T, dir string) string {
	t.Helper()
	require.NoError(t, os.MkdirAll(dir, 0o755))
	return dir
}

// write makes a file of the workspace.
func (r *runner) write(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join(r.workspace, name)
	mkdir(t, filepath.Dir(path))
	require.NoError(t, os.WriteFile(path, []byte(text), 0o755))
}

var expression = regexp.MustCompile(`(?s)\$\{\{\s*(.*?)\s*\}\}`)

// fill replaces the expressions in a text.
func (r *runner) fill(t *testing.T, text string) string {
	t.Helper()
	return expression.ReplaceAllStringFunc(text, func(e string) string { return r.value(t, expression.FindStringSubmatch(e)[1]) })
}

// value evaluates conjunctions of comparisons, of contexts and of literals. Unknown outputs are empty, as they are there;
// anything else that is unknown is a mistake.
func (r *runner) value(t *testing.T, e string) string {
	t.Helper()
	if left, right, ok := strings.Cut(e, "&&"); ok {
		return fmt.Sprint(r.value(t, strings.TrimSpace(left)) == "true" && r.value(t, strings.TrimSpace(right)) == "true")
	}
	for _, op := range []string{"==", "!="} {
		if left, right, ok := strings.Cut(e, op); ok {
			same := r.value(t, strings.TrimSpace(left)) == r.value(t, strings.TrimSpace(right))
			return fmt.Sprint(same == (op == "=="))
		}
	}
	if e == "always()" {
		return "true"
	}
	if literal, ok := strings.CutPrefix(e, "'"); ok {
		return strings.TrimSuffix(literal, "'")
	}
	if v, ok := r.known[e]; ok || strings.HasPrefix(e, "steps.") {
		return v
	}
	t.Fatalf("unknown expression %q", e)
	return ""
}

// call runs this action with inputs, and returns its outputs.
func (r *runner) call(t *testing.T, inputs map[string]string) map[string]string {
	t.Helper()
	a := readAction(t)
	outer := r.known
	defer func() { r.known = outer }()
	r.known = maps.Clone(outer)
	r.inputs(t, a, inputs)
	r.steps(t, a.Runs.Steps)
	outputs := map[string]string{}
	for name, out := range a.Outputs {
		outputs[name] = r.fill(t, out.Value)
	}
	return outputs
}

// inputs gives an action its inputs; those that are not given have their defaults.
func (r *runner) inputs(t *testing.T, a action, given map[string]string) {
	t.Helper()
	for name := range given {
		require.Contains(t, a.Inputs, name, "the action has no such input")
	}
	for name, in := range a.Inputs {
		value, ok := given[name]
		if !ok {
			value = r.fill(t, in.Default)
		}
		r.known["inputs."+name] = value
	}
}

// steps runs steps one by one; after a failure only those whose condition says so.
func (r *runner) steps(t *testing.T, steps []step) {
	t.Helper()
	for _, s := range steps {
		condition := strings.TrimSuffix(strings.TrimPrefix(s.If, "${{"), "}}")
		if r.code != 0 && !strings.Contains(condition, "always()") || condition != "" && r.value(t, strings.TrimSpace(condition)) != "true" {
			continue
		}
		for k, v := range s.With {
			s.With[k] = r.fill(t, v)
		}
		switch {
		case strings.HasPrefix(s.Uses, "accelbench/accelbench@"):
			for k, v := range r.call(t, s.With) {
				r.known["steps."+s.ID+".outputs."+k] = v
			}
		case s.Uses != "":
			r.used = append(r.used, s)
		default:
			r.run(t, s)
		}
	}
}

// run runs a step's script as GitHub does, and takes over what it leaves in the files that it is given for that.
func (r *runner) run(t *testing.T, s step) {
	t.Helper()
	require.NotContains(t, s.Run, "${{", "an expression in a shell's program: what it holds would be run")
	files := map[string]string{}
	for _, name := range []string{"GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH", "GITHUB_STEP_SUMMARY"} {
		file, err := os.CreateTemp(r.temp, name+"-*")
		require.NoError(t, err)
		require.NoError(t, file.Close())
		files[name] = file.Name()
	}
	script := filepath.Join(r.temp, "script.sh")
	require.NoError(t, os.WriteFile(script, []byte(s.Run), 0o600))
	cmd := exec.Command("bash", "--noprofile", "--norc", "-e", "-o", "pipefail", script)
	cmd.Dir = filepath.Join(r.workspace, r.fill(t, s.Dir))
	cmd.Env = append(os.Environ(), "RUNNER_TEMP="+r.temp, "GITHUB_WORKSPACE="+r.workspace, "GITHUB_ACTIONS=true", "MAKEFLAGS=", "MAKELEVEL=",
		"PATH="+strings.Join(append(slices.Clone(r.path), os.Getenv("PATH")), ":"))
	for name, file := range files {
		cmd.Env = append(cmd.Env, name+"="+file)
	}
	for name, value := range r.env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	for name, value := range s.Env {
		require.NotRegexp(t, "^(GITHUB|RUNNER)_", name, "GitHub does not let steps set these")
		cmd.Env = append(cmd.Env, name+"="+r.fill(t, value))
	}
	cmd.Stdout, cmd.Stderr = &r.log, &r.log
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil {
		require.True(t, errors.As(err, &exit), "%v", err)
		if r.code == 0 && !s.Continue {
			r.code = exit.ExitCode()
		}
	}
	read := func(name string) string {
		text, err := os.ReadFile(files[name])
		require.NoError(t, err)
		return string(text)
	}
	r.summary += read("GITHUB_STEP_SUMMARY")
	for line := range strings.Lines(read("GITHUB_PATH")) {
		r.path = append([]string{strings.TrimSpace(line)}, r.path...)
	}
	for line := range strings.Lines(read("GITHUB_ENV")) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		r.env[name] = value
	}
	for line := range strings.Lines(read("GITHUB_OUTPUT")) {
		name, value, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		require.True(t, ok, line)
		r.known["steps."+s.ID+".outputs."+name] = value
	}
}

// program is accelbench, built once.
var program = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "accelbench-ci-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "accelbench")
	build := exec.Command("go", "build", "-ldflags", "-extldflags=-Wl,-z,lazy", "-o", path, "../../../cmd/accelbench")
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building accelbench: %w: %s", err, out)
	}
	return os.ReadFile(path)
})

// archives are those of a release v1.2.3, made of the program as it is now, by the names under which they are served.
func archives(t *testing.T) map[string][]byte {
	t.Helper()
	binary, err := program()
	require.NoError(t, err)
	name := "accelbench-v1.2.3-linux-" + runtime.GOARCH
	var packed bytes.Buffer
	zipped, err := gzip.NewWriterLevel(&packed, gzip.BestSpeed)
	require.NoError(t, err)
	archive := tar.NewWriter(zipped)
	require.NoError(t, archive.WriteHeader(&tar.Header{Name: name + "/accelbench", Mode: 0o755, Size: int64(len(binary))}))
	_, err = archive.Write(binary)
	require.NoError(t, err)
	require.NoError(t, archive.Close())
	require.NoError(t, zipped.Close())
	return map[string][]byte{
		name + ".tar.gz": packed.Bytes(),
		"SHA256SUMS":     fmt.Appendf(nil, "%064d  %s-nocgo.tar.gz\n%x  %s.tar.gz\n", 0, name, sha256.Sum256(packed.Bytes()), name),
	}
}

// serve is the address of a place of releases that has these files in v1.2.3.
func serve(t *testing.T, files map[string][]byte) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		data, ok := files[strings.TrimPrefix(req.URL.Path, "/v1.2.3/")]
		if !ok {
			http.NotFound(w, req)
			return
		}
		_, _ = w.Write(data)
	}))
	t.Cleanup(server.Close)
	return server.URL
}
