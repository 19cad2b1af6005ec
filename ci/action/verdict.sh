#!/usr/bin/env bash
# Ends the job as the comparison ended. Only an improvement, no change, and without --strict an undecided comparison pass.
#
# CODE, VERDICT   the outputs of ab.sh
# OVERRIDE        true: a regression, or an undecided comparison, is accepted. What could not be compared still fails.
set -euo pipefail

case $CODE in
0) exit 0 ;;
4 | 5)
	if [ "${OVERRIDE:-}" = true ]; then
		echo "::warning title=accelbench::$VERDICT, and accepted by the input override"
		exit 0
	fi
	;;
esac
exit "$CODE"
