#!/bin/sh
# What test-package.sh runs inside the booted container.
set -eu

step() { echo "* $*"; }

fail() {
  echo "FAILED: $*"
  systemctl --no-pager status playmeter redis-server || true
  journalctl --no-pager -u playmeter -n 30 || true
  exit 1
}

property() { systemctl show --property="$1" --value playmeter; }

# Waits up to 20 s for what a command prints to contain a text.
expect() { # text, command…
  text=$1
  shift
  for _ in $(seq 200); do
    case $("$@" 2>&1 || true) in
      *"$text"*) return 0 ;;
    esac
    sleep 0.1
  done
  fail "'$*' never said: $text"
}

ready() { curl --silent --output /dev/null --write-out '%{http_code}' "http://127.0.0.1:8080$1"; }

playmeter_here() { playmeter "$@" --env-file /etc/playmeter/playmeter.env; }

milliseconds() { date +%s%3N; }

step "dpkg installs it, and it runs, though Redis is not fit for money yet"
dpkg --install /root/playmeter.deb
expect active property ActiveState
expect 200 ready /healthz
expect 503 ready /readyz
expect "Redis keeps no append-only file" property StatusText

step "with the Redis configuration it serves"
echo "include /etc/playmeter/redis.conf" >>/etc/redis/redis.conf
systemctl restart redis-server
expect 200 ready /readyz
expect serving property StatusText
playmeter_here check

step "secrets are root's alone, and the service has its own"
[ "$(stat -c %U:%a /etc/playmeter/secrets/MASTER_KEY)" = root:600 ] || fail "mode of the key"
if runuser -u playmeter -- cat /etc/playmeter/secrets/MASTER_KEY 2>/dev/null; then
  fail "the service's user reads the key"
fi
[ "$(ps -o user= -C playmeter | sort -u)" = playmeter ] || fail "it runs as somebody else"
playmeter_here game create --id tower --name Tower --rate 36 >/dev/null
playmeter_here cafe create --id north --name North --cidr 203.0.113.0/24 >/dev/null
playmeter_here cafe topup --id north --amount 500 --ref first >/dev/null

step "a restart"
before=$(milliseconds)
systemctl restart playmeter
echo "  accepts connections after $(($(milliseconds) - before)) ms"
expect 200 ready /readyz
echo "  ready after $(($(milliseconds) - before)) ms"

step "with its socket nobody is refused during a restart"
systemctl stop playmeter
systemctl start playmeter.socket
systemctl start playmeter
expect 200 ready /readyz
refused=/root/refused
rm -f "$refused"
(
  for _ in $(seq 100); do
    [ "$(ready /healthz)" = 200 ] || echo refused >>"$refused"
    sleep 0.02
  done
) &
asking=$!
before=$(milliseconds)
systemctl restart playmeter
echo "  restarted after $(($(milliseconds) - before)) ms"
wait "$asking"
[ ! -e "$refused" ] || fail "$(wc -l <"$refused") of 100 requests failed"
systemctl kill --signal=KILL playmeter
expect 200 ready /readyz
systemctl stop playmeter.socket playmeter
systemctl start playmeter
expect 200 ready /readyz

step "a service that is stuck is started anew by the watchdog"
mkdir -p /run/systemd/system/playmeter.service.d
printf '[Service]\nWatchdogSec=2s\nRestartSec=100ms\n' \
  >/run/systemd/system/playmeter.service.d/short.conf
systemctl daemon-reload
systemctl restart playmeter
expect serving property StatusText
stuck=$(property MainPID)
kill -STOP "$stuck"
for _ in $(seq 200); do
  # There is no main process between the end and the next start.
  [ "$(property NRestarts)" -eq 0 ] || break
  sleep 0.1
done
[ "$(property NRestarts)" -ge 1 ] || fail "the watchdog did nothing"
expect 200 ready /readyz

step "Redis dies and comes back; the service waits for it"
main=$(property MainPID)
systemctl kill --signal=KILL redis-server
systemctl stop redis-server
expect 503 ready /readyz
systemctl start redis-server
expect 200 ready /readyz
[ "$(property MainPID)" = "$main" ] || fail "it was started anew"
playmeter_here reconcile

step "an upgrade keeps the settings and the key"
key=$(cat /etc/playmeter/secrets/MASTER_KEY)
echo "PLAYMETER_LOG_LEVEL=debug" >>/etc/playmeter/playmeter.env
dpkg --force-confold --install /root/playmeter.deb
[ "$(cat /etc/playmeter/secrets/MASTER_KEY)" = "$key" ] || fail "another key"
grep -q LOG_LEVEL=debug /etc/playmeter/playmeter.env || fail "other settings"
expect 200 ready /readyz

step "man page and completions are there"
for file in man/man1/playmeter.1.gz bash-completion/completions/playmeter \
  zsh/vendor-completions/_playmeter fish/vendor_completions.d/playmeter.fish; do
  [ -s "/usr/share/$file" ] || fail "$file is missing"
done

step "removal stops it, a purge forgets the key and leaves the ledger's archive"
dpkg --remove playmeter
expect inactive property ActiveState
dpkg --purge playmeter
[ ! -e /etc/playmeter/secrets ] || fail "the key is left"
ls /var/lib/playmeter/ledger/*.jsonl >/dev/null || fail "the archive is gone"

echo "The package works."
