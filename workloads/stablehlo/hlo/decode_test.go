//go:build cgo && linux

package hlo_test

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	_ "github.com/gomlx/go-xla/pjrt" // registers the descriptors of XLA's messages
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/accelbench/accelbench/workloads/stablehlo/mlir"
)

// number reads the integers of protobuf's JSON, which come as strings where they have 64 bits, and its floats.
type number float64

func (n *number) UnmarshalJSON(b []byte) error {
	v, err := strconv.ParseFloat(strings.Trim(string(b), `"`), 64)
	*n = number(v)
	return err
}

// big reads integers that float64 cannot hold.
type big uint64

func (n *big) UnmarshalJSON(b []byte) error {
	s := strings.Trim(string(b), `"`)
	v, err := strconv.ParseUint(s, 10, 64)
	if strings.HasPrefix(s, "-") {
		var signed int64
		signed, err = strconv.ParseInt(s, 10, 64)
		v = uint64(signed)
	}
	*n = big(v)
	return err
}

// The messages, by the names of their fields: the numbers are the business of XLA's own descriptors.
type (
	shapeProto struct {
		ElementType string       `json:"element_type"`
		Dimensions  []number     `json:"dimensions"`
		TupleShapes []shapeProto `json:"tuple_shapes"`
		Layout      *struct {
			MinorToMajor []number `json:"minor_to_major"`
		} `json:"layout"`
		IsDynamic []bool `json:"is_dynamic_dimension"`
	}
	programShapeProto struct {
		Parameters []shapeProto `json:"parameters"`
		Result     shapeProto   `json:"result"`
		Names      []string     `json:"parameter_names"`
	}
	literalProto struct {
		Shape                             shapeProto
		Preds                             []bool
		S32s, S64s, U32s, U64s            []big
		F32s, F64s                        []number
		U8s, S8s, F16s, BF16s, U16s, S16s []byte
		F8                                []byte `json:"f8e4m3fns"`
	}
	instructionProto struct {
		Name            string
		Opcode          string
		Shape           shapeProto
		Literal         *literalProto
		ParameterNumber number   `json:"parameter_number"`
		TupleIndex      number   `json:"tuple_index"`
		Dimensions      []number `json:"dimensions"`
		Window          struct {
			Dimensions []struct {
				Size           number
				Stride         number
				PaddingLow     number `json:"padding_low"`
				PaddingHigh    number `json:"padding_high"`
				WindowDilation number `json:"window_dilation"`
				BaseDilation   number `json:"base_dilation"`
				WindowReversal bool   `json:"window_reversal"`
			}
		}
		Convolution struct {
			InputBatch    number   `json:"input_batch_dimension"`
			InputFeature  number   `json:"input_feature_dimension"`
			InputSpatial  []number `json:"input_spatial_dimensions"`
			KernelIn      number   `json:"kernel_input_feature_dimension"`
			KernelOut     number   `json:"kernel_output_feature_dimension"`
			KernelSpatial []number `json:"kernel_spatial_dimensions"`
			OutputBatch   number   `json:"output_batch_dimension"`
			OutputFeature number   `json:"output_feature_dimension"`
			OutputSpatial []number `json:"output_spatial_dimensions"`
		} `json:"convolution_dimension_numbers"`
		FeatureGroups number                                  `json:"feature_group_count"`
		BatchGroups   number                                  `json:"batch_group_count"`
		Slices        []struct{ Start, Limit, Stride number } `json:"slice_dimensions"`
		DynamicSizes  []number                                `json:"dynamic_slice_sizes"`
		Padding       struct {
			Dimensions []struct {
				Low      number `json:"edge_padding_low"`
				High     number `json:"edge_padding_high"`
				Interior number `json:"interior_padding"`
			}
		} `json:"padding_config"`
		CallTarget string `json:"custom_call_target"`
		CallAPI    string `json:"custom_call_api_version"`
		SideEffect bool   `json:"custom_call_has_side_effect"`
		Config     []byte `json:"backend_config"`
		Dot        struct {
			LHSContracting []number `json:"lhs_contracting_dimensions"`
			RHSContracting []number `json:"rhs_contracting_dimensions"`
			LHSBatch       []number `json:"lhs_batch_dimensions"`
			RHSBatch       []number `json:"rhs_batch_dimensions"`
		} `json:"dot_dimension_numbers"`
		Gather struct {
			Offset          []number `json:"offset_dims"`
			Collapsed       []number `json:"collapsed_slice_dims"`
			StartIndexMap   []number `json:"start_index_map"`
			IndexVector     number   `json:"index_vector_dim"`
			OperandBatching []number `json:"operand_batching_dims"`
			StartBatching   []number `json:"start_indices_batching_dims"`
		} `json:"gather_dimension_numbers"`
		GatherSizes []number `json:"gather_slice_sizes"`
		Scatter     struct {
			Window        []number `json:"update_window_dims"`
			Inserted      []number `json:"inserted_window_dims"`
			ToOperand     []number `json:"scatter_dims_to_operand_dims"`
			IndexVector   number   `json:"index_vector_dim"`
			InputBatching []number `json:"input_batching_dims"`
			IndexBatching []number `json:"scatter_indices_batching_dims"`
		} `json:"scatter_dimension_numbers"`
		ID        number   `json:"id"`
		Operands  []number `json:"operand_ids"`
		Called    []number `json:"called_computation_ids"`
		Precision struct {
			Operand []string `json:"operand_precision"`
		} `json:"precision_config"`
		IsStable   bool   `json:"is_stable"`
		Direction  string `json:"comparison_direction"`
		Comparison string `json:"comparison_type"`
		Sorted     bool   `json:"indices_are_sorted"`
		Unique     bool   `json:"unique_indices"`
	}
	computationProto struct {
		Name         string
		Instructions []instructionProto
		ProgramShape programShapeProto `json:"program_shape"`
		ID           number            `json:"id"`
		RootID       number            `json:"root_id"`
	}
	moduleProto struct {
		Name         string
		EntryName    string `json:"entry_computation_name"`
		EntryID      number `json:"entry_computation_id"`
		Computations []computationProto
		HostShape    programShapeProto `json:"host_program_shape"`
		ID           number            `json:"id"`
		Alias        struct {
			Entries []struct {
				Output         []number `json:"output_shape_index"`
				Parameter      number   `json:"parameter_number"`
				ParameterIndex []number `json:"parameter_shape_index"`
				Kind           string
			}
		} `json:"input_output_alias"`
	}
)

