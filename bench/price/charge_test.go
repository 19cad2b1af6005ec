package price_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench/price"
)

func TestCharged(t *testing.T) {
	eight, none := 8, 0
	type use = price.Use
	for name, tc := range map[string]struct {
		covers *int
		charge price.Charge
		use    use
		usd    float64
		says   string // in the note of a price, in the text of an error
	}{
		"all ran":                  {&eight, "", use{8, 8}, 80, ""},
		"all ran, used":            {&eight, "used", use{8, 8}, 80, ""},
		"all ran, count unknown":   {nil, "", use{2, 2}, 80, ""},
		"CPU only":                 {&none, "", use{0, 0}, 80, ""},
		"CPU only, count unknown":  {nil, "", use{0, 0}, 80, ""},
		"some ran":                 {&eight, "", use{2, 8}, 0, "2 of 8 accelerators ran; say what to charge with --charge instance or --charge used"},
		"some ran, instance":       {&eight, "instance", use{2, 8}, 80, "whole instance charged, 2 of 8 accelerators ran"},
		"some ran, used":           {&eight, "used", use{2, 8}, 20, "2/8 of the instance charged"},
		"some ran, count unknown":  {nil, "used", use{1, 4}, 20, "1/4 of the instance charged"},
		"container sees one":       {&eight, "", use{1, 1}, 0, "1 of 8 accelerators ran"},
		"container sees one, used": {&eight, "used", use{1, 1}, 10, "1/8 of the instance charged"},
		"CPU beside":               {&eight, "", use{0, 8}, 0, "0 of 8 accelerators ran"},
		"CPU beside, undetected":   {&eight, "", use{0, 0}, 0, "0 of 8 accelerators ran"},
		"CPU beside, instance":     {&eight, "instance", use{0, 8}, 80, "whole instance charged, 0 of 8 accelerators ran"},
		"CPU beside, used":         {&eight, "used", use{0, 8}, 0, "only the CPU ran (0 of 8 accelerators ran), and no source says"},
		"more than covered":        {&none, "instance", use{1, 1}, 0, "1 accelerators ran, but the price covers 0; pass the --price"},
		"senseless":                {nil, "used", use{-1, 1}, 0, "which cannot be"},
	} {
		t.Run(name, func(t *testing.T) {
			list := price.Price{AmountUSDPerHour: 80, Note: "listed", AcceleratorCount: tc.covers}
			got, err := price.Charged(list, tc.charge, tc.use)
			if tc.usd == 0 {
				require.ErrorIs(t, err, price.ErrNotPriced)
				require.ErrorContains(t, err, tc.says)
				require.Zero(t, got)
				return
			}
			require.NoError(t, err)
			require.InDelta(t, tc.usd, got.AmountUSDPerHour, 1e-12)
			if tc.says == "" {
				require.Equal(t, list, got)
			} else {
				require.Equal(t, tc.says+"; listed", got.Note)
			}
			again, err := price.Charged(got, tc.charge, tc.use)
			require.NoError(t, err)
			require.Equal(t, got.AmountUSDPerHour, again.AmountUSDPerHour, "charging twice changes nothing")
			require.Equal(t, 80.0, list.AmountUSDPerHour)
		})
	}
}
