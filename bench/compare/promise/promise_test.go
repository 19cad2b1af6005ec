package promise_test

import (
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"testing"

	moremath "github.com/aclements/go-moremath/stats"
	"github.com/montanaflynn/stats"
	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench/compare"
)

var update = flag.Bool("update", false, "write the tables of docs/statistics.md anew")

const (
	fullTrials  = 2000
	shortTrials = 60 // with the race detector, which slows arithmetic down tenfold
	// promised is the largest share of trials with a false verdict, and power the least with a true one.
	promised = 0.05
	power    = 0.90
)

func trials() int {
	if testing.Short() {
		return shortTrials
	}
	return fullTrials
}

// allowed is a promised share as an estimate from these trials may have it: itself at full length, where nothing comes near it, and
// three standard errors more in a short run.
func allowed(share float64) float64 {
	if trials() == fullTrials {
		return share
	}
	return share + 3*math.Sqrt(share*(1-share)/shortTrials)
}

func levels() []float64 { return []float64{0, 0.01, 0.02, 0.04} }

func changes() []change {
	return []change{
		{"none", [3]float64{}},
		{"3 % in all", [3]float64{0.03, 0.03, 0.03}},
		{"3 % in one", [3]float64{0.03, 0, 0}},
		{"5 % in all", [3]float64{0.05, 0.05, 0.05}},
		{"5 % in throughput", [3]float64{0.05, 0, 0}},
		{"5 % in p99", [3]float64{0, 0, 0.05}},
	}
}

// grid is a cell for each noise and each change: cells[noise][change].
func grid(noises []noise, changes []change, opts compare.Options, seed uint64) [][]shares {
	cells := make([][]shares, len(noises))
	for i := range cells {
		cells[i] = make([]shares, len(changes))
	}
	each(len(noises)*len(changes), func(k int) {
		i, j := k/len(changes), k%len(changes)
		cells[i][j] = simulate(noises[i], changes[j], runsPerSide, trials(), seed+uint64(k), opts)
	})
	return cells
}

func noises() []noise {
	var out []noise
	for _, between := range levels() {
		for _, within := range levels() {
			out = append(out, noise{between: between, within: within})
		}
	}
	return out
}

// keeps holds every cell to the promise.
func keeps(t *testing.T, design string, noises []noise, cells [][]shares) {
	t.Helper()
	for i, n := range noises {
		for j, c := range changes() {
			got := cells[i][j]
			require.LessOrEqual(t, got.falseRegressed, allowed(promised), "%s, %+v, %s: false alarms", design, n, c.name)
			require.LessOrEqual(t, got.falseUnchanged, allowed(promised), "%s, %+v, %s: slower and called unchanged", design, n, c.name)
		}
	}
}

func TestInterleavedComparisonKeepsItsPromise(t *testing.T) {
	cells := grid(noises(), changes(), compare.Options{}, 1000)
	keeps(t, "interleaved", noises(), cells)
	for i, n := range noises() {
		for j, c := range changes() {
			// Of p99 alone there is a table and no promise: ranks find less.
			if n.between <= 0.01 && n.within <= 0.01 && c.slower[0] == 0.05 {
				require.GreaterOrEqual(t, cells[i][j].found, 2*power-allowed(power), "%+v, %s: power", n, c.name)
			}
		}
	}
	inDocument(t, "interleaved", tables(noises(), cells))
}

func TestComparisonOfSeparateRunsKeepsItsPromise(t *testing.T) {
	cells := grid(noises(), changes(), compare.Options{Unpaired: true}, 2000)
	keeps(t, "separate", noises(), cells)
	inDocument(t, "separate", tables(noises(), cells))
}

