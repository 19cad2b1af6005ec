package price_test

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench/price"
)

func TestCustom(t *testing.T) {
	p, err := price.Custom(2.5)
	require.NoError(t, err)
	require.Equal(t, price.MarketCustom, p.Market)
	require.Equal(t, "2.5 USD/h custom (--price)", p.String())
	require.Empty(t, p.Caveats(time.Now()), "a price given by hand needs no date")
	for _, bad := range []float64{0, -1, math.NaN(), math.Inf(1), math.Inf(-1)} {
		_, err := price.Custom(bad)
		require.ErrorIs(t, err, price.ErrBadValue)
		require.ErrorContains(t, err, "--price")
	}
}

func TestParse(t *testing.T) {
	for _, s := range []string{"on-demand", "spot", "reserved", "custom", "owned"} {
		m, err := price.ParseMarket(s)
		require.NoError(t, err)
		require.Equal(t, s, string(m))
	}
	for _, s := range []string{"", "Spot", "ondemand"} {
		_, err := price.ParseMarket(s)
		require.ErrorIs(t, err, price.ErrBadValue)
	}
	for _, s := range []string{"", "instance", "used"} {
		c, err := price.ParseCharge(s)
		require.NoError(t, err)
		require.Equal(t, s, string(c))
	}
	_, err := price.ParseCharge("half")
	require.ErrorIs(t, err, price.ErrBadValue)
}

func TestAgeAndCaveats(t *testing.T) {
	now := time.Date(2026, 8, 1, 1, 0, 0, 0, time.FixedZone("", -2*3600)) // 03:00 UTC
	for _, tc := range []struct {
		date  string
		days  int
		ok    bool
		warns string
	}{
		{"2026-08-01", 0, true, ""},
		{"2026-07-31", 1, true, ""},
		{"2026-05-03", 90, true, ""},
		{"2026-05-02", 91, true, "old price: of 2026-05-02, 91 days ago"},
		{"2026-08-02", -1, true, "price dated 2026-08-02, which is ahead of the clock"},
		{"2026 (undated)", 0, false, "undated price: its age is unknown"},
		{"", 0, false, "undated price: its age is unknown"},
	} {
		p := price.Price{Date: tc.date, Market: price.MarketOnDemand}
		days, ok := p.Age(now)
		require.Equal(t, tc.days, days, tc.date)
		require.Equal(t, tc.ok, ok, tc.date)
		if tc.warns == "" {
			require.Empty(t, p.Caveats(now), tc.date)
		} else {
			require.Equal(t, []string{tc.warns}, p.Caveats(now))
		}
		p.Doubtful, p.Note = true, "an estimate"
		require.Equal(t, "doubtful price: an estimate", p.Caveats(now)[0])
	}
}

func TestStringSaysDoubt(t *testing.T) {
	p, err := embedded(t).Find(price.Query{InstanceType: "trn1.32xlarge", Region: "us-east-2", Market: price.MarketSpot})
	require.NoError(t, err)
	require.Contains(t, p.String(), "2.15 USD/h spot aws trn1.32xlarge us-east-2 (")
	require.Contains(t, p.String(), "; doubtful: spot is exactly 10 % of on-demand")
}

func TestPriceAsStored(t *testing.T) {
	eight := 8
	p := price.Price{
		AmountUSDPerHour: 55.04, Currency: "USD", Market: "on-demand", Provider: "aws", InstanceType: "p5.48xlarge",
		Region: "us-east-1", Date: "2026-07-20", Source: "list", Note: "n", AcceleratorCount: &eight,
	}
	b, err := json.Marshal(p)
	require.NoError(t, err)
	require.JSONEq(t, `{"usd_per_hour":55.04,"currency":"USD","market":"on-demand","provider":"aws",
		"instance_type":"p5.48xlarge","region":"us-east-1","date":"2026-07-20","source":"list","note":"n",
		"doubtful":false,"accelerator_count":8}`, string(b))
	var back price.Price
	require.NoError(t, json.Unmarshal(b, &back))
	require.Equal(t, p, back)

	custom, err := price.Custom(1)
	require.NoError(t, err)
	b, err = json.Marshal(custom)
	require.NoError(t, err)
	require.JSONEq(t, `{"usd_per_hour":1,"currency":"USD","market":"custom","source":"--price",
		"doubtful":false,"accelerator_count":null}`, string(b))
}
