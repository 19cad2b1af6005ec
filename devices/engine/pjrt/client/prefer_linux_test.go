//go:build linux && cgo && (amd64 || arm64)

package client

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/accelbench/accelbench/devices/engine/pjrt/pjrttest"
	"github.com/accelbench/accelbench/devices/engine/pjrt/plugin"
)

// TestMain lets this test binary be the helper of the plugin.
func TestMain(m *testing.M) {
	if pjrttest.Serving() {
		if err := pjrttest.Serve(os.Stdin, os.Stdout); err != nil {
			panic(err)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

const program = `module @m {
  func.func @main(%arg0: tensor<f32>) -> tensor<f32> {
    %0 = "stablehlo.add"(%arg0, %arg0) : (tensor<f32>, tensor<f32>) -> tensor<f32>
    "stablehlo.return"(%0) : (tensor<f32>) -> ()
  }
}
`

func opened(t *testing.T) *Client {
	t.Helper()
	p, err := plugin.Open(pjrttest.Build(t, "libfake.so"))
	require.NoError(t, err)
	c, err := Open(p, nil)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	return c
}

// TestPrefer holds the bytes of the options against compile_options.proto: env_option_overrides is field 7, a map of a name (1) to a
// message (2), whose int_field is 3.
func TestPrefer(t *testing.T) {
	c := opened(t)
	c.Prefer(map[string]int64{"xla_a": 0})
	how := c.client.Compile()
	plain, err := proto.Marshal(compileOptions(how))
	require.NoError(t, err)
	c.ask(how)
	asked, err := proto.Marshal(compileOptions(how))
	require.NoError(t, err)

	var entry []byte
	entry = protowire.AppendString(protowire.AppendTag(entry, 1, protowire.BytesType), "xla_a")
	number := protowire.AppendVarint(protowire.AppendTag(nil, 3, protowire.VarintType), 0)
	entry = protowire.AppendBytes(protowire.AppendTag(entry, 2, protowire.BytesType), number)
	field := protowire.AppendBytes(protowire.AppendTag(nil, 7, protowire.BytesType), entry)
	require.Contains(t, string(asked), string(field), "0 is said, too")
	require.Len(t, asked, len(plain)+len(field), "and nothing else changes")
}

// TestPreferredOptions: options come to the plugin; one that it does not know is left away from then on, the others stay, and errors
// for other reasons are errors.
func TestPreferredOptions(t *testing.T) {
	c := opened(t)
	compile := func() error {
		x, err := c.Compile([]byte(program))
		if err == nil {
			require.NoError(t, x.Close())
		}
		return err
	}
	pjrttest.Set(t, "WANTS", "xla_first")
	require.ErrorContains(t, compile(), "an option is missing")
	c.Prefer(map[string]int64{"xla_first": 1, "xla_second": 2})
	require.NoError(t, compile())
	pjrttest.Set(t, "REFUSES", "xla_second")
	require.NoError(t, compile(), "without the second one")
	require.Equal(t, map[string]int64{"xla_first": 1}, c.preferred)
	pjrttest.Set(t, "REFUSES", "xla_first")
	require.ErrorContains(t, compile(), "an option is missing", "it was left away")
	pjrttest.Set(t, "WANTS", "", "FAULT", "compile-fails")
	require.ErrorContains(t, compile(), "did not expect")
}
