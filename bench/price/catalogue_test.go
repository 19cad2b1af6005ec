package price_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench/price"
)

const header = "provider,instance_type,region,accelerator,accelerator_count,vcpu,memory_gib,market,usd_per_hour," +
	"source,source_date,doubtful,note\n"

func embedded(t testing.TB) *price.Catalogue {
	t.Helper()
	c, err := price.Embedded()
	require.NoError(t, err)
	return c
}

func read(t testing.TB, rows string) *price.Catalogue {
	t.Helper()
	c, err := price.Read("test.csv", strings.NewReader(header+rows))
	require.NoError(t, err)
	return c
}

func TestEmbeddedRowsAreComplete(t *testing.T) {
	rows := embedded(t).Rows()
	require.Greater(t, len(rows), 500)
	dated, doubtful := 0, 0
	for _, e := range rows {
		require.NotEmpty(t, e.Source, e)
		require.NotEmpty(t, e.Date, e)
		if _, err := time.Parse(time.DateOnly, e.Date); err == nil {
			dated++
		}
		if e.Doubtful {
			doubtful++
			require.NotEmpty(t, e.Note, e)
		}
		if e.USDPerHour == nil {
			require.Contains(t, e.Note, "no public on-demand price", e)
		}
	}
	require.Greater(t, dated, 500)
	require.Equal(t, 42, doubtful)
}

func TestEmbeddedHoldsWhatPeopleRent(t *testing.T) {
	for _, tc := range []struct {
		provider, instance, region string
		market                     price.Market
		count                      int
		usd                        float64
	}{
		{"aws", "p5.48xlarge", "us-east-1", price.MarketOnDemand, 8, 55.04},
		{"aws", "p5.48xlarge", "us-east-1", price.MarketSpot, 8, 19.2531},
		{"aws", "inf2.xlarge", "us-east-1", price.MarketOnDemand, 1, .7582},
		{"aws", "trn2.48xlarge", "us-east-2", price.MarketSpot, 16, 23.0631},
		{"aws", "c8g.16xlarge", "us-east-1", price.MarketOnDemand, 0, 2.55232},
		{"aws", "c7g.16xlarge", "us-east-1", price.MarketOnDemand, 0, 2.32},
		{"aws", "g6e.xlarge", "us-east-1", price.MarketOnDemand, 1, 1.861},
		{"gcp", "a3-highgpu-8g", "us-central1", price.MarketOnDemand, 8, 88.49},
		{"azure", "Standard_ND96isr_H100_v5", "eastus", price.MarketOnDemand, 8, 98.32},
		{"lambda", "gpu_8x_h100_sxm5", "us-west-3", price.MarketOnDemand, 8, 31.92},
	} {
		p, err := embedded(t).Find(price.Query{
			Provider: tc.provider, InstanceType: tc.instance, Region: tc.region, Market: tc.market,
		})
		require.NoError(t, err, tc.instance)
		require.Equal(t, tc.usd, p.AmountUSDPerHour, tc.instance)
		require.Equal(t, tc.count, *p.AcceleratorCount, tc.instance)
		require.Equal(t, price.Currency, p.Currency)
	}
}

func TestSpotCarriesItsOwnSource(t *testing.T) {
	od, err := embedded(t).Find(price.Query{InstanceType: "p4d.24xlarge", Region: "us-east-1"})
	require.NoError(t, err)
	spot, err := embedded(t).Find(price.Query{InstanceType: "p4d.24xlarge", Region: "us-east-1", Market: price.MarketSpot})
	require.NoError(t, err)
	require.NotEqual(t, od.Source, spot.Source)
	require.Contains(t, spot.Date, "undated")
	require.Contains(t, spot.Note, "median of 4 AZs (min 2.4655 max 8.1915)")
	require.NotContains(t, od.Note, "median")
}

func TestFractionOfAGPUHasNoPricePerAccelerator(t *testing.T) {
	rows := embedded(t).Instance("G6F.large")
	require.Len(t, rows, 1)
	require.Nil(t, rows[0].AcceleratorCount)
	require.Nil(t, rows[0].USDPerAcceleratorHour())
	require.True(t, rows[0].Doubtful)

	cpu := embedded(t).Instance("c8g.large")
	require.Equal(t, 0, *cpu[0].AcceleratorCount)
	require.Nil(t, cpu[0].USDPerAcceleratorHour())

	p5 := embedded(t).Instance("p5.48xlarge")
	require.InDelta(t, 6.88, *p5[0].USDPerAcceleratorHour(), 1e-9)
}

