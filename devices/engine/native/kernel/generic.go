package kernel

import "unsafe"

// goSet returns the portable set. Its tile is small enough to stay in the scalar registers of every 64-bit architecture.
func goSet() *Set {
	return &Set{Name: "go", MR: 2, NR: 4, KC: 256, MC: 128, tile: tileGo, vec: goVectors()}
}

// tileGo is the portable tileFunc.
func tileGo(rows, kc int, a *float32, lda int, b, start *float32, lds int, c *float32, ldc int) {
	if rows == 1 {
		rowGo(kc, a, b, start, c)
		return
	}
	s, t := quad(start), quad(at(start, lds))
	s0, s1, s2, s3 := s[0], s[1], s[2], s[3]
	t0, t1, t2, t3 := t[0], t[1], t[2], t[3]
	panel := unsafe.Slice(b, 4*kc)
	second := unsafe.Slice(at(a, lda), kc)
	for p, x := range unsafe.Slice(a, kc) {
		y := second[p]
		v := panel[:4]
		panel = panel[4:]
		s0 += x * v[0]
		s1 += x * v[1]
		s2 += x * v[2]
		s3 += x * v[3]
		t0 += y * v[0]
		t1 += y * v[1]
		t2 += y * v[2]
		t3 += y * v[3]
	}
	*quad(c) = [4]float32{s0, s1, s2, s3}
	*quad(at(c, ldc)) = [4]float32{t0, t1, t2, t3}
}

// rowGo is tileGo for one row.
func rowGo(kc int, a, b, start, c *float32) {
	s := quad(start)
	s0, s1, s2, s3 := s[0], s[1], s[2], s[3]
	panel := unsafe.Slice(b, 4*kc)
	for _, x := range unsafe.Slice(a, kc) {
		v := panel[:4]
		panel = panel[4:]
		s0 += x * v[0]
		s1 += x * v[1]
		s2 += x * v[2]
		s3 += x * v[3]
	}
	*quad(c) = [4]float32{s0, s1, s2, s3}
}

func at(p *float32, i int) *float32 { return (*float32)(unsafe.Add(unsafe.Pointer(p), 4*i)) }

func quad(p *float32) *[4]float32 { return (*[4]float32)(unsafe.Pointer(p)) }
