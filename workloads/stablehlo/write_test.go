package stablehlo

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/workloads"
)

// TestStandardWorkloads writes every standard workload in every precision that it has.
func TestStandardWorkloads(t *testing.T) {
	for _, e := range workloads.Catalogue() {
		for _, precision := range e.Precisions {
			t.Run(fmt.Sprint(e.Name, "/", precision), func(t *testing.T) {
				if _, err := storageOf(precision); err != nil {
					t.Skip(err)
				}
				w, err := workloads.Find(e.Name, workloads.Options{Precision: precision})
				require.NoError(t, err)
				for i := range w.Phases {
					p, err := Write(w, i, Options{})
					require.NoError(t, err)
					t.Log(p.Name, len(p.Text), p.Bytes()>>20, len(p.Args), len(p.Results))
				}
				g, err := Generators(w, Options{})
				require.NoError(t, err)
				t.Log(len(g))
			})
		}
	}
}
