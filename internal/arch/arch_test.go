// Package arch_test holds the project to its architecture: the rooms import each other one way only, hardware and
// flags stay in their rooms, and files and interfaces stay small.
package arch_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/accelbench/accelbench/"

// rooms in import order: a room may import itself and the rooms before it.
func rooms() []string { return []string{"workloads", "devices", "bench", "reports", "cmd"} }

func room(pkg string) int {
	path := strings.TrimPrefix(pkg, module)
	for i, r := range rooms() {
		if path == r || strings.HasPrefix(path, r+"/") {
			return i
		}
	}
	return -1
}

func list(t *testing.T, args ...string) []string {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list"}, args...)...)
	cmd.Dir = root(t)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=1")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	require.NoError(t, err)
	return strings.Fields(string(out))
}

func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../..")
	require.NoError(t, err)
	return dir
}

func TestRoomsImportOneWay(t *testing.T) {
	for _, line := range list(t, "-f", `{{$p := .ImportPath}}{{range .Imports}}{{$p}}>{{.}} {{end}}`, "./...") {
		from, to, _ := strings.Cut(line, ">")
		if room(from) < 0 || room(to) < 0 {
			continue
		}
		require.LessOrEqual(t, room(to), room(from), "%s imports %s against the direction %s", from, to, strings.Join(rooms(), " <- "))
	}
}

func TestOnlyCmdKnowsBackendsAndEngines(t *testing.T) {
	concrete := []string{"devices/cpu", "devices/nvml", "devices/neuron", "devices/amd", "devices/tpu", "devices/gaudi", "devices/engine/"}
	for _, line := range list(t, "-f", `{{$p := .ImportPath}}{{range .Imports}}{{$p}}>{{.}} {{end}}`, "./...") {
		from, to, _ := strings.Cut(line, ">")
		from, to = strings.TrimPrefix(from, module), strings.TrimPrefix(to, module)
		for _, c := range concrete {
			if strings.HasPrefix(to, c) && !strings.HasPrefix(from, "devices/") && !strings.HasPrefix(from, "cmd/") {
				t.Errorf("%s imports %s: only cmd may name a backend or an engine", from, to)
			}
		}
		if strings.HasPrefix(to, "devices/devicetest") && !strings.HasPrefix(from, "devices/devicetest") {
			t.Errorf("%s imports the fakes of %s", from, to)
		}
	}
}

func TestNoCgoBelowReports(t *testing.T) {
	cgo := list(t, "-deps", "-f", `{{if and .CgoFiles (not .Standard)}}{{.ImportPath}}{{end}}`, "./workloads/...", "./bench/...", "./reports/...")
	require.Empty(t, cgo, "cgo is reached from a room that must do without")
}

// TestPJRTStaysBehindItsClient: the binding of PJRT is reached through one package, and what downloads plugins not at all.
func TestPJRTStaysBehindItsClient(t *testing.T) {
	const xla = "github.com/gomlx/go-xla/"
	for _, line := range list(t, "-f", `{{$p := .ImportPath}}{{range .Imports}}{{$p}}>{{.}} {{end}}`, "./...") {
		if from, to, _ := strings.Cut(line, ">"); to == xla+"pjrt" {
			require.Equal(t, module+"devices/engine/pjrt/client", from)
		}
	}
	for _, pkg := range list(t, "-deps", "./cmd/accelbench") {
		require.NotContains(t, []string{xla + "installer", xla + "compute/xla"}, pkg)
	}
}

func TestFilesAndInterfacesStaySmall(t *testing.T) {
	fset := token.NewFileSet()
	require.NoError(t, filepath.WalkDir(root(t), func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") || d.Name() == "bin" || d.Name() == "testdata") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if strings.Contains(string(text[:min(len(text), 400)]), "DO NOT EDIT") {
			return nil
		}
		if lines := strings.Count(string(text), "\n"); lines > 400 {
			t.Errorf("%s has %d lines: does it hold two ideas?", path, lines)
		}
		file, err := parser.ParseFile(fset, path, text, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.TypeSpec); ok {
				if face, ok := spec.Type.(*ast.InterfaceType); ok && face.Methods.NumFields() > 4 {
					t.Errorf("%s: interface %s has %d methods", path, spec.Name, face.Methods.NumFields())
				}
			}
			return true
		})
		return nil
	}))
}

func TestNothingPrintsOrExitsBelowCmd(t *testing.T) {
	fset := token.NewFileSet()
	for _, r := range []string{"workloads", "devices", "bench", "reports"} {
		require.NoError(t, filepath.WalkDir(filepath.Join(root(t), r), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.Contains(path, "/devicetest/") {
				return err
			}
			file, err := parser.ParseFile(fset, path, nil, 0)
			if err != nil || file.Name.Name == "main" {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				sel, ok := call.Fun.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				pkg, ok := sel.X.(*ast.Ident)
				if !ok {
					return true
				}
				switch name := pkg.Name + "." + sel.Sel.Name; name {
				case "fmt.Print", "fmt.Println", "fmt.Printf", "os.Exit", "log.Fatal", "log.Fatalf", "log.Print", "log.Printf", "log.Println":
					t.Errorf("%s calls %s", fset.Position(call.Pos()), name)
				}
				return true
			})
			return nil
		}))
	}
}
