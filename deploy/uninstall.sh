#!/bin/sh
# Removes what install.sh put there, except what cannot be made again: settings, the master key, the
# ledger's archive, and the user that owns them.
set -eu

PREFIX=${PREFIX:-/usr/local}
DESTDIR=${DESTDIR:-}

if [ -z "$DESTDIR" ]; then
  if [ "$(id -u)" -ne 0 ]; then
    echo "Uninstalling needs root: sudo make uninstall" >&2
    exit 1
  fi
  if [ -d /run/systemd/system ] && [ -e /etc/systemd/system/playmeter.service ]; then
    # The socket first: a connection would start the service again.
    systemctl disable --now playmeter.socket playmeter.service
  fi
fi

rm -f "$DESTDIR$PREFIX/bin/playmeter" "$DESTDIR/etc/systemd/system/playmeter.service" \
  "$DESTDIR/etc/systemd/system/playmeter.socket"
rm -rf "$DESTDIR$PREFIX/share/playmeter"

if [ -z "$DESTDIR" ] && [ -d /run/systemd/system ]; then
  systemctl daemon-reload
fi
echo "Removed the program and its units. Left in place:"
echo "  $DESTDIR/etc/playmeter      settings and the master key, without which no launcher signs in"
echo "  $DESTDIR/var/lib/playmeter  the ledger's archive"
echo "  the user playmeter, and whatever is in Redis"
