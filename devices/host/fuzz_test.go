package host

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The parsers of foreign bytes are not exported; hence the inside view.

func FuzzParseIdentity(f *testing.F) {
	f.Add([]byte(`{"instanceType":"p5.48xlarge","region":"us-east-1","availabilityZone":"us-east-1d","accountId":"123456789012","instanceId":"i-0abc"}`))
	f.Add([]byte(`{"instanceType":"i-0abc","region":"<html>","availabilityZone":7}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, doc []byte) {
		id, err := parseIdentity(doc)
		if err != nil && id != (identity{}) {
			t.Fatalf("half an answer: %+v", id)
		}
		for _, s := range []string{id.instanceType, id.region, id.zone} {
			if len(s) > 64 || strings.ContainsAny(s, " \t\r\n<>\"'/\\:") {
				t.Fatalf("passed on %q", s)
			}
		}
	})
}

func FuzzParseOSRelease(f *testing.F) {
	f.Add("NAME=x\nPRETTY_NAME=\"Ubuntu 24.04\"\n", "0.05 0.31 0.30 1/91 12424")
	f.Add("PRETTY_NAME='", "-1")
	f.Fuzz(func(t *testing.T, release, load string) {
		_ = parseOSRelease(release)
		if l := parseLoadAverage(load); l != nil && !(*l >= 0) {
			t.Fatalf("load %v", *l)
		}
	})
}

func TestIdentityDropsWhatDoesNotLookRight(t *testing.T) {
	id, err := parseIdentity([]byte(`{"instanceType":"i-0abc","region":"US EAST","availabilityZone":"us-east-1d"}`))
	require.NoError(t, err)
	require.Equal(t, identity{zone: "us-east-1d"}, id)
	_, err = parseIdentity([]byte(`<html>`))
	require.Error(t, err)
}
