#!/usr/bin/env bash
# Ends the job as the comparison ended. Only an improvement, no change, and without --strict an undecided comparison pass.
#
# AB_CODE, AB_VERDICT  the outputs of ab.sh
# AB_OVERRIDE          true: a regression, or an undecided comparison, is accepted. What could not be compared still fails.
set -euo pipefail

case $AB_CODE in
0) exit 0 ;;
4 | 5)
	if [ "${AB_OVERRIDE:-}" = true ]; then
		echo "::warning title=accelbench::$AB_VERDICT, and accepted by the input override"
		exit 0
	fi
	;;
esac
exit "$AB_CODE"
