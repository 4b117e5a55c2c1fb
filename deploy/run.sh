#!/usr/bin/env bash
# Tries Playmeter out on this machine; `make run` calls it. It starts a Redis and the service, both
# private to this run, lets two cafes have an evening (`playmeter demo`), and takes everything down
# again. With KEEP=1 the service stays up after that until Ctrl-C.
#
#     run.sh [program]        the built playmeter, .build/debug/playmeter if not given
#
# Everything is in .run, which only its owner can read: settings with generated secrets, Redis'
# data, logs. Each run makes it anew, and what the last one left can be looked at until then.
#
# shellcheck disable=SC2317 # Functions that only traps and wait_until call count as unreachable.
set -euo pipefail
umask 077
program=${1:+$(realpath --no-symlinks "$1")}
cd "$(dirname "$0")/.."

program=${program:-$PWD/.build/debug/playmeter}
directory=$PWD/.run
settings=$directory/playmeter.env
credentials=$directory/credentials.jsonl
log=$directory/service.log
# An hour costs so many G-coin that a second of play can be seen on the balance.
games=("tower 3000" "rally 5000")
cafes=(gangnam-01 hongdae-01)
# More than the evening needs; what is left is taken back in the middle of it.
payment=400

redis_pid='' service_pid='' demo_pid='' socket_directory=''

say() { printf '%-9s %s\n' "$1" "$2"; }

fail() {
  echo "$1" >&2
  if [ -s "${2:-}" ]; then
    echo "The end of $2:" >&2
    tail -n 20 "$2" >&2
  fi
  exit 1
}

# Ends a process that we started: asks, waits for up to 15 s (the service promises 10), insists.
stop() {
  [ -n "$1" ] || return 0
  kill -TERM "$1" 2>/dev/null || return 0
  for _ in {1..150}; do
    kill -0 "$1" 2>/dev/null || return 0
    sleep 0.1
  done
  kill -KILL "$1" 2>/dev/null || true
}

# The service goes before its Redis, so that it can finish what it is doing.
clean_up() {
  trap '' HUP INT TERM
  stop "$demo_pid"
  if [ -n "$service_pid$redis_pid" ]; then
    echo
    echo "Stopping the service and its Redis."
  fi
  stop "$service_pid"
  stop "$redis_pid"
  if [ -n "$socket_directory" ]; then
    rm -rf "$socket_directory"
  fi
}

# A server is in a session of its own, so that Ctrl-C reaches only this script, which then stops it
# in order; and should this script be killed, the kernel asks the server to end. It must not inherit
# the lock.
serve() { exec setsid setpriv --pdeathsig TERM "$@" 9>&-; }

random_hex() { od -A n -N 32 -t x1 /dev/urandom | tr -d ' \n'; }

# Waits for up to 20 s until a command succeeds; gives up at once when the process is gone.
wait_until() { # pid, what, log, command…
  local pid=$1 what=$2 log=$3
  shift 3
  for _ in {1..200}; do
    kill -0 "$pid" 2>/dev/null || fail "$what ended." "$log"
    "$@" && return
    sleep 0.1
  done
  fail "$what is not ready after 20 s." "$log"
}

prepare_directory() {
  mkdir -p "$directory"
  chmod 700 "$directory"
  exec 9>"$directory/lock"
  flock -n 9 || fail "Another run is using $directory: end it first."
  rm -rf "$directory/redis" "$directory/ledger" "$directory/redis.log"
  rm -f "$settings" "$credentials" "$log"
  mkdir "$directory/redis"
  socket=$directory/redis/redis.sock
  # The address of a Unix socket has room for 107 bytes.
  if [ "${#socket}" -gt 107 ]; then
    socket_directory=$(mktemp -d)
    socket=$socket_directory/redis.sock
  fi
}

write_settings() {
  # What the caller's environment says about another Playmeter must not get in here.
  local name
  for name in "${!PLAYMETER_@}"; do unset "$name"; done
  admin_token=$(random_hex)
  host_secret=$(random_hex)
  cat >"$settings" <<END
# Made by deploy/run.sh for one run.
PLAYMETER_HTTP_ADDRESS=127.0.0.1:0
PLAYMETER_MANAGEMENT_ADDRESS=127.0.0.1:0
PLAYMETER_REDIS_URL=unix://$socket
PLAYMETER_REDIS_DURABILITY=strict
PLAYMETER_ARCHIVE_DIRECTORY=$directory/ledger
PLAYMETER_MASTER_KEY=$(random_hex)
PLAYMETER_ADMIN_TOKEN=$admin_token
PLAYMETER_HOST_SECRET=$host_secret
# Nobody listens there: nothing is streamed.
PLAYMETER_SIGNALING_URL=ws://127.0.0.1:9/
PLAYMETER_STUN_URLS=stun:127.0.0.1:3478
# One second here is one minute there.
PLAYMETER_HEARTBEAT_INTERVAL=2s
PLAYMETER_SESSION_TTL=6s
PLAYMETER_LAUNCHER_TTL=6s
PLAYMETER_GRACE=8s
PLAYMETER_BILLING_TICK=500ms
PLAYMETER_HOST_TTL=6s
PLAYMETER_MATCH_RESERVATION=8s
END
}

