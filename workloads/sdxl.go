package workloads

import (
	"fmt"
	"slices"
)

// unet is the shape of a diffusion U-Net: stages of residual blocks at falling image sizes and back, with transformers that
// attend to a text, and a time and a condition that are added in every residual block.
type unet struct {
	latent, channels int // edge and channels of the image
	widths           []int
	depths           []int // transformer layers of a stage; 0 for none
	blocks           int   // residual blocks of a stage on the way down; one more on the way up
	head             int   // channels of an attention head
	text, textWidth  int
	time, added      int // features of the time and of the added condition
}

// sdxlUNet is the U-Net of Stable Diffusion XL base 1.0, one step for an image of 1024 x 1024: 2,567,463,684 parameters. The
// product that makes a transformer's gate and what it gates is two here and one fused there. The work is the same.
func sdxlUNet() model {
	return unet{latent: 128, channels: 4, widths: []int{320, 640, 1280}, depths: []int{0, 2, 10}, blocks: 2, head: 64, text: 77,
		textWidth: 2048, time: 320, added: 2816}.model("sdxl-unet", "Stable Diffusion XL base 1.0, one U-Net step, latent 128 x 128")
}

func (u unet) model(name, title string) model {
	return model{
		name: name, title: title, family: "diffusion", unit: "step", pool: 2, precisions: []string{Full, Half, BFloat16},
		data: "uniform noise in [-1, 1) for latent (NHWC), text, time features and added condition; random weights, uniform, " +
			"scaled so that activations stay near 1",
		build: func(w *Workload) error {
			return w.forward(u.build(w))
		},
	}
}

const (
	// siluSquare is the mean square of SiLU of a standard normal variable.
	siluSquare = 0.356
	// unetGroups is the number of groups of every group norm.
	unetGroups = 32
	// unetBranchGain is the mean square that a residual block or a whole transformer adds to the 1 of its input. The sums grow
	// along the stack, and every norm starts again.
	unetBranchGain = 0.25
	// timeGain is the mean square that the time adds inside a residual block, beside the 1 of the image.
	timeGain = 0.25
)

// unetBuilder builds one graph: the shape, and the values that every block takes.
type unetBuilder struct {
	unet
	*builder
	time, text *Value
}

func (u unet) build(w *Workload) (*builder, *Value) {
	b := newBuilder(w, "")
	batch := w.Options.Batch
	input := func(name string, shape ...int) *Value {
		return b.input(name, F32, InputSpec{Kind: FillUniform}, append([]int{batch}, shape...)...)
	}
	x := input("latent", u.latent, u.latent, u.channels)
	ub := &unetBuilder{unet: u, builder: b, text: input("text", u.text, u.textWidth)}
	ub.time = ub.condition(input("time", u.time), input("added", u.added))
	return b, ub.layers(x)
}

// condition joins time and added condition to the row that all residual blocks take, of mean square siluSquare. The inputs
// have one of 1/3.
func (b *unetBuilder) condition(time, added *Value) *Value {
	width := 4 * b.widths[0]
	embed := func(x *Value, name string, in int) *Value {
		h := b.node(OpSilu, Attr{}, b.linear(x, name+".1", gain(3, in), in, width))
		return b.linear(h, name+".2", gain(0.5/siluSquare, width), width, width)
	}
	sum := b.node(OpAdd, Attr{}, embed(time, "time", b.unet.time), embed(added, "added", b.added))
	return b.node(OpSilu, Attr{}, sum)
}

var square = Attr{Kernel: 3, Stride: 1, Pad: 1}

func (b *unetBuilder) layers(x *Value) *Value {
	x = b.conv(x, "in", 3, b.channels, b.widths[0], square)
	skips := []*Value{x}
	for stage, width := range b.widths {
		at := fmt.Sprintf("down.%d", stage)
		for block := range b.blocks {
			x = b.block(x, fmt.Sprintf("%s.%d", at, block), stage)
			skips = append(skips, x)
		}
		if stage < len(b.widths)-1 {
			x = b.conv(x, at+".shrink", 1, width, width, Attr{Kernel: 3, Stride: 2, Pad: 1})
			skips = append(skips, x)
		}
	}
	lowest := len(b.widths) - 1
	x = b.residual(b.block(x, "middle.0", lowest), "middle.1", b.widths[lowest])
	for stage, width := range slices.Backward(b.widths) {
		at := fmt.Sprintf("up.%d", stage)
		for block := range b.blocks + 1 {
			x = b.node(OpConcat, Attr{}, x, skips[len(skips)-1])
			skips = skips[:len(skips)-1]
			x = b.block(x, fmt.Sprintf("%s.%d", at, block), stage)
		}
		if stage > 0 {
			x = b.conv(b.node(OpUpsample, Attr{}, x), at+".grow", 1, width, width, square)
		}
	}
	x = b.node(OpSilu, Attr{}, b.groupNorm(x, "out.norm", 1e-5))
	return b.conv(x, "out", 1/siluSquare, b.widths[0], b.channels, square)
}

