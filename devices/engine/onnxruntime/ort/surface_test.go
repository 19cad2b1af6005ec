package ort

import (
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// surface lists the exported types, functions and methods of the files whose build line starts as given, without the names of
// parameters and receivers.
func surface(t *testing.T, build string) map[string]string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	list := map[string]string{}
	for _, name := range files {
		content, err := os.ReadFile(name)
		require.NoError(t, err)
		if strings.HasSuffix(name, "_test.go") || !strings.HasPrefix(string(content), "//go:build "+build) {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, content, 0)
		require.NoError(t, err)
		for _, d := range file.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				receiver := ""
				if d.Recv != nil {
					receiver = plain(t, d.Recv.List[0].Type)
				}
				list[receiver+"."+d.Name.Name] = fields(t, d.Type.Params) + " -> " + fields(t, d.Type.Results)
			case *ast.GenDecl:
				for _, s := range d.Specs {
					if s, ok := s.(*ast.TypeSpec); ok {
						list[s.Name.Name] = "type"
					}
				}
			}
		}
	}
	for key := range list {
		if name := key[strings.LastIndex(key, ".")+1:]; !ast.IsExported(name) {
			delete(list, key)
		}
	}
	return list
}

func plain(t *testing.T, n ast.Node) string {
	t.Helper()
	var text strings.Builder
	require.NoError(t, printer.Fprint(&text, token.NewFileSet(), n))
	return text.String()
}

func fields(t *testing.T, list *ast.FieldList) string {
	t.Helper()
	var types []string
	if list != nil {
		for _, f := range list.List {
			for range max(len(f.Names), 1) {
				types = append(types, plain(t, f.Type))
			}
		}
	}
	return strings.Join(types, ", ")
}

// TestBuildsHaveOneSurface keeps users of the package compiling with and without ONNX Runtime.
func TestBuildsHaveOneSurface(t *testing.T) {
	with := surface(t, "!noort")
	assert.Greater(t, len(with), 20)
	assert.Equal(t, with, surface(t, "noort"))
}
