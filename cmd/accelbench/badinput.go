package main

import (
	"errors"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/compare"
	"github.com/accelbench/accelbench/bench/compare/gobench"
	"github.com/accelbench/accelbench/bench/history"
	"github.com/accelbench/accelbench/bench/price"
	"github.com/accelbench/accelbench/devices/capture"
	"github.com/accelbench/accelbench/reports"
	"github.com/accelbench/accelbench/workloads"
	"github.com/accelbench/accelbench/workloads/neff"
	"github.com/accelbench/accelbench/workloads/own"
)

// isBadInput tells errors about what the user gave from errors about the machine.
func isBadInput(err error) bool {
	var unknown *workloads.UnknownError
	var option *workloads.OptionError
	var syntax *bench.SyntaxError
	for _, target := range []any{&unknown, &option, &syntax} {
		if errors.As(err, target) {
			return true
		}
	}
	for _, sentinel := range []error{bench.ErrBadPlan, bench.ErrUnknownName, bench.ErrNotResults, bench.ErrNoResults, price.ErrBadValue,
		capture.ErrFormat, own.ErrInput, own.ErrFormat, neff.ErrFormat, workloads.ErrFolder, workloads.ErrFolderFormat, reports.ErrNoForm, compare.ErrGate,
		history.ErrBadWord, history.ErrNotHistory, gobench.ErrTooLong} {
		if errors.Is(err, sentinel) {
			return true
		}
	}
	return false
}