// A disturbance that both sides of a round share is no noise to pairs.
func TestRoundsTakeOutWhatTheyShare(t *testing.T) {
	var disturbed []noise
	for _, round := range levels() {
		disturbed = append(disturbed, noise{between: 0.01, within: 0.01, round: round})
	}
	paired := grid(disturbed, changes(), compare.Options{}, 3000)
	separate := grid(disturbed, changes(), compare.Options{Unpaired: true}, 4000)
	keeps(t, "paired", disturbed, paired)
	keeps(t, "separate", disturbed, separate)
	text := "| from round to round | false alarms, by rounds | without | 5 % in all found, by rounds | without |\n|---:|---:|---:|---:|---:|\n"
	for i, n := range disturbed {
		text += fmt.Sprintf("| %s | %s | %s | %s | %s |\n", percent(n.round), tenth(paired[i][0].falseRegressed), tenth(separate[i][0].falseRegressed),
			tenth(paired[i][3].found), tenth(separate[i][3].found))
	}
	require.Greater(t, paired[3][3].found, separate[3][3].found+0.3)
	inDocument(t, "rounds", text)
}

// What more rounds buy.
func TestMoreRoundsDecideMore(t *testing.T) {
	sizes, between := []int{5, 10, 20, 40}, levels()[1:]
	wanted := []change{changes()[0], changes()[3], changes()[4]}
	cells := make([]shares, len(sizes)*len(between)*len(wanted))
	each(len(cells), func(k int) {
		i, j, c := k/len(wanted)/len(between), k/len(wanted)%len(between), k%len(wanted)
		cells[k] = simulate(noise{between: between[j], within: 0.01}, wanted[c], sizes[i], trials(), 7000+uint64(k), compare.Options{})
	})
	text := "| rounds | between runs | no change: unchanged | 5 % in all: found | 5 % in throughput: found |\n|---:|---:|---:|---:|---:|\n"
	for i, rounds := range sizes {
		for j := range between {
			at := (i*len(between) + j) * len(wanted)
			for _, got := range cells[at : at+len(wanted)] {
				require.LessOrEqual(t, got.falseRegressed, allowed(promised), "%d rounds", rounds)
				require.LessOrEqual(t, got.falseUnchanged, allowed(promised), "%d rounds", rounds)
			}
			text += fmt.Sprintf("| %d | %s | %s | %s | %s |\n", rounds, percent(between[j]),
				tenth(cells[at].verdict[compare.Unchanged]), tenth(cells[at+1].found), tenth(cells[at+2].found))
		}
	}
	inDocument(t, "how many rounds", text)
}

// The usual gate: one measurement session for each side, ten measurements in it, a test of Mann and Whitney on those.
func TestOneSessionForEachSideCriesWolf(t *testing.T) {
	text := "| from session to session | Mann-Whitney, p < 0.05 | and 3 % between medians | the same runs in ten interleaved rounds |\n|---:|---:|---:|---:|\n"
	for i, between := range levels() {
		r := rand.New(rand.NewPCG(uint64(5000+i), 0x5eed))
		var significant, large float64
		one := 1 / float64(trials())
		for range trials() {
			base, head := session(r, between), session(r, between)
			test, err := moremath.MannWhitneyUTest(base, head, moremath.LocationDiffers)
			require.NoError(t, err)
			b, _ := stats.Median(base)
			h, _ := stats.Median(head)
			significant += share(test.P < 0.05, one)
			large += share(test.P < 0.05 && math.Abs(h/b-1) > compare.Tolerance, one)
		}
		ours := simulate(noise{between: between, within: 0.01}, changes()[0], runsPerSide, trials(), uint64(6000+i), compare.Options{})
		require.LessOrEqual(t, ours.falseRegressed+ours.verdict[compare.Improved], allowed(promised))
		if between >= 0.01 {
			require.Greater(t, significant, 0.3)
		}
		text += fmt.Sprintf("| %s | %s | %s | %s |\n", percent(between), tenth(significant), tenth(large), tenth(ours.falseRegressed+ours.verdict[compare.Improved]))
	}
	inDocument(t, "session", text)
}

// session is ten measurements that share the level of their session; the noise within is 1 %.
func session(r *rand.Rand, between float64) []float64 {
	level := math.Exp(between * r.NormFloat64())
	xs := make([]float64, parts)
	for i := range xs {
		xs[i] = level * math.Exp(0.01*r.NormFloat64())
	}
	return xs
}

