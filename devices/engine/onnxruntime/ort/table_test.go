//go:build !noort && ((linux && !android) || (darwin && !ios) || windows) && (amd64 || arm64)

package ort

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// ourSlots reads table.go: the numbers by the C API's names.
func ourSlots(t *testing.T) map[string]int {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "table.go", nil, 0)
	require.NoError(t, err)
	slots := map[string]int{}
	ast.Inspect(file, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok || !strings.HasPrefix(v.Names[0].Name, "slot") {
			return true
		}
		i, err := strconv.Atoi(v.Values[0].(*ast.BasicLit).Value)
		require.NoError(t, err)
		slots[strings.TrimPrefix(v.Names[0].Name, "slot")] = i
		return true
	})
	return slots
}

// headerSlots reads the members of struct OrtApi in their order.
func headerSlots(header string) map[string]int {
	header = regexp.MustCompile(`(?s)/\*.*?\*/|//[^\n]*`).ReplaceAllString(header, "")
	_, body, _ := strings.Cut(header, "\nstruct OrtApi {")
	body, _, _ = strings.Cut(body, "\n};")
	member := regexp.MustCompile(`ORT_API2_STATUS\(\s*(\w+)|ORT_CLASS_RELEASE\(\s*(\w+)|ORT_API_CALL\s*\*\s*(\w+)\s*\)`)
	slots := map[string]int{}
	for i, m := range member.FindAllStringSubmatch(body, -1) {
		name := m[1] + m[3]
		if m[2] != "" {
			name = "Release" + m[2]
		}
		slots[name] = i
	}
	return slots
}

func TestHeaderReader(t *testing.T) {
	assert.Equal(t, map[string]int{"A": 0, "GetB": 1, "ReleaseC": 2, "D": 3}, headerSlots(`
struct OrtApi {
  /* ORT_API2_STATUS(X) */
  ORT_API2_STATUS(A, int a,
                  ORT_API_T* f); // ORT_API2_STATUS(Y)
  const char*(ORT_API_CALL* GetB)(int x)NO_EXCEPTION;
  ORT_CLASS_RELEASE(C);
  ORT_API2_STATUS(D);
};
  ORT_API2_STATUS(E);
`))
}

func TestTableIsTheHeaders(t *testing.T) {
	path := os.Getenv("ORT_HEADER")
	if path == "" {
		t.Skip("ORT_HEADER names no onnxruntime_c_api.h")
	}
	header, err := os.ReadFile(path)
	if err != nil {
		t.Skipf("ORT_HEADER: %v", err)
	}
	theirs := headerSlots(string(header))
	for name, i := range ourSlots(t) {
		at, ok := theirs[name]
		if assert.True(t, ok, "%s is not in the header", name) {
			assert.Equal(t, at, i, name)
		}
	}
}

func TestTableHasNoSlotTwice(t *testing.T) {
	seen := map[int]string{}
	for name, i := range ourSlots(t) {
		assert.Empty(t, seen[i], "%s has the number of another", name)
		seen[i] = name
	}
	assert.Greater(t, len(seen), 50)
}
