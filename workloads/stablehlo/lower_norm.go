package stablehlo

import "github.com/accelbench/accelbench/workloads"

// mean is the mean over axes, which go. x is 32-bit.
func (e *emitter) mean(x value, axes ...int) value {
	count := 1
	for _, a := range axes {
		count *= dims(x)[a]
	}
	return e.times(e.reduce(sum(), x, axes...), 1/float64(count))
}

// others are the axes of x that are not among axes, which are in increasing order.
func others(x value, axes []int) []int {
	var out []int
	for i := range dims(x) {
		if len(axes) > 0 && axes[0] == i {
			axes = axes[1:]
			continue
		}
		out = append(out, i)
	}
	return out
}

// unit is x, 32-bit, minus its mean and over its deviation along axes.
func (e *emitter) unit(x value, eps float64, axes ...int) value {
	along := func(m value) value { return e.broadcast(m, dims(x), others(x, axes)...) }
	x = e.sub(x, along(e.mean(x, axes...)))
	variance := e.mean(e.mul(x, x), axes...)
	return e.mul(x, along(e.rsqrt(e.add(variance, e.number(eps, variance)))))
}

// channels is a parameter [D], 32-bit, along the last axis of like.
func (e *emitter) channels(v *workloads.Value, like value) value {
	return e.broadcast(e.wide(e.get(v)), dims(like), len(dims(like))-1)
}

func (e *emitter) scaled(n *workloads.Node, x value) value {
	return e.add(e.mul(x, e.channels(n.In[1], x)), e.channels(n.In[2], x))
}

func lowerLayerNorm(e *emitter, n *workloads.Node) {
	x := e.wide(e.get(n.In[0]))
	e.set(n, e.scaled(n, e.unit(x, n.Attr.Eps, len(dims(x))-1)))
}

func lowerRMSNorm(e *emitter, n *workloads.Node) {
	x := e.wide(e.get(n.In[0]))
	end := len(dims(x)) - 1
	square := e.mean(e.mul(x, x), end)
	root := e.rsqrt(e.add(square, e.number(n.Attr.Eps, square)))
	y := e.mul(x, e.broadcast(root, dims(x), upTo(end)...))
	e.set(n, e.mul(y, e.channels(n.In[1], y)))
}

// lowerGroupNorm takes x [B,...,D] as [B,pixels,groups,channels of a group].
func lowerGroupNorm(e *emitter, n *workloads.Node) {
	s, groups := n.In[0].Shape, n.Attr.Groups
	d := s[len(s)-1]
	x := e.wide(e.get(n.In[0]))
	y := e.reshape(x, s[0], workloads.Elements(s[1:])/d, groups, d/groups)
	y = e.unit(y, n.Attr.Eps, 1, 3)
	e.set(n, e.scaled(n, e.reshape(y, s...)))
}
