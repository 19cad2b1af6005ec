package libnrt

import (
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/workloads"
)

// TestLayouts holds the structures against the sizes and offsets that the C compiler gives the vendor's declarations.
func TestLayouts(t *testing.T) {
	require.Equal(t, uintptr(224), unsafe.Sizeof(cVersion{}))
	require.Equal(t, uintptr(32), unsafe.Offsetof(cVersion{}.detail))
	require.Equal(t, uintptr(160), unsafe.Offsetof(cVersion{}.git))
	require.Equal(t, uintptr(32), unsafe.Sizeof(cInstance{}))
	require.Equal(t, uintptr(8), unsafe.Offsetof(cInstance{}.arch))
	require.Equal(t, uintptr(24), unsafe.Offsetof(cInstance{}.revision))
	require.Equal(t, uintptr(16), unsafe.Sizeof(cMemory{}))
	require.Equal(t, uintptr(296), unsafe.Sizeof(cTensorInfo{}))
	require.Equal(t, uintptr(256), unsafe.Offsetof(cTensorInfo{}.usage))
	require.Equal(t, uintptr(264), unsafe.Offsetof(cTensorInfo{}.size))
	require.Equal(t, uintptr(272), unsafe.Offsetof(cTensorInfo{}.dtype))
	require.Equal(t, uintptr(280), unsafe.Offsetof(cTensorInfo{}.shape))
	require.Equal(t, uintptr(288), unsafe.Offsetof(cTensorInfo{}.ndim))
}

func TestTexts(t *testing.T) {
	v := cVersion{major: 2, minor: 34, patch: 10}
	copy(v.detail[:], "a build")
	require.Equal(t, "2.34.10.0", v.String())
	v = cVersion{}
	copy(v.detail[:], "2.x of a branch")
	require.Equal(t, "2.x of a branch", v.String())
	for family, name := range map[uint32]string{1: "inf1", 2: "trn1", 3: "trn1n", 4: "inf2", 5: "trn2", 9: "trn2u", 14: "trn3", 15: "trn3pds98",
		0: "family 0", 99: "family 99"} {
		i := cInstance{family: family}
		copy(i.arch[:], "NCv3")
		require.Equal(t, Instance{Family: name, Arch: "NCv3"}, i.instance())
	}
	require.Equal(t, strings.Repeat("x", 8), cText([]byte("xxxxxxxx")), "an array that is full")
}

func TestTypes(t *testing.T) {
	for code, want := range map[int32]workloads.DType{1: workloads.U64, 2: workloads.I8, 3: workloads.U8, 4: workloads.I16, 5: workloads.U16,
		6: workloads.BF16, 7: workloads.F16, 8: workloads.I32, 9: workloads.U32, 10: workloads.F32, 12: workloads.I64, 11: "", 13: "", 14: "", 15: "", 0: "", 77: ""} {
		got, name := dtypeOf(code)
		require.Equal(t, want, got)
		require.NotEmpty(t, name)
	}
}

// TestStatuses says that every status has its name, and a way out that no other kind of trouble has.
func TestStatuses(t *testing.T) {
	known := map[Status]string{1: "FAILURE", 2: "INVALID", 3: "INVALID_HANDLE", 4: "RESOURCE", 5: "TIMEOUT", 6: "HW_ERROR", 7: "QUEUE_FULL",
		9: "LOAD_NOT_ENOUGH_NC", 10: "UNSUPPORTED_NEFF_VERSION", 11: "FAIL_HOST_MEM_ALLOC", 13: "UNINITIALIZED", 14: "CLOSED", 15: "QUEUE_EMPTY",
		101: "EXEC_UNIT_UNRECOVERABLE", 1002: "EXEC_BAD_INPUT", 1003: "EXEC_COMPLETED_WITH_NUM_ERR", 1004: "EXEC_COMPLETED_WITH_ERR",
		1005: "EXEC_NC_BUSY", 1006: "EXEC_OOB", 1100: "COLL_PENDING", 1200: "EXEC_HW_ERR_COLLECTIVES", 1201: "EXEC_HW_ERR_HBM_UE",
		1202: "EXEC_HW_ERR_NC_UE", 1203: "EXEC_HW_ERR_DMA_ABORT", 1204: "EXEC_SW_NQ_OVERFLOW", 1205: "EXEC_HW_ERR_REPAIRABLE_HBM_UE",
		1206: "NETWORK_PROXY_FAILURE"}
	for s := range Status(2000) {
		err := &Error{Call: "nrt_execute", Status: s, Text: "the library's word"}
		switch name, ok := known[s]; {
		case s == Success:
			require.Empty(t, s.Remedy())
		case ok:
			require.Equal(t, "NRT_"+name, s.String())
			require.NotEmpty(t, s.Remedy())
			require.Contains(t, err.Error(), "nrt_execute: NRT_"+name+" (")
			require.Contains(t, err.Error(), s.Remedy())
		default:
			require.Contains(t, err.Error(), "nrt_execute: status ")
			require.Contains(t, err.Error(), "the library's word")
			require.Contains(t, err.Error(), "NEURON_RT_LOG_LEVEL")
		}
	}
}

// TestStartsAreNotBlamedOnPrograms: none is loaded when the runtime starts.
func TestStartsAreNotBlamedOnPrograms(t *testing.T) {
	for _, s := range []Status{Invalid, NotEnoughCores} {
		text := (&Error{Call: "nrt_init", Status: s}).Error()
		require.NotContains(t, text, "NEFF")
		require.Contains(t, text, "NEURON_RT_ variables")
	}
	require.Contains(t, (&Error{Call: "nrt_init", Status: Resource}).Error(), Resource.Remedy())
	require.Contains(t, (&Error{Call: "nrt_load", Status: Invalid}).Error(), Invalid.Remedy())
}

// TestBuildsHaveOneSurface keeps users of the package compiling with and without the binding.
func TestBuildsHaveOneSurface(t *testing.T) {
	with := surface(t, "!noort")
	require.Greater(t, len(with), 15)
	require.Equal(t, with, surface(t, "noort"))
}

// surface lists the exported functions, methods and types of the files whose build line starts as given.
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
				if !d.Name.IsExported() {
					continue
				}
				receiver := ""
				if d.Recv != nil {
					receiver = types(t, d.Recv)
				}
				list[receiver+"."+d.Name.Name] = types(t, d.Type.Params) + " -> " + types(t, d.Type.Results)
			case *ast.GenDecl:
				for _, s := range d.Specs {
					if s, ok := s.(*ast.TypeSpec); ok && s.Name.IsExported() {
						list[s.Name.Name] = "type"
					}
				}
			}
		}
	}
	return list
}

func types(t *testing.T, list *ast.FieldList) string {
	t.Helper()
	var out []string
	if list != nil {
		for _, f := range list.List {
			var text strings.Builder
			require.NoError(t, printer.Fprint(&text, token.NewFileSet(), f.Type))
			for range max(len(f.Names), 1) {
				out = append(out, text.String())
			}
		}
	}
	return strings.Join(out, ", ")
}
