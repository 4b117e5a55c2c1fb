#!/usr/bin/env bash
# Runs the tests that compare the service with a model, each with many random seeds, and then the
# fuzzers, each for its share of the time; stops at the first run that fails. `make soak` calls it.
#
#     SEEDS=20 soak.sh program             so many new seeds of each model
#     FUZZ_SECONDS=600 soak.sh program     so many seconds for all fuzzers together; 0 for none
#     SEED=123 soak.sh program             this one again, which a fuzzer begins with
#
# The program is the built tests.
set -euo pipefail
cd "$(dirname "$0")/.."

program=$1
# The models: a name, and the regular expression that only its random run matches.
models=(
  "hosts RedisStoreTests\.HostModelTests/randomRun"
  "money RedisStoreTests\.SimulationTests/simulate\("
  "holds RedisStoreTests\.SimulationTests/simulateHolds\("
)
# The fuzzers, in the same form.
fuzzers=(
  "JSON JSONTests\.JSONReaderFuzzTests/differential"
  "bodies HTTPAPITests\.BodyFuzzTests/bodies"
  "service EndToEndTests\.BodyFuzzTests/bodies"
  "connections EndToEndTests\.WireFuzzTests/connections"
  "replies RedisClientTests\.ReplyFuzzTests/hostileServer"
  "script-replies RedisStoreTests\.ScriptReplyFuzzTests/hostileReplies"
)
fuzz_seconds=${FUZZ_SECONDS:-600}
share=$(((fuzz_seconds + ${#fuzzers[@]} - 1) / ${#fuzzers[@]}))
# A test may take 15 minutes, its start and its end included.
most=$((840 * ${#fuzzers[@]}))
[ "$fuzz_seconds" -le "$most" ] || { echo "FUZZ_SECONDS must be at most $most." >&2; exit 2; }

random_seed() { od -A n -N 8 -t u8 /dev/urandom | tr -d ' '; }

log=$(mktemp)
trap 'rm -f "$log"' EXIT

# A filter that matches nothing would pass, too, so the run must tell of its test.
run_test() { # filter, seed
  PLAYMETER_TEST_SEED=$2 PLAYMETER_SIMULATION_SEED=$2 PLAYMETER_FUZZ_SECONDS=$share "$program" \
    --testing-library swift-testing --filter "$1" >"$log" 2>&1 \
    && grep --quiet 'Test run with 1 test .*passed' "$log"
}

run() { # name, filter, seed
  local started=$SECONDS
  if ! run_test "$2" "$3"; then
    grep -E --text '✘|error:|PLAYMETER_TEST_SEED|Fatal' "$log" >&2 || tail -n 20 "$log" >&2
    echo "FAILED  $1 with seed $3. To replay it: make soak SEED=$3" >&2
    exit 1
  fi
  echo "passed  $1 with seed $3 in $((SECONDS - started)) s"
}

seeds=()
if [ -n "${SEED:-}" ]; then
  seeds=("$SEED")
else
  for ((number = 0; number < ${SEEDS:-20}; number++)); do seeds+=("$(random_seed)"); done
fi
[ $((${#seeds[@]} + fuzz_seconds)) -gt 0 ] || { echo "There is nothing to run." >&2; exit 2; }

SECONDS=0
for seed in "${seeds[@]}"; do
  for model in "${models[@]}"; do
    read -r name filter <<<"$model"
    run "$name" "$filter" "$seed"
  done
done
if [ "$fuzz_seconds" -gt 0 ]; then
  for fuzzer in "${fuzzers[@]}"; do
    read -r name filter <<<"$fuzzer"
    run "$name" "$filter" "${SEED:-$(random_seed)}"
    sed -n 's/^fuzz: .* took/        took/p' "$log"
  done
fi
echo "All passed: ${#seeds[@]} seeds of ${#models[@]} model(s) and the fuzzers in $SECONDS s."