// block is a residual block to the width of its stage, and the stage's transformer.
func (b *unetBuilder) block(x *Value, name string, stage int) *Value {
	x = b.residual(x, name+".residual", b.widths[stage])
	if b.depths[stage] == 0 {
		return x
	}
	return b.transformer(x, name+".transformer", b.depths[stage])
}

func (b *unetBuilder) groupNorm(x *Value, name string, eps float64) *Value {
	c := x.Shape[len(x.Shape)-1]
	return b.node(OpGroupNorm, Attr{Groups: unetGroups, Eps: eps}, x,
		b.param(name+".gamma", aroundOne(), c), b.param(name+".beta", deviation(0.1), c))
}

// residual is two convolutions around the time, and a projection of the shortcut where the width changes.
func (b *unetBuilder) residual(x *Value, name string, width int) *Value {
	if b.err != nil {
		return x
	}
	in, time := x.Shape[3], 4*b.widths[0]
	h := b.node(OpSilu, Attr{}, b.groupNorm(x, name+".norm1", 1e-5))
	h = b.conv(h, name+".conv1", 1/siluSquare, in, width, square)
	h = b.node(OpAddRows, Attr{}, h, b.linear(b.time, name+".time", gain(timeGain/siluSquare, time), time, width))
	h = b.node(OpSilu, Attr{}, b.groupNorm(h, name+".norm2", 1e-5))
	h = b.conv(h, name+".conv2", unetBranchGain/siluSquare, width, width, square)
	if in != width {
		x = b.conv(x, name+".shortcut", 1, in, width, Attr{Kernel: 1, Stride: 1})
	}
	return b.node(OpAdd, Attr{}, x, h)
}

// transformer is a stack of layers on the pixels as a sequence, between two products, added to its input.
func (b *unetBuilder) transformer(x *Value, name string, layers int) *Value {
	if b.err != nil {
		return x
	}
	c := x.Shape[3]
	h := b.linear(b.groupNorm(x, name+".norm", 1e-6), name+".in", gain(1, c), c, c)
	norm := func(x *Value, name string) *Value {
		return b.node(OpLayerNorm, Attr{Eps: 1e-5}, x, b.param(name+".gamma", aroundOne(), c), b.param(name+".beta", deviation(0.1), c))
	}
	branch := 1 / float64(3*layers)
	for layer := range layers {
		at := fmt.Sprintf("%s.%d", name, layer)
		y := norm(h, at+".self_norm")
		h = b.node(OpAdd, Attr{}, h, b.attend(y, y, at+".self", 1, branch))
		h = b.node(OpAdd, Attr{}, h, b.attend(norm(h, at+".cross_norm"), b.text, at+".cross", 3, branch))
		y = norm(h, at+".ffn_norm")
		gate := b.node(OpGelu, Attr{}, b.linear(y, at+".gate", gain(1, c), c, 4*c))
		y = b.node(OpMul, Attr{}, gate, b.linear(y, at+".up", gain(1, c), c, 4*c))
		h = b.node(OpAdd, Attr{}, h, b.branch(y, at+".down", branch/geluSquare, 4*c, c))
	}
	// The layers double the mean square.
	return b.node(OpAdd, Attr{}, x, b.branch(h, name+".out", unetBranchGain/2, c, c))
}

// attend takes its keys and values from y, whose mean square times unit is 1. Scores with a deviation of 3 make a query
// attend to a few of the many rows and not to all alike.
func (b *unetBuilder) attend(x, y *Value, name string, unit, branch float64) *Value {
	c, from := x.Shape[len(x.Shape)-1], y.Shape[len(y.Shape)-1]
	q := b.product(x, name+".query", gain(3, c), c, c)
	k := b.product(y, name+".key", gain(3*unit, from), from, c)
	v := b.product(y, name+".value", gain(unit, from), from, c)
	y = b.node(OpAttention, Attr{Heads: c / b.head, KVHeads: c / b.head, HeadDim: b.head}, q, k, v)
	return b.branch(y, name+".output", branch, c, c)
}
