#!/usr/bin/env bash
# Runs the tests that compare the service with a model, each with many random seeds, and stops at
# the first run that fails; `make soak` calls it.
#
#     SEEDS=20 soak.sh program        so many new seeds of each model
#     SEED=123 soak.sh program        this one again
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

random_seed() { od -A n -N 8 -t u8 /dev/urandom | tr -d ' '; }

log=$(mktemp)
trap 'rm -f "$log"' EXIT

# A filter that matches nothing would pass, too, so the run must tell of its test.
run_model() { # filter, seed
  PLAYMETER_TEST_SEED=$2 PLAYMETER_SIMULATION_SEED=$2 "$program" \
    --testing-library swift-testing --filter "$1" >"$log" 2>&1 \
    && grep --quiet 'Test run with 1 test .*passed' "$log"
}

seeds=()
if [ -n "${SEED:-}" ]; then
  seeds=("$SEED")
else
  for ((number = 0; number < ${SEEDS:-20}; number++)); do seeds+=("$(random_seed)"); done
fi
[ "${#seeds[@]}" -gt 0 ] || { echo "SEEDS must be at least 1." >&2; exit 2; }

SECONDS=0
for seed in "${seeds[@]}"; do
  for model in "${models[@]}"; do
    read -r name filter <<<"$model"
    started=$SECONDS
    if ! run_model "$filter" "$seed"; then
      grep -E '✘|error:|PLAYMETER_TEST_SEED' "$log" >&2 || tail -n 20 "$log" >&2
      echo "FAILED  $name with seed $seed. To replay it: make soak SEED=$seed" >&2
      exit 1
    fi
    echo "passed  $name with seed $seed in $((SECONDS - started)) s"
  done
done
echo "All passed: ${#seeds[@]} seeds of ${#models[@]} model(s) in $SECONDS s."
