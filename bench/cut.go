package bench

import "time"

// WarmupCut is the beginning of the timed part that the throughput of the run leaves out, by MSER-5; 0 if it leaves out nothing.
func (r *Result) WarmupCut() time.Duration {
	cut, _ := r.warmth()
	if cut >= time.Duration(orZero(r.ElapsedNS)) {
		return 0
	}
	return cut
}
