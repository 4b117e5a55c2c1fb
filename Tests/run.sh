#!/usr/bin/env bash
# Runs the built tests within a time limit, and if any fails says once more at the end which;
# `make test` calls it.
#
#     run.sh seconds argument…        the arguments are for `swift test`
set -euo pipefail
cd "$(dirname "$0")/.."

limit=$1
shift
log=.build/tests.log
exec 3> >(exec tee "$log")
copy=$!
# timeout has a process group of its own and ends all of it, so that nothing is left of a hang. It
# does not hear Ctrl-C there, so it is told.
timeout "$limit" swift test --skip-build "$@" >&3 2>&1 3>&- &
tests=$!
exec 3>&-
trap 'kill "$tests"' INT TERM
status=0
wait "$tests" || status=$?
wait "$copy" || true
if [ "$status" -ne 0 ] && grep --quiet --text '✘' "$log"; then
  echo "These failed; $log has everything:" >&2
  grep --text -E '✘|Fatal error' "$log" >&2
fi
exit "$status"
