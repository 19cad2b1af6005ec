package workloads

import "fmt"

// resnet50 is ResNet-50 v1.5: the stride of a stage sits in the 3x3 convolution of its first block (in v1 it sits in the
// 1x1 before it, which makes 6 % fewer operations). The published parameter count, 25,557,032, has two affine values per
// channel of each BatchNorm; folded into the convolution before it, a BatchNorm leaves one bias per channel. So this graph
// stores 26,560 fewer, one per convolution channel: 25,530,472.
func resnet50() model {
	return model{
		name: "resnet50", title: "ResNet-50 v1.5, 224 x 224, BatchNorm folded", family: "image classification", unit: "image",
		pool: 8, everyday: true, precisions: []string{Full, Half, BFloat16, Int8},
		data: "uniform noise images in [-1, 1), NHWC; random weights, uniform, scaled so that activations stay near 1",
		build: func(w *Workload) error {
			b := newBuilder(w, "")
			x := b.input("image", F32, InputSpec{Kind: FillUniform}, w.Options.Batch, 224, 224, 3)
			return w.forward(b, resnetLayers(b, x))
		},
	}
}

// resnetBranchGain is what the last convolution of a block keeps of the mean square. Without BatchNorm the residual sums
// would grow with the depth; a small gain keeps the whole stack near 1.
const resnetBranchGain = 0.15

func resnetLayers(b *builder, x *Value) *Value {
	// He's gain of 2 before a ReLU keeps the mean square. The inputs have 1/3, and the max pool raises what comes of it.
	x = b.node(OpRelu, Attr{}, b.conv(x, "stem", 2, 3, 64, Attr{Kernel: 7, Stride: 2, Pad: 3}))
	x = b.node(OpMaxPool, Attr{Kernel: 3, Stride: 2, Pad: 1}, x)
	channels := 64
	for stage, blocks := range []int{3, 4, 6, 3} {
		width := 64 << stage
		for block := range blocks {
			stride := 1
			if stage > 0 && block == 0 {
				stride = 2
			}
			x = resnetBlock(b, x, fmt.Sprintf("stage.%d.block.%d", stage+1, block), channels, width, stride)
			channels = 4 * width
		}
	}
	return b.linear(b.node(OpGlobalAvgPool, Attr{}, x), "fc", gain(1, channels), channels, 1000)
}

// resnetBlock is the bottleneck 1x1, 3x3, 1x1 around a shortcut, which is a projection where the channels change.
func resnetBlock(b *builder, x *Value, name string, in, width, stride int) *Value {
	out := 4 * width
	y := b.node(OpRelu, Attr{}, b.conv(x, name+".conv1", 2, in, width, Attr{Kernel: 1, Stride: 1}))
	y = b.node(OpRelu, Attr{}, b.conv(y, name+".conv2", 2, width, width, Attr{Kernel: 3, Stride: stride, Pad: 1}))
	y = b.conv(y, name+".conv3", resnetBranchGain, width, out, Attr{Kernel: 1, Stride: 1})
	if in != out {
		x = b.conv(x, name+".shortcut", 2, in, out, Attr{Kernel: 1, Stride: stride})
	}
	return b.node(OpRelu, Attr{}, b.node(OpAdd, Attr{}, y, x))
}

// conv is a convolution with a bias of deviation 0.1.
func (b *builder) conv(x *Value, name string, g float64, in, out int, attr Attr) *Value {
	k := attr.Kernel
	return b.node(OpConv2D, attr, x, b.weight(name+".weight", gain(g, k*k*in), k*k*in, out, k, k, in, out),
		b.param(name+".bias", deviation(0.1), out))
}
