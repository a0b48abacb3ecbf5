#!/bin/sh
# uninstall.sh DESTDIR PREFIX: undoes install.sh, and the links that a plain `make` puts into PREFIX/bin.
set -eu

root=$1
prefix=$2
unit=$root/etc/systemd/system/idsd.service

if [ -e "$unit" ]; then
  [ -n "$root" ] || [ ! -d /run/systemd/system ] || systemctl disable --now idsd.service
  rm -f "$unit"
  [ -n "$root" ] || [ ! -d /run/systemd/system ] || systemctl daemon-reload
fi

# Entries stay in force when the daemon stops; nobody is left to expire or lift them by hand.
if [ -z "$root" ] && [ -x "$prefix/lib/idsd/bin/idsd" ] && [ -n "$(ls -A /sys/fs/bpf/idsd 2>/dev/null)" ]; then
  "$prefix/lib/idsd/bin/idsd" --detach || echo 'uninstall: detaching failed: see /sys/fs/bpf/idsd' >&2
fi

for name in idsd idsctl; do
  link=$root$prefix/bin/$name
  [ ! -L "$link" ] || rm -f "$link"
done
rm -rf "$root$prefix/lib/idsd"

[ -n "$root" ] || "$(dirname "$0")/system-user.sh" remove
echo "uninstall: done; kept: $root/etc/idsd (configuration), $root/var/lib/idsd (decisions, alerts, flows)"
