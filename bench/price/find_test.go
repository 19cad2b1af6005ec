package price_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench/price"
)

func TestFind(t *testing.T) {
	c := read(t, `aws,a.x,r1,L4,1,4,16,on-demand,1.5,src,2026-01-02,false,
aws,a.x,r2,L4,1,4,16,on-demand,1.5,src,2026-01-02,false,
aws,a.x,r1,L4,1,4,16,spot,0.5,src,undated,true,one instant
aws,b.x,r1,L4,1,4,16,on-demand,,src,2026-01-02,false,
aws,b.x,r1,L4,1,4,16,spot,0.7,src,2026-01-02,false,
oci,VM.1,all,,0,4,16,on-demand,2,src,2026-01-02,false,
aws,c.x,r1,L4,1,4,16,on-demand,,src,2026-01-02,false,
aws,d.x,r1,L4,1,4,16,on-demand,3,src,2026-01-02,false,
aws,d.x,r2,L4,1,4,16,on-demand,,src,2026-01-02,false,
`)
	const noPublic = "no price: no public on-demand price of "
	for name, tc := range map[string]struct {
		q    price.Query
		usd  float64
		err  error
		want string
	}{
		"region":             {price.Query{InstanceType: "a.x", Region: "r2"}, 1.5, nil, ""},
		"case":               {price.Query{Provider: "AWS", InstanceType: "A.X", Region: "R1", Market: "spot"}, .5, nil, ""},
		"only region":        {price.Query{InstanceType: "a.x", Market: "spot"}, .5, nil, ""},
		"all regions":        {price.Query{InstanceType: "vm.1", Region: "anywhere"}, 2, nil, ""},
		"all, none named":    {price.Query{InstanceType: "vm.1"}, 2, nil, ""},
		"same price in two":  {price.Query{InstanceType: "a.x"}, 0, price.ErrAmbiguous, "depends on the region (r1, r2): choose with --region, or pass --price"},
		"null in one of two": {price.Query{InstanceType: "d.x"}, 0, price.ErrAmbiguous, "(r1, r2)"},
		"not public":         {price.Query{InstanceType: "b.x"}, 0, price.ErrNoPrice, noPublic + "b.x; pass --price, or choose one that has a price with --market: spot"},
		"not public at all":  {price.Query{InstanceType: "c.x", Region: "r1"}, 0, price.ErrNoPrice, noPublic + "c.x in r1; pass --price"},
		"other region":       {price.Query{InstanceType: "a.x", Region: "r3"}, 0, price.ErrNoPrice, "no known on-demand price of a.x in r3; pass --price, or choose one that has a price with --region: r1, r2"},
		"other market":       {price.Query{InstanceType: "vm.1", Market: "reserved"}, 0, price.ErrNoPrice, "no known reserved price of vm.1; pass --price, or choose one that has a price with --market: on-demand"},
		"misspelt":           {price.Query{InstanceType: "a.y"}, 0, price.ErrUnknownInstance, "unknown instance type: \"a.y\"; nearest known: a.x, b.x, c.x, d.x, VM.1; choose with --instance-type, or pass --price"},
		"other provider":     {price.Query{Provider: "oci", InstanceType: "a.x"}, 0, price.ErrUnknownInstance, "\"a.x\" of oci; nearest known: VM.1;"},
		"strange provider":   {price.Query{Provider: "ibm", InstanceType: "a.x"}, 0, price.ErrUnknownInstance, "no prices of ibm are known; pass --price"},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := c.Find(tc.q)
			if tc.err == nil {
				require.NoError(t, err)
				require.Equal(t, tc.usd, p.AmountUSDPerHour)
				return
			}
			require.ErrorContains(t, err, tc.want)
			require.Zero(t, p)
			for _, sentinel := range []error{price.ErrUnknownInstance, price.ErrNoPrice, price.ErrAmbiguous} {
				require.Equal(t, errors.Is(tc.err, sentinel), errors.Is(err, sentinel), sentinel)
			}
		})
	}
}

func TestFindInTwoProvidersNamesThem(t *testing.T) {
	c := read(t, `x,same,all,,0,,,on-demand,1,src,undated,false,
y,same,all,,0,,,on-demand,2,src,undated,false,
`)
	_, err := c.Find(price.Query{InstanceType: "same"})
	require.ErrorIs(t, err, price.ErrAmbiguous)
	require.ErrorContains(t, err, "x all, y all")
}

func TestEmbeddedNearestNames(t *testing.T) {
	for typed, want := range map[string]string{
		"p5.24xlarge":              "nearest known: p5.4xlarge, g5.24xlarge, p5.48xlarge, ",
		"c9g.large":                "c8g.large",
		"trn2.8xlarge":             "nearest known: trn2.3xlarge, trn2.48xlarge, ",
		"standard_nd96isr_h100_v4": "nearest known: Standard_ND96isr_H100_v5, ",
	} {
		_, err := embedded(t).Find(price.Query{InstanceType: typed})
		require.ErrorIs(t, err, price.ErrUnknownInstance)
		require.ErrorContains(t, err, want, typed)
	}
}

func TestTrainium2HasNoPublicOnDemandPrice(t *testing.T) {
	_, err := embedded(t).Find(price.Query{InstanceType: "trn2.48xlarge"})
	require.ErrorIs(t, err, price.ErrNoPrice)
	require.ErrorContains(t, err, "no public on-demand price of trn2.48xlarge; pass --price, or")
	require.ErrorContains(t, err, "--market: spot")
}
