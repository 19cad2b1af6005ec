package onnxruntime

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/devices/engine/onnxruntime/ort"
	"github.com/accelbench/accelbench/workloads"
)

// onGPU is a profile as the library writes it on a GPU: a shape reckoned on the CPU, copies between the memories, and work.
const onGPU = `[
{"cat" : "Session","pid" :7,"tid" :7,"dur" :1205,"ts" :3,"ph" : "X","name" :"model_loading_array","args" : {}},
{"cat" : "Node","pid" :7,"tid" :7,"dur" :2,"ts" :9,"ph" : "X","name" :"shape_kernel_time","args" : {"op_name" : "Shape","provider" : "CPUExecutionProvider","node_index" : "1","output_size" : "16","output_type_shape" : [{"int64":[2]}],"thread_scheduling_stats" : ""}},
{"cat" : "Node","pid" :7,"tid" :7,"dur" :4,"ts" :9,"ph" : "X","name" :"from_kernel_time","args" : {"op_name" : "MemcpyFromHost","provider" : "CUDAExecutionProvider","output_size" : "4194304"}},
{"cat" : "Node","pid" :7,"tid" :7,"dur" :1,"ts" :9,"ph" : "X","name" :"gemm_fence_before","args" : {"op_name" : "Gemm"}},
{"cat" : "Node","pid" :7,"tid" :7,"dur" :90,"ts" :9,"ph" : "X","name" :"gemm_kernel_time","args" : {"op_name" : "Gemm","provider" : "CUDAExecutionProvider","output_size" : "4194304"}},
{"cat" : "Kernel","pid" :7,"tid" :7,"dur" :80,"ts" :9,"ph" : "X","name" :"sgemm","args" : {"stream" : "7","block_x" : 128}}
]
`

func kernel(op, provider, bytes string) string {
	return `{"cat":"Node","dur":10,"name":"n_kernel_time","args":{"op_name":"` + op + `","provider":"` + provider + `","output_size":"` + bytes + `"}}`
}

func TestAssert(t *testing.T) {
	cpu, cuda, tensorRT := []string{cpuProvider}, []string{cudaProvider}, []string{tensorRTProvider, cudaProvider}
	list := func(events ...string) string { return "[" + strings.Join(events, ",") + "]" }
	for _, tt := range []struct {
		name    string
		profile string
		asked   []string
		want    string // empty for a profile that passes
	}{
		{name: "a GPU's", profile: onGPU, asked: cuda},
		{name: "a GPU's for TensorRT, which did nothing", profile: onGPU, asked: tensorRT, want: "no operator ran on TensorrtExecutionProvider"},
		{name: "a GPU's for the CPU", profile: onGPU, asked: cpu, want: "CUDAExecutionProvider ran Gemm (1)"},
		{name: "all on the CPU", profile: list(kernel("Gemm", cpuProvider, "4096")), asked: cpu},
		{name: "all on the CPU for CUDA", profile: list(kernel("Gemm", cpuProvider, "4096")), asked: cuda, want: "no operator ran on CUDA"},
		{name: "nothing to do on the CPU", profile: "[]", asked: cpu},
		{name: "nothing done on a GPU", profile: "[]", asked: cuda, want: "no operator ran"},
		{name: "copies alone are no work", profile: list(kernel("MemcpyToHost", cudaProvider, "4096")), asked: cuda, want: "no operator ran"},
		{name: "work shared with the CPU", asked: cuda, want: "CPUExecutionProvider ran QLinearConv (2)",
			profile: list(kernel("Gemm", cudaProvider, "4096"), kernel("QLinearConv", cpuProvider, "64"), kernel("QLinearConv", cpuProvider, "64"))},
		{name: "large results are work", asked: cuda, want: "CPUExecutionProvider ran Gather (1)",
			profile: list(kernel("Gemm", cudaProvider, "4096"), kernel("Gather", cpuProvider, "1025"))},
		{name: "results of unknown size are work", asked: cuda, want: "ran Gather (1)",
			profile: list(kernel("Gemm", cudaProvider, "4096"), kernel("Gather", cpuProvider, ""))},
		{name: "small results are not", asked: cuda, profile: list(kernel("Gemm", cudaProvider, "4096"), kernel("Gather", cpuProvider, "1024"))},
		{name: "TensorRT with CUDA", asked: tensorRT, profile: list(kernel("TRTKernel", tensorRTProvider, "4096"), kernel("Gemm", cudaProvider, "4096"))},
		{name: "TensorRT with little", asked: tensorRT, want: "TensorrtExecutionProvider did less than half of the work",
			profile: list(kernel("TRTKernel", tensorRTProvider, "4096"), kernel("Gemm", cudaProvider, "4096"), kernel("Gemm", cudaProvider, "4096"))},
		{name: "a third provider", asked: cuda, want: "DmlExecutionProvider ran Gemm (1)",
			profile: list(kernel("Gemm", cudaProvider, "4096"), kernel("Gemm", "DmlExecutionProvider", "4096"))},
		{name: "a third provider with little", asked: cuda, want: "DmlExecutionProvider",
			profile: list(kernel("Gemm", cudaProvider, "4096"), kernel("Shape", "DmlExecutionProvider", "8"))},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, err := readProfile(strings.NewReader(tt.profile))
			require.NoError(t, err)
			err = p.assert(tt.asked)
			if tt.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, errProvider)
			require.ErrorContains(t, err, tt.want)
		})
	}
}

