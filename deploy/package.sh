#!/bin/sh
# Packs the built program as a Debian package for this Debian and this architecture; `make deb`
# calls it. Prints the path of the package.
set -eu
cd "$(dirname "$0")/.."

program=${1:-.build/release/playmeter}
out=${2:-.build/deb}

if [ ! -x "$program" ]; then
  echo "$program is missing: run \`make release\` first." >&2
  exit 1
fi
version=$("$program" --version)
architecture=$(dpkg --print-architecture)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
share=$root/usr/share

install -D -m 0755 "$program" "$root/usr/bin/playmeter"
# A third of the file is for debuggers alone. The names of functions stay, for what a crash leaves.
strip --strip-debug "$root/usr/bin/playmeter"

install -d "$root/lib/systemd/system"
sed 's|/usr/local/bin/playmeter|/usr/bin/playmeter|' deploy/playmeter.service \
  >"$root/lib/systemd/system/playmeter.service"
install -m 0644 deploy/playmeter.socket "$root/lib/systemd/system/playmeter.socket"

# The settings of a packaged installation: where the key and the archive are.
install -d -m 0755 "$root/etc/playmeter"
install -d -m 0700 "$root/etc/playmeter/secrets"
sed -e 's|^#PLAYMETER_MASTER_KEY=$|PLAYMETER_MASTER_KEY_FILE=/etc/playmeter/secrets/MASTER_KEY|' \
  -e 's|^#PLAYMETER_ARCHIVE_DIRECTORY=$|PLAYMETER_ARCHIVE_DIRECTORY=/var/lib/playmeter/ledger|' \
  config/playmeter.env.example >"$root/etc/playmeter/playmeter.env"
chmod 0640 "$root/etc/playmeter/playmeter.env"
install -m 0644 config/redis.conf "$root/etc/playmeter/redis.conf"

install -d "$share/man/man1" "$share/doc/playmeter"
"$program" --experimental-dump-help | deploy/manpage.py "$version" |
  gzip -9nc >"$share/man/man1/playmeter.1.gz"
gzip -9nc CHANGELOG.md >"$share/doc/playmeter/changelog.gz"
install -m 0644 LICENSE "$share/doc/playmeter/copyright"
install -m 0644 README.md "$share/doc/playmeter/README.md"

install -d "$share/bash-completion/completions" "$share/zsh/vendor-completions" \
  "$share/fish/vendor_completions.d"
"$program" --generate-completion-script bash >"$share/bash-completion/completions/playmeter"
"$program" --generate-completion-script zsh >"$share/zsh/vendor-completions/_playmeter"
"$program" --generate-completion-script fish >"$share/fish/vendor_completions.d/playmeter.fish"

install -d "$root/DEBIAN"
install -m 0755 deploy/debian/postinst deploy/debian/prerm deploy/debian/postrm "$root/DEBIAN/"
printf '%s\n' /etc/playmeter/playmeter.env /etc/playmeter/redis.conf >"$root/DEBIAN/conffiles"

# The libraries' packages and versions, as Debian's own tool finds them.
mkdir "$work/debian"
printf 'Source: playmeter\nMaintainer: -\n\nPackage: playmeter\nArchitecture: any\n' \
  >"$work/debian/control"
libraries=$(cd "$work" && dpkg-shlibdeps -O "root/usr/bin/playmeter" 2>"$work/faults") || {
  cat "$work/faults" >&2
  exit 1
}
cat >"$root/DEBIAN/control" <<END
Package: playmeter
Version: $version
Architecture: $architecture
Maintainer: Playmeter <playmeter@localhost>
Section: net
Priority: optional
Installed-Size: $(du -sk "$root" | cut -f 1)
Depends: ${libraries#shlibs:Depends=}, init-system-helpers, passwd, procps
Recommends: tzdata
Suggests: redis-server (>= 5:7.0)
Description: metering for paid play in PC cafes
 Cafes prepay, a launcher on each PC starts a session, a game server trades its
 one-time token for a paid game session, and Playmeter bills it to the
 milli-G-coin, with a ledger that anyone can recompute. Beside that a registry
 and matchmaker of gaming PCs for WebRTC clients. It keeps everything in Redis.
END

mkdir -p "$out"
package=$out/playmeter_${version}_$architecture.deb
dpkg-deb --root-owner-group --build "$root" "$package" >/dev/null
echo "$package"
