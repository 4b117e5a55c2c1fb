#!/bin/sh
# Installs the Debian package in a fresh Debian, boots that with systemd in a container, and looks
# at the service as an operator does. `make test-package` calls it with what `make deb` made.
# Needs root, two minutes and a gigabyte of /tmp; leaves nothing behind.
set -eu
cd "$(dirname "$0")/.."

package=$1
if [ "$(id -u)" -ne 0 ]; then
  echo "A container needs root: sudo make test-package" >&2
  exit 1
fi

root=$(mktemp -d)
chmod 0755 "$root"
trap 'rm -rf --one-file-system "$root"' EXIT
trap 'exit 1' HUP INT TERM

# The same Debian as this one, from where this one gets its packages.
# shellcheck source=/dev/null
suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
mirror=$(apt-get indextargets --format "\$(SITE)" 'Created-By: Packages' | head -n 1)
libraries=$(dpkg-deb --field "$package" Depends | sed 's/([^)]*)//g; s/ //g')
echo "Making a fresh $suite …"
debootstrap --variant=minbase \
  --include="systemd-sysv,dbus,redis-server,curl,procps,tzdata,$libraries" \
  "$suite" "$root" "$mirror" >"$root.log" 2>&1 || {
  tail -n 20 "$root.log" >&2
  exit 1
}
rm -f "$root.log"

cp "$package" "$root/root/playmeter.deb"
install -m 0755 deploy/test-package-inside.sh "$root/root/check"
cat >"$root/etc/systemd/system/check.service" <<'END'
[Unit]
After=dbus.service redis-server.service
SuccessAction=poweroff
FailureAction=poweroff

[Service]
Type=oneshot
ExecStart=/root/check
StandardOutput=file:/root/output
StandardError=file:/root/output
TimeoutStartSec=300

[Install]
WantedBy=multi-user.target
END
systemctl --root="$root" --quiet enable check.service

echo "Booting it …"
timeout --kill-after=10 240 systemd-nspawn --quiet --directory="$root" --register=no --keep-unit \
  --private-network --boot >"$root/root/boot" 2>&1 || true
cat "$root/root/output" || true
if ! grep -qx 'The package works.' "$root/root/output"; then
  tail -n 20 "$root/root/boot" >&2
  exit 1
fi