// parse reads a module with XLA's descriptors. Every field must be one of theirs.
func parse(t testing.TB, data []byte) moduleProto {
	t.Helper()
	kind, err := protoregistry.GlobalTypes.FindMessageByName("xla.HloModuleProto")
	require.NoError(t, err)
	m := kind.New()
	require.NoError(t, proto.Unmarshal(data, m.Interface()))
	noUnknown(t, m)
	text, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(m.Interface())
	require.NoError(t, err)
	var out moduleProto
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.DisallowUnknownFields() // what is set is what the tests know
	require.NoError(t, decoder.Decode(&out), string(text[:min(len(text), 500)]))
	return out
}

func noUnknown(t testing.TB, m protoreflect.Message) {
	require.Empty(t, m.GetUnknown(), m.Descriptor().FullName())
	m.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case f.Message() == nil:
		case f.IsList():
			for i := range v.List().Len() {
				noUnknown(t, v.List().Get(i).Message())
			}
		default:
			noUnknown(t, v.Message())
		}
		return true
	})
}

func elem(t testing.TB, name string) mlir.Elem {
	e, ok := map[string]mlir.Elem{"PRED": mlir.I1, "S8": mlir.I8, "S16": mlir.I16, "S32": mlir.I32, "S64": mlir.I64, "U8": mlir.UI8, "U16": mlir.UI16,
		"U32": mlir.UI32, "U64": mlir.UI64, "F16": mlir.F16, "F32": mlir.F32, "F64": mlir.F64, "BF16": mlir.BF16, "F8E4M3FN": mlir.F8E4M3FN}[name]
	require.True(t, ok, name)
	return e
}

func ints(list []number) []int {
	out := make([]int, len(list))
	for i, v := range list {
		out[i] = int(v)
	}
	return out
}

// arrays are the types of a shape: of a tuple those of its elements. Layouts must be row-major.
func (s shapeProto) arrays(t testing.TB) []mlir.Type {
	if s.ElementType == "TUPLE" {
		require.Nil(t, s.Layout)
		out := []mlir.Type{}
		for _, inner := range s.TupleShapes {
			out = append(out, inner.arrays(t)...)
		}
		return out
	}
	require.NotNil(t, s.Layout)
	require.Len(t, s.Layout.MinorToMajor, len(s.Dimensions))
	for i, d := range s.Layout.MinorToMajor {
		require.EqualValues(t, len(s.Dimensions)-1-i, d)
	}
	require.Equal(t, make([]bool, len(s.Dimensions)), append([]bool{}, s.IsDynamic...))
	return []mlir.Type{{Elem: elem(t, s.ElementType), Shape: ints(s.Dimensions)}}
}

func (l *literalProto) dense(t testing.TB) mlir.Dense {
	d := mlir.Dense{Type: l.Shape.arrays(t)[0]}
	e := d.Type.Elem
	put := func(v uint64) {
		var b [8]byte
		e.PutInt(b[:], v)
		d.Data = append(d.Data, b[:e.Bytes()]...)
	}
	for _, v := range l.Preds {
		if v {
			put(1)
		} else {
			put(0)
		}
	}
	for _, v := range slices.Concat(l.S32s, l.S64s, l.U32s, l.U64s) {
		put(uint64(v))
	}
	for _, v := range l.F32s {
		put(uint64(math.Float32bits(float32(v))))
	}
	for _, v := range l.F64s {
		put(math.Float64bits(float64(v)))
	}
	d.Data = append(d.Data, slices.Concat(l.U8s, l.S8s, l.F16s, l.BF16s, l.U16s, l.S16s, l.F8)...)
	require.Len(t, d.Data, d.Type.Bytes())
	return d
}
