package names_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/internal/names"
)

func TestNearest(t *testing.T) {
	known := []string{"memcopy", "gemm", "resnet50", "bert-base", "bert-large", "smollm2-135m"}
	for word, want := range map[string]string{
		"resnet": "resnet50", "RESNET-50": "resnet50", "bert": "bert-base", "bert_large": "bert-large", "memcpy": "memcopy",
		"smollm": "smollm2-135m", "gem": "gemm",
	} {
		got := names.Nearest(word, known)
		require.Equal(t, want, got[0], word)
		require.ElementsMatch(t, known, got)
	}
	require.Equal(t, known, names.Nearest("", known), "nothing is near: the order stays")
	require.Empty(t, names.Nearest[string]("x", nil))
}
