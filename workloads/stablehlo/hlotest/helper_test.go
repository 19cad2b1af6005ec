package hlotest_test

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/workloads/stablehlo/hlotest"
	"github.com/accelbench/accelbench/workloads/stablehlo/mlir"
)

// typeOf is the type in the text of a constant: "[1, 2] : 2xi32".
func typeOf(constant string) string {
	_, t, _ := strings.Cut(constant, ":")
	return "tensor<" + strings.TrimSpace(t) + ">"
}

func types(constants []string) string {
	var out []string
	for _, c := range constants {
		out = append(out, typeOf(c))
	}
	return strings.Join(out, ", ")
}

// arrays are the values of constants.
func arrays(t testing.TB, constants ...string) []hlotest.Array {
	var out []hlotest.Array
	for _, c := range constants {
		values, _, _ := strings.Cut(c, ":")
		m, err := mlir.Parse(fmt.Appendf(nil, "module { func.func @main() -> %[1]s { %%0 = \"stablehlo.constant\"() {value = dense<%[2]s> : %[1]s} : () -> %[1]s \"func.return\"(%%0) : (%[1]s) -> () } }",
			typeOf(c), strings.TrimSpace(values)))
		require.NoError(t, err, c)
		a, err := hlotest.Run(context.Background(), m, nil)
		require.NoError(t, err, c)
		out = append(out, a...)
	}
	return out
}

// program is a module whose main applies one operation to arguments %a0, %a1, ...; rest is its regions and attributes.
func program(name, rest string, in, out []string) string {
	var args, names, results []string
	for i, c := range in {
		args = append(args, fmt.Sprintf("%%a%d: %s", i, typeOf(c)))
		names = append(names, fmt.Sprintf("%%a%d", i))
	}
	for i := range out {
		results = append(results, fmt.Sprintf("%%r%d", i))
	}
	if !strings.Contains(name, ".") {
		name = "stablehlo." + name
	}
	return fmt.Sprintf("module {\nfunc.func @main(%s) -> (%s) {\n%s = %q(%s) %s : (%s) -> (%s)\n\"stablehlo.return\"(%s) : (%s) -> ()\n}\n}",
		strings.Join(args, ", "), types(out), strings.Join(results, ", "), name, strings.Join(names, ", "), rest, types(in), types(out),
		strings.Join(results, ", "), types(out))
}

func run(t testing.TB, text string, in []hlotest.Array) ([]hlotest.Array, error) {
	t.Helper()
	m, err := mlir.Parse([]byte(text))
	require.NoError(t, err, text)
	return hlotest.Run(context.Background(), m, in)
}

// reducer is a region of two scalars that applies one operation.
func reducer(op, elem string) string {
	return strings.ReplaceAll(fmt.Sprintf(`({ ^f(%%x: T, %%y: T) : %%z = "stablehlo.%s"(%%x, %%y) : (T, T) -> T "stablehlo.return"(%%z) : (T) -> () })`, op),
		"T", "tensor<"+elem+">")
}

// show is an array as text, for comparison: NaN equals NaN, and 0 is not -0.
func show(a hlotest.Array) string {
	var b strings.Builder
	fmt.Fprint(&b, a.Type)
	size := a.Type.Elem.Bytes()
	for i := range a.Type.Elements() {
		at := a.Data[i*size : (i+1)*size]
		if a.Type.Elem.Float() {
			fmt.Fprintf(&b, " %v", a.Type.Elem.FloatAt(at))
		} else {
			fmt.Fprintf(&b, " %v", mlir.Dense{Type: mlir.Type{Elem: a.Type.Elem}, Data: at}.Ints()[0])
		}
	}
	return b.String()
}

// substitute puts types in place of one-letter words.
func substitute(text string, pairs ...any) string {
	for i := 0; i < len(pairs); i += 2 {
		text = regexp.MustCompile(`\b`+pairs[i].(string)+`\b`).ReplaceAllString(text, fmt.Sprint(pairs[i+1]))
	}
	return text
}

func str(n int) string { return strconv.Itoa(n) }

func join(list []int) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(list), " ", ", "), "[]")
}

func seq(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}
