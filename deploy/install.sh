#!/bin/sh
# Installs the program, its systemd units and its settings; `make install` calls it. Settings that
# are there already are never changed. PREFIX says where the program goes. With DESTDIR everything
# is only staged below that directory: no user, no key, no systemd.
set -eu
cd "$(dirname "$0")/.."

PREFIX=${PREFIX:-/usr/local}
DESTDIR=${DESTDIR:-}
program=.build/release/playmeter
settings=$DESTDIR/etc/playmeter
share=$DESTDIR$PREFIX/share/playmeter
units=$DESTDIR/etc/systemd/system
# Staged files belong to whoever stages them.
group=${DESTDIR:+$(id -gn)}
group=${group:-playmeter}

if [ ! -x $program ]; then
  echo "$program is missing: run \`make release\` first." >&2
  exit 1
fi
if [ -z "$DESTDIR" ] && [ "$(id -u)" -ne 0 ]; then
  echo "Installing needs root: make release && sudo make install" >&2
  exit 1
fi

create_user() {
  if ! getent passwd playmeter >/dev/null; then
    useradd --system --user-group --home-dir /var/lib/playmeter --no-create-home \
      --shell /usr/sbin/nologin playmeter
    echo "Created the system user playmeter."
  fi
  # The unit makes this directory too; without systemd nobody else would.
  install -d -m 0750 -o playmeter -g playmeter /var/lib/playmeter
}

# Puts a configuration file in place if there is none. If there is one, and this version's original
# is not the one that was installed before, puts the new original beside it.
install_settings() { # original, name, mode
  target=$settings/$2
  if [ ! -e "$target" ]; then
    install -m "$3" -g "$group" "$1" "$target"
  elif ! cmp -s "$1" "$share/$2"; then
    install -m "$3" -g "$group" "$1" "$target.new"
    echo "Kept $target; this version's original is $target.new"
  fi
  install -m 0644 "$1" "$share/$2"
}

# Puts a line in place of the commented or empty one of a setting, once. Works on a copy, so that an
# interruption leaves either file whole.
fill_in() { # setting, line
  file=$settings/playmeter.env
  install -m 0640 -g "$group" /dev/null "$file.tmp"
  awk -v name="$1" -v line="$2" '
    $0 ~ "^#? *" name "=" && !done { print line; done = 1; next }
    { print }
    END { if (!done) print line }
  ' "$file" >"$file.tmp"
  mv "$file.tmp" "$file"
}

is_set() { grep -q "^$1\(_FILE\)\{0,1\}=." "$settings/playmeter.env"; }

# The key is a file that only root reads; systemd hands it to the service, and the setting names it
# for commands. Settings that hold the key themselves stay as they are.
complete_settings() {
  key=/etc/playmeter/secrets/MASTER_KEY
  if ! is_set PLAYMETER_MASTER_KEY; then
    if [ ! -e $key ]; then
      (umask 077 && od -A n -N 32 -t x1 /dev/urandom | tr -d ' \n' >$key.tmp)
      mv $key.tmp $key
      echo "Generated $key. Keep a copy of it in a safe place."
    fi
    fill_in PLAYMETER_MASTER_KEY PLAYMETER_MASTER_KEY_FILE=$key
  fi
  if ! is_set PLAYMETER_ARCHIVE_DIRECTORY; then
    fill_in PLAYMETER_ARCHIVE_DIRECTORY PLAYMETER_ARCHIVE_DIRECTORY=/var/lib/playmeter/ledger
  fi
}

say_what_remains() {
  cat <<END
Installed $PREFIX/bin/playmeter. What remains:
  1. Give Redis this line, the last one of /etc/redis/redis.conf, and restart it:
       include /etc/playmeter/redis.conf
  2. Read and complete /etc/playmeter/playmeter.env; check it:
       playmeter check --env-file /etc/playmeter/playmeter.env
END
  if [ -d /run/systemd/system ]; then
    echo "  3. Start it: systemctl enable --now playmeter"
    echo "     (after an upgrade: systemctl restart playmeter)"
  else
    echo "  3. systemd does not run here. Start it as the user playmeter:"
    echo "       playmeter serve --env-file /etc/playmeter/playmeter.env"
  fi
}

[ -n "$DESTDIR" ] || create_user
install -d -m 0755 "$DESTDIR$PREFIX/bin" "$share" "$units" "$settings"
install -d -m 0700 "$settings/secrets"
install -m 0755 $program "$DESTDIR$PREFIX/bin/playmeter"
sed "s|/usr/local/bin/playmeter|$PREFIX/bin/playmeter|" deploy/playmeter.service \
  >"$units/playmeter.service"
chmod 0644 "$units/playmeter.service"
install -m 0644 deploy/playmeter.socket "$units/playmeter.socket"
install_settings config/playmeter.env.example playmeter.env 0640
# Redis' own user reads this one, and it holds no secret of ours.
install_settings config/redis.conf redis.conf 0644

if [ -n "$DESTDIR" ]; then
  echo "Staged below $DESTDIR. playmeter.env belongs to root:playmeter and needs a master key."
  exit 0
fi
complete_settings
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload
fi
say_what_remains
