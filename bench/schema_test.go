package bench_test

import (
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench"
)

const schemaFile = "../docs/result.schema.json"

func schemaTree(t *testing.T) any {
	text, err := os.ReadFile(schemaFile)
	require.NoError(t, err)
	tree, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	require.NoError(t, err)
	return tree
}

func compiled(t *testing.T) *jsonschema.Schema {
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	require.NoError(t, c.AddResource("result.schema.json", schemaTree(t)))
	s, err := c.Compile("result.schema.json")
	require.NoError(t, err)
	return s
}

func validate(t *testing.T, s *jsonschema.Schema, text string) error {
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	require.NoError(t, err)
	return s.Validate(value)
}

func TestResultsFollowTheSchema(t *testing.T) {
	s := compiled(t)
	require.NoError(t, validate(t, s, line(t, full(t, 0))))
	require.NoError(t, validate(t, s, line(t, minimal())))
	for _, status := range []bench.Status{bench.OK, bench.Unsupported, bench.Failed, bench.Interrupted} {
		r := minimal()
		r.Status = status
		require.NoError(t, validate(t, s, line(t, r)))
	}
	// Unknown fields are allowed; what readers rely on is not free.
	text := line(t, minimal())
	require.NoError(t, validate(t, s, strings.Replace(text, `{"schema"`, `{"of_tomorrow":1,"schema"`, 1)))
	for old, spoilt := range map[string]string{
		`"accelbench.result/v1"`: `"accelbench.result/v2"`, `"failed"`: `"fine"`, `"id":"r0"`: `"id":""`, `"units":0`: `"units":-1`,
		`"latency":null`: `"latency":5`, `2026-11-01T`: `yesterday T`,
	} {
		require.Contains(t, text, old)
		require.Error(t, validate(t, s, strings.Replace(text, old, spoilt, 1)), spoilt)
	}
}

// The sample sets every field, so that nothing of the schema stays untried.
func TestFullSampleIsFull(t *testing.T) {
	var walk func(path string, v reflect.Value)
	walk = func(path string, v reflect.Value) {
		switch v.Kind() {
		case reflect.String:
			require.True(t, v.Len() > 0 || path == "Result.Reason" || path == "Result.Ended", path)
		case reflect.Pointer:
			require.False(t, v.IsNil(), path)
			walk(path, v.Elem())
		case reflect.Slice:
			require.NotZero(t, v.Len(), path)
			walk(path, v.Index(0))
		case reflect.Struct:
			if v.Type() == reflect.TypeFor[time.Time]() {
				return
			}
			for i := range v.NumField() {
				if v.Type().Field(i).Tag.Get("json") == "-" {
					continue
				}
				walk(path+"."+v.Type().Field(i).Name, v.Field(i))
			}
		}
	}
	walk("Result", reflect.ValueOf(full(t, 0)))
}

// Struct and schema name the same fields with the same kinds, so that neither can drift.
func TestSchemaIsTheStruct(t *testing.T) {
	root := schemaTree(t).(map[string]any)
	defs := root["$defs"].(map[string]any)
	used := map[string]bool{}
	var same func(path string, typ reflect.Type, node map[string]any)
	same = func(path string, typ reflect.Type, node map[string]any) {
		nullable := false
		if either, ok := node["anyOf"].([]any); ok {
			require.Len(t, either, 2, path)
			require.Equal(t, map[string]any{"type": "null"}, either[1], path)
			nullable, node = true, either[0].(map[string]any)
		}
		if ref, ok := node["$ref"].(string); ok {
			name := strings.TrimPrefix(ref, "#/$defs/")
			used[name] = true
			require.Contains(t, defs, name, path)
			node = defs[name].(map[string]any)
		}
		kinds := kindsOf(node)
		if i := slices.Index(kinds, "null"); i >= 0 {
			nullable, kinds = true, slices.Delete(kinds, i, i+1)
		}
		omitted := strings.HasSuffix(path, ",omitempty")
		if typ.Kind() == reflect.Interface { // a value of a detail
			return
		}
		canBeNil := typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice || typ.Kind() == reflect.Map
		require.Equal(t, canBeNil && !omitted, nullable, "%s: null", path)
		if typ.Kind() == reflect.Pointer {
			typ = typ.Elem()
		}
		switch typ.Kind() {
		case reflect.String:
			require.Equal(t, []string{"string"}, kinds, path)
		case reflect.Bool:
			require.Equal(t, []string{"boolean"}, kinds, path)
		case reflect.Float64:
			require.Equal(t, []string{"number"}, kinds, path)
		case reflect.Int, reflect.Int64, reflect.Uint64:
			require.Equal(t, []string{"integer"}, kinds, path)
		case reflect.Slice:
			require.Equal(t, []string{"array"}, kinds, path)
			same(path+"[]", typ.Elem(), node["items"].(map[string]any))
		case reflect.Map:
			require.Equal(t, []string{"object"}, kinds, path)
			same(path+"{}", typ.Elem(), node["additionalProperties"].(map[string]any))
		case reflect.Struct:
			if typ == reflect.TypeFor[time.Time]() {
				require.Equal(t, "date-time", node["format"], path)
				return
			}
			require.Equal(t, []string{"object"}, kinds, path)
			properties := node["properties"].(map[string]any)
			names := map[string]bool{}
			for i := range typ.NumField() {
				name, options, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
				if name == "-" {
					continue
				}
				names[name] = true
				require.Contains(t, properties, name, "%s: not in the schema", path)
				if options != "" {
					options = "," + options
				}
				same(path+"."+name+options, typ.Field(i).Type, properties[name].(map[string]any))
			}
			for name := range properties {
				require.Contains(t, names, name, "%s: not in the struct", path)
			}
			required, _ := node["required"].([]any)
			for _, name := range required {
				require.Contains(t, properties, name, "%s: required", path)
			}
		default:
			t.Fatalf("%s: %s", path, typ)
		}
	}
	same("", reflect.TypeFor[bench.Result](), root)
	for name := range defs {
		require.True(t, used[name], "definition %s is not used", name)
	}
}

func kindsOf(node map[string]any) []string {
	switch kind := node["type"].(type) {
	case string:
		return []string{kind}
	case []any:
		var out []string
		for _, k := range kind {
			out = append(out, k.(string))
		}
		return out
	}
	return nil
}

// Numbers above 2^53 survive: the schema says integer, the file holds all digits.
func TestLargeIntegersSurvive(t *testing.T) {
	r := minimal()
	r.Scenario.Seed = 1<<64 - 1
	var tree map[string]any
	in := json.NewDecoder(strings.NewReader(line(t, r)))
	in.UseNumber()
	require.NoError(t, in.Decode(&tree))
	require.Equal(t, json.Number("18446744073709551615"), tree["scenario"].(map[string]any)["seed"])
	require.NoError(t, validate(t, compiled(t), line(t, r)))
}
