package reference

// product multiplies the rows of x by the matrix w of n columns and adds the bias, if there is one. It goes through w in
// panels of columns that stay in a cache while the rows of x pass by, and takes four rows of w at a time.
func product(x, w, bias []float64, n int) []float64 {
	const panel, block = 128, 32
	depth := len(w) / n
	rows := len(x) / depth
	out := make([]float64, rows*n)
	share((rows+block-1)/block, func(i int) {
		for lo := 0; lo < n; lo += panel {
			hi := min(lo+panel, n)
			for row := i * block; row < min((i+1)*block, rows); row++ {
				sum := out[row*n+lo : row*n+hi]
				if bias != nil {
					copy(sum, bias[lo:hi])
				}
				a := x[row*depth : (row+1)*depth]
				k := 0
				for ; k+4 <= depth; k += 4 {
					w0, w1 := w[k*n+lo:][:len(sum)], w[(k+1)*n+lo:][:len(sum)]
					w2, w3 := w[(k+2)*n+lo:][:len(sum)], w[(k+3)*n+lo:][:len(sum)]
					a0, a1, a2, a3 := a[k], a[k+1], a[k+2], a[k+3]
					for j := range sum {
						sum[j] += a0*w0[j] + a1*w1[j] + a2*w2[j] + a3*w3[j]
					}
				}
				for ; k < depth; k++ {
					for j, v := range w[k*n+lo : k*n+hi] {
						sum[j] += a[k] * v
					}
				}
			}
		}
	})
	return out
}

// productTransposed multiplies the rows of x by the n rows of w.
func productTransposed(x, w, bias []float64, n int) []float64 {
	depth := len(w) / n
	rows := len(x) / depth
	out := make([]float64, rows*n)
	share(n, func(j int) {
		for row := range rows {
			sum := dot(x[row*depth:(row+1)*depth], w[j*depth:])
			if bias != nil {
				sum += bias[j]
			}
			out[row*n+j] = sum
		}
	})
	return out
}

// dot has four sums so that the additions do not wait for each other.
func dot(a, b []float64) float64 {
	b = b[:len(a)]
	var s0, s1, s2, s3 float64
	i := 0
	for ; i+4 <= len(a); i += 4 {
		s0 += a[i] * b[i]
		s1 += a[i+1] * b[i+1]
		s2 += a[i+2] * b[i+2]
		s3 += a[i+3] * b[i+3]
	}
	for ; i < len(a); i++ {
		s0 += a[i] * b[i]
	}
	return s0 + s1 + s2 + s3
}
