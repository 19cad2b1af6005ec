//go:build linux && cgo && (amd64 || arm64)

package client

import (
	"maps"
	"reflect"
	"strings"
	"unsafe"

	"github.com/gomlx/go-xla/pjrt"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// Prefer sets options of the compiler for all programs that are compiled after it. A plugin whose compiler does not know one
// compiles without it: unlike a flag of the environment, an unknown option is an error and not the end of the process.
func (c *Client) Prefer(options map[string]int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.preferred = maps.Clone(options)
}

// ask puts the preferred options into a compilation.
func (c *Client) ask(how *pjrt.CompileConfig) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.preferred) == 0 {
		return
	}
	// Overrides keep what the plugin's defaults and the environment say of all other options; what go-xla takes replaces these.
	message := compileOptions(how).ProtoReflect()
	overrides := message.Mutable(message.Descriptor().Fields().ByName("env_option_overrides")).Map()
	for name, value := range c.preferred {
		override := overrides.NewValue()
		number := override.Message().Descriptor().Fields().ByName("int_field")
		override.Message().Set(number, protoreflect.ValueOfInt64(value))
		overrides.Set(protoreflect.ValueOfString(name).MapKey(), override)
	}
}

// refused tells whether a compilation failed for a preferred option, which is forgotten then.
func (c *Client) refused(err error) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for name := range c.preferred {
		if strings.Contains(err.Error(), name) {
			delete(c.preferred, name)
			return true
		}
	}
	return false
}

// compileOptions are the options that go-xla will hand over: it has them in a field of its own, whose name a test checks.
func compileOptions(how *pjrt.CompileConfig) proto.Message {
	field := reflect.ValueOf(how).Elem().FieldByName("options")
	return reflect.NewAt(field.Type(), unsafe.Pointer(field.UnsafeAddr())).Elem().Interface().(proto.Message)
}