func TestReadRefuses(t *testing.T) {
	const good = "aws,a.x,r1,L4,1,4,16,on-demand,1.5,src,2026-01-02,false,"
	read(t, good+"\n")
	for name, tc := range map[string]struct{ rows, want string }{
		"zero":             {"aws,a.x,r1,L4,1,4,16,on-demand,0,src,2026-01-02,false,", "test.csv:2:32: usd_per_hour: \"0\" is no finite"},
		"negative":         {"aws,a.x,r1,L4,1,4,16,on-demand,-1,src,2026-01-02,false,", "usd_per_hour: \"-1\""},
		"nan":              {"aws,a.x,r1,L4,1,4,16,on-demand,NaN,src,2026-01-02,false,", "usd_per_hour: \"NaN\""},
		"infinite":         {"aws,a.x,r1,L4,1,4,16,on-demand,+Inf,src,2026-01-02,false,", "usd_per_hour: \"+Inf\""},
		"overflow":         {"aws,a.x,r1,L4,1,4,16,on-demand,1e999,src,2026-01-02,false,", "usd_per_hour: \"1e999\""},
		"no source":        {"aws,a.x,r1,L4,1,4,16,on-demand,1,,2026-01-02,false,", "test.csv:2:34: source: is missing"},
		"no date":          {"aws,a.x,r1,L4,1,4,16,on-demand,1,src,,false,", "source_date: is missing"},
		"odd date":         {"aws,a.x,r1,L4,1,4,16,on-demand,1,src,2026,false,", "source_date: \"2026\" is neither"},
		"no such day":      {"aws,a.x,r1,L4,1,4,16,on-demand,1,src,2026-02-30,false,", "source_date: \"2026-02-30\""},
		"market":           {"aws,a.x,r1,L4,1,4,16,ondemand,1,src,2026-01-02,false,", "market: bad value: unknown market"},
		"no provider":      {",a.x,r1,L4,1,4,16,on-demand,1,src,2026-01-02,false,", "provider: is missing"},
		"no region":        {"aws,a.x,,L4,1,4,16,on-demand,1,src,2026-01-02,false,", "region: is missing"},
		"count of a part":  {"aws,a.x,r1,L4,0,4,16,on-demand,1,src,2026-01-02,false,", "accelerator_count: is 0 beside \"L4\""},
		"nameless count":   {"aws,a.x,r1,,2,4,16,on-demand,1,src,2026-01-02,false,", "accelerator_count: counts accelerators"},
		"half a count":     {"aws,a.x,r1,L4,.5,4,16,on-demand,1,src,2026-01-02,false,", "accelerator_count: \".5\" is no whole number"},
		"no vcpu":          {"aws,a.x,r1,L4,1,0,16,on-demand,1,src,2026-01-02,false,", "vcpu: must be above 0"},
		"no memory":        {"aws,a.x,r1,L4,1,4,0,on-demand,1,src,2026-01-02,false,", "memory_gib: \"0\""},
		"doubtful":         {"aws,a.x,r1,L4,1,4,16,on-demand,1,src,2026-01-02,yes,", "doubtful: \"yes\" is neither"},
		"doubt unsaid":     {"aws,a.x,r1,L4,1,4,16,on-demand,1,src,2026-01-02,true,", "note: is missing"},
		"space":            {"aws, a.x,r1,L4,1,4,16,on-demand,1,src,2026-01-02,false,", "instance_type: has space"},
		"too few":          {"aws,a.x,r1", "wrong number of fields"},
		"quote":            {"aws,\"a.x", "line 2"},
		"duplicate":        {good + "\n" + good, "test.csv:3:1: provider: same provider, instance type, region and market as line 2"},
		"duplicate folded": {good + "\n" + strings.ToUpper(good[:8]) + good[8:], "as line 2"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := price.Read("test.csv", strings.NewReader(header+tc.rows+"\n"))
			require.ErrorContains(t, err, tc.want)
		})
	}
}

func TestReadRefusesOtherFiles(t *testing.T) {
	_, err := price.Read("test.csv", strings.NewReader(""))
	require.ErrorContains(t, err, "test.csv is empty")
	_, err = price.Read("test.csv", strings.NewReader("# prices\na,b\n1,2\n"))
	require.ErrorContains(t, err, `test.csv:2: header is "a,b", must be "provider,`)
}

func TestRowsAreTheCallers(t *testing.T) {
	c := read(t, "aws,a.x,r1,L4,1,4,16,on-demand,1.5,src,2026-01-02,false,\n")
	c.Rows()[0].Provider = "other"
	require.Equal(t, "aws", c.Rows()[0].Provider)
}

func FuzzRead(f *testing.F) {
	f.Add(header + "aws,a.x,r1,L4,1,4,16,on-demand,1.5,src,2026-01-02,false,\n")
	f.Add(header + "aws,a.x,r1,,0,,,spot,,src,undated copy,true,\"why, oh why\"\n# end")
	f.Add("\ufeff" + header)
	f.Add(header + "a,b\nc\"d")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := price.Read("fuzz.csv", strings.NewReader(text))
		if err != nil {
			require.Nil(t, c)
			return
		}
		for _, e := range c.Rows() {
			require.NotEmpty(t, e.Source)
			require.NotEmpty(t, e.Date)
			p, ok := e.Price()
			require.Equal(t, e.USDPerHour != nil, ok)
			if !ok {
				continue
			}
			require.Greater(t, p.AmountUSDPerHour, 0.0)
			require.False(t, math.IsInf(p.AmountUSDPerHour, 0))
			if per := e.USDPerAcceleratorHour(); per != nil {
				require.GreaterOrEqual(t, *per, 0.0)
			}
			_, err := c.Find(price.Query{Provider: e.Provider, InstanceType: e.InstanceType, Region: e.Region, Market: e.Market})
			if err != nil {
				require.NotErrorIs(t, err, price.ErrUnknownInstance)
				require.NotErrorIs(t, err, price.ErrNoPrice)
			}
		}
	})
}
