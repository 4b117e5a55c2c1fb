#!/bin/sh
# Installs the Debian packages that are missing for what its arguments name: `build`, `run`,
# `test`, `bench`, `package`, `test-package`. Uses sudo when it is not root. Does nothing, and asks
# for nothing, when everything is there. For `test` it also installs schemathesis, in `.build`.
set -eu
cd "$(dirname "$0")/.."

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    echo "This needs root, and there is no sudo. Run as root: $*" >&2
    exit 1
  fi
}

packages_for() {
  case $1 in
    # Redis' reply parser, OpenSSL's libcrypto and their pkg-config files; zlib for the
    # archive and the HTTP libraries; git and certificates to fetch Swift packages.
    build) echo libhiredis-dev libssl-dev pkg-config zlib1g-dev git ca-certificates ;;
    # A redis-server of its own, and util-linux' setpriv, under which nothing outlives the script.
    run) echo redis-server util-linux ;;
    # The same for the tests, a TURN server, a load balancer, and what makes certificates; the
    # linters of `make lint`; time zones for settlement months; Python, in which the README checks a
    # ledger, and its environments, in one of which schemathesis runs; promtool, which judges the
    # metrics and the alerts.
    test)
      echo redis-server util-linux coturn haproxy openssl lua-check shellcheck tzdata python3 \
        python3-venv prometheus
      ;;
    # What makes the load of the benchmarks, with a compiler for a part of it; the server that they
    # compare with; what counts instructions, and strips the program for that; what runs them.
    bench) echo wrk gcc libc6-dev libssl-dev nginx valgrind binutils python3 ;;
    # What finds the libraries that a package depends on; what writes its man page.
    package) echo dpkg-dev python3 ;;
    # A fresh Debian, and a container to boot it in.
    test-package) echo debootstrap systemd-container ;;
    *)
      echo "usage: $0 [build] [run] [test] [bench] [package] [test-package]" >&2
      exit 2
      ;;
  esac
}

is_installed() {
  [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# A policy that forbids packages to start services while they are installed: the tests bring their
# own redis-server and coturn; a Redis on port 6379 or a Prometheus on 9090 that nobody asked for
# would be in the way, and a TURN server that anybody can reach is none of this project's business.
# A policy that is there already is left alone.
install_quietly() {
  policy=/usr/sbin/policy-rc.d
  if [ ! -e $policy ]; then
    trap 'as_root rm -f $policy' EXIT
    trap 'exit 1' HUP INT TERM
    printf '#!/bin/sh\nexit 101\n' | as_root tee $policy >/dev/null
    as_root chmod 755 $policy
  fi
  as_root apt-get update --quiet
  as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install --yes --quiet --no-install-recommends "$@"
}

# Also not at the next start of the machine, and not if the machine's own policy let it start. A
# service that was there before is none that this script installed, and goes on.
leave_off() {
  if command -v systemctl >/dev/null; then
    as_root systemctl --quiet disable "$1.service" || true
  fi
  if [ -d /run/systemd/system ]; then
    as_root systemctl stop "$1.service"
  fi
  echo "Debian's $1.service is left off. To use it: systemctl enable --now $1"
}

# Debian has no package of schemathesis, and keeps pip out of its own Python. So it gets an
# environment of its own, which is made anew when the list of versions changes, and only then.
install_schemathesis() {
  versions=Tests/OpenAPI/requirements.txt
  place=.build/schemathesis
  if cmp --silent $versions $place/installed.txt; then
    return
  fi
  echo "Installing in $place what $versions lists"
  rm -rf $place
  python3 -m venv $place
  $place/bin/pip --quiet --disable-pip-version-check install --requirement $versions
  cp $versions $place/installed.txt
}

if ! command -v swift >/dev/null; then
  echo "Swift 6.2 or later is needed: https://www.swift.org/install/linux/" >&2
  exit 1
fi
if ! command -v apt-get >/dev/null; then
  echo "No apt-get here: see deploy/dependencies.sh for what to install by other means." >&2
  exit 0
fi

missing=
for purpose in "$@"; do
  packages=$(packages_for "$purpose")
  for package in $packages; do
    is_installed "$package" || missing="$missing $package"
  done
done

if [ -n "$missing" ]; then
  echo "Installing with apt-get what is missing to $*:$missing"
  # shellcheck disable=SC2086 # a list of package names
  install_quietly $missing
fi
for service in redis-server coturn prometheus nginx; do
  case "$missing " in
    *" $service "*) leave_off "$service" ;;
  esac
done
case " $* " in
  *" test "*) install_schemathesis ;;
esac