redis_answers() { [ "$(redis-cli -s "$socket" ping 2>/dev/null)" = PONG ]; }

start_redis() {
  command -v redis-server >/dev/null || fail "redis-server is missing: run \`make deps\`."
  serve redis-server config/redis.conf --port 0 --unixsocket "$socket" --unixsocketperm 700 \
    --dir "$directory/redis" --daemonize no --logfile "$directory/redis.log" &
  redis_pid=$!
  wait_until "$redis_pid" Redis "$directory/redis.log" redis_answers
  say Redis "a private one with config/redis.conf, on a Unix socket"
}

administer() { "$program" "$@" --env-file "$settings" 9>&-; }

# Before the service starts: it then knows the games from its first moment.
furnish() {
  local game id rate cafe
  administer check >/dev/null || fail "\`playmeter check\` finds fault with .run/playmeter.env."
  for game in "${games[@]}"; do
    read -r id rate <<<"$game"
    administer game create --id "$id" --name "$id" --rate "$rate" --json >>"$credentials"
    say Game "$id at $rate G-coin an hour"
  done
  for cafe in "${cafes[@]}"; do
    administer cafe create --id "$cafe" --name "$cafe" --cidr 127.0.0.0/8 --json >>"$credentials"
    administer cafe topup --id "$cafe" --amount "$payment" --ref opening >/dev/null
    say Cafe "$cafe with $payment G-coin"
  done
}

# The port of a listener, as the service logs it.
port_of() {
  grep --no-messages '"message":"listening"' "$log" | grep "\"listener\":\"$1\"" \
    | grep -o '"port":"\{0,1\}[0-9]*' | grep -o '[0-9]*$'
}

listens() { public_port=$(port_of public) && management_port=$(port_of management); }

# Without curl, which need not be here.
is_ready() {
  local status=''
  {
    printf 'GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&3
    read -r -t 2 _ status _ <&3
  } 3<>"/dev/tcp/127.0.0.1/$public_port" 2>/dev/null || true
  [ "$status" = 200 ]
}

start_service() {
  serve "$program" serve --env-file "$settings" >"$log" 2>&1 &
  service_pid=$!
  wait_until "$service_pid" "The service" "$log" listens
  wait_until "$service_pid" "The service" "$log" is_ready
  say Service "http://127.0.0.1:$public_port, for its operator http://127.0.0.1:$management_port"
  say Files "settings, secrets, logs and data are in .run"
  echo
}

# In the background, so that a signal to this script need not wait for its end.
perform() {
  PLAYMETER_ADMIN_TOKEN=$admin_token PLAYMETER_HOST_SECRET=$host_secret \
    setpriv --pdeathsig TERM "$program" demo \
    --url "http://127.0.0.1:$public_port" \
    --management-url "http://127.0.0.1:$management_port" \
    --credentials "$credentials" 9>&- &
  demo_pid=$!
  local status=0
  wait "$demo_pid" || status=$?
  demo_pid=
  return "$status"
}

keep() {
  cat <<END

The service stays up until Ctrl-C.
  Public       http://127.0.0.1:$public_port
  Management   http://127.0.0.1:$management_port, with the admin token in .run/playmeter.env
  For example:
    . .run/playmeter.env
    curl -H "Authorization: Bearer \$PLAYMETER_ADMIN_TOKEN" \\
      http://127.0.0.1:$management_port/v1/admin/cafes
    ${program#"$PWD/"} session list --env-file .run/playmeter.env
END
  trap 'exit 0' INT TERM
  wait "$service_pid" || true
  fail "The service ended." "$log"
}

trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

[ -x "$program" ] || fail "$program is missing: run \`make build\` first."
prepare_directory
write_settings
start_redis
furnish
start_service
status=0
perform || status=$?
if [ "${KEEP:-}" = 1 ]; then
  keep
fi
exit "$status"