// column is a share of the cells of one change.
type column struct {
	change int
	name   string
	of     func(shares) float64
}

// tables are the shares of the verdicts by noise: one table for no more than the tolerance, one for more.
func tables(noises []noise, cells [][]shares) string {
	var out strings.Builder
	wolf := func(s shares) float64 { return s.falseRegressed }
	found := func(s shares) float64 { return s.found }
	missed := func(s shares) float64 { return s.falseUnchanged }
	unchanged := func(s shares) float64 { return s.verdict[compare.Unchanged] }
	undecided := func(s shares) float64 { return s.verdict[compare.Undecided] }
	for i, columns := range [][]column{
		{{0, "false alarm", wolf}, {0, "unchanged", unchanged}, {0, "undecided", undecided}, {1, "false alarm", wolf}, {1, "undecided", undecided},
			{2, "false alarm", wolf}, {2, "undecided", undecided}},
		{{3, "found", found}, {3, "unchanged", missed}, {3, "undecided", undecided}, {4, "found", found}, {4, "unchanged", missed},
			{4, "undecided", undecided}, {5, "found", found}, {5, "unchanged", missed}, {5, "undecided", undecided}},
	} {
		if i > 0 {
			out.WriteString("\n")
		}
		head, rule := "| between runs | within |", "|---:|---:|"
		for _, c := range columns {
			head, rule = head+" "+changes()[c.change].name+": "+c.name+" |", rule+"---:|"
		}
		fmt.Fprintf(&out, "%s\n%s\n", head, rule)
		for i, n := range noises {
			fmt.Fprintf(&out, "| %s | %s |", percent(n.between), percent(n.within))
			for _, c := range columns {
				fmt.Fprintf(&out, " %s |", tenth(c.of(cells[i][c.change])))
			}
			out.WriteString("\n")
		}
	}
	most := 0.0
	for i := range noises {
		for j := range changes() {
			most = max(most, cells[i][j].falseRegressed, cells[i][j].falseUnchanged)
		}
	}
	low, high := binomial(most)
	fmt.Fprintf(&out, "\nThe largest share of false verdicts in any cell is %s (95 %% interval of %d trials: %s to %s).\n",
		tenth(most), trials(), tenth(low), tenth(high))
	return out.String()
}

// binomial is Wilson's interval of a share of the trials.
func binomial(share float64) (low, high float64) {
	const z = 1.959964
	n := float64(trials())
	middle, half := share+z*z/(2*n), z*math.Sqrt(share*(1-share)/n+z*z/(4*n*n))
	return max(0, (middle-half)/(1+z*z/n)), (middle + half) / (1 + z*z/n)
}

func percent(x float64) string { return fmt.Sprintf("%.0f %%", 100*x) }
func tenth(x float64) string   { return fmt.Sprintf("%.1f %%", 100*x) }

// inDocument holds a part of docs/statistics.md to what was simulated.
func inDocument(t *testing.T, name, text string) {
	t.Helper()
	t.Logf("%s:\n%s", name, text)
	if testing.Short() {
		return
	}
	if runtime.GOARCH != "amd64" {
		t.Skip("the tables were made on amd64; other processors round products and sums differently, which turns a trial now and then")
	}
	const file = "../../../docs/statistics.md"
	begin, end := "<!-- simulated: "+name+" -->\n", "<!-- end -->"
	have, err := os.ReadFile(file)
	require.NoError(t, err)
	parts := strings.SplitN(string(have), begin, 2)
	require.Len(t, parts, 2, "%s has no part %q", file, name)
	old, rest, ok := strings.Cut(parts[1], end)
	require.True(t, ok, "part %q of %s has no end", name, file)
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(parts[0]+begin+text+end+rest), 0o644))
		return
	}
	require.Equal(t, old, text, "%s is stale: go test ./bench/compare/promise -update", file)
}