func TestDamagedProfiles(t *testing.T) {
	for _, text := range []string{"", "{}", "[", "[}", onGPU[:len(onGPU)-3], onGPU[:300], `[{"cat":"Node","dur":"x"}]`, `[1]`,
		"[" + kernel("Gemm", "", "1") + "]"} {
		_, err := readProfile(strings.NewReader(text))
		require.Error(t, err, text)
	}
	require.Error(t, assertFile(filepath.Join(t.TempDir(), "absent"), []string{cpuProvider}))
}

func TestManyOperatorsAreCounted(t *testing.T) {
	var events []string
	for _, op := range strings.Split("ABCDEFGHIJ", "") {
		events = append(events, kernel(op, cpuProvider, "4096"))
	}
	p, err := readProfile(strings.NewReader("[" + kernel("Gemm", cudaProvider, "4096") + "," + strings.Join(events, ",") + "]"))
	require.NoError(t, err)
	err = p.assert([]string{cudaProvider})
	require.ErrorContains(t, err, "H (1), 2 more kinds: 10 nodes in 100µs on CPUExecutionProvider, 1 nodes in 10µs on CUDAExecutionProvider")
}

// TestARunOnTheCPUIsNeverOneOnTheGPU asserts CUDA of what the CPU has done: the profile is the library's own.
func TestARunOnTheCPUIsNeverOneOnTheGPU(t *testing.T) {
	w := find(t, "gemm", workloads.Options{})
	s := load(t, 1, w).(*session)
	s.models[0].target.asked = []string{cudaProvider}
	err := s.Run(t.Context(), 0, w.NewInputs(0), w.NewOutputs(0))
	require.ErrorIs(t, err, errProvider)
	require.ErrorContains(t, err, "nodes in")
	require.ErrorContains(t, err, "on CPUExecutionProvider")
}

// TestProfilesOfTheLibrary reads what the library writes for a run of a model, and none of it is missed.
func TestProfilesOfTheLibrary(t *testing.T) {
	found, err := realLibrary(t)()
	require.NoError(t, err)
	l, err := ort.Open(found.Path)
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "add.onnx")
	require.NoError(t, os.WriteFile(path, addModel("a", "b"), 0o600))
	session, err := l.NewSessionFromFile(path, ort.Options{ProfilePrefix: filepath.Join(t.TempDir(), "profile")})
	require.NoError(t, err)
	defer func() { require.NoError(t, session.Close()) }()
	x, err := l.NewValue(make([]byte, 8), ort.F32, []int64{2})
	require.NoError(t, err)
	options, err := l.NewRunOptions()
	require.NoError(t, err)
	defer func() { require.NoError(t, options.Close()) }()
	_, err = session.Run(options, []string{"a", "b"}, []*ort.Value{x, x}, []string{"sum"})
	require.NoError(t, err)
	file, err := session.EndProfiling()
	require.NoError(t, err)
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	p, err := readProfile(bytes.NewReader(text))
	require.NoError(t, err)
	require.Equal(t, 1, p[cpuProvider].nodes)
	require.Empty(t, p[cpuProvider].ops, "an Add of two numbers could be the reckoning of a shape: %s", text)
}

func FuzzProfile(f *testing.F) {
	f.Add([]byte(onGPU))
	f.Add([]byte("[" + kernel("Gemm", cpuProvider, "99999999999999999999") + "]"))
	f.Add([]byte(`[{"cat":"Node","name":"_kernel_time","dur":-9223372036854775808,"args":null}]`))
	f.Add([]byte(`[[[[`))
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := readProfile(bytes.NewReader(text))
		if err != nil {
			return
		}
		_ = p.String()
		if err := p.assert([]string{cudaProvider}); err == nil && p[cudaProvider].nodes == 0 {
			t.Fatal("no node of the asked provider, and no error")
		}
	})
}
