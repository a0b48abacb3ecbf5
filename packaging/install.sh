#!/bin/sh
# install.sh STAGE DESTDIR PREFIX: copies a staged tree into place; with an empty DESTDIR also makes user and groups.
set -eu

stage=$1
root=$2
prefix=$3
lib=$root$prefix/lib/idsd

mkdir -p "$root$prefix/lib" "$root$prefix/bin" "$root/etc/idsd"

# A running daemon keeps its old files until it is restarted.
rm -rf "$lib.new" "$lib.old"
cp -R "$stage" "$lib.new"
[ "$(id -u)" != 0 ] || chown -R root:root "$lib.new"
chmod -R u=rwX,go=rX "$lib.new"
[ ! -e "$lib" ] || mv "$lib" "$lib.old"
mv "$lib.new" "$lib"
rm -rf "$lib.old"
ln -sfn "$prefix/lib/idsd/bin/idsd" "$prefix/lib/idsd/bin/idsctl" "$root$prefix/bin/"
echo "install: $lib, $root$prefix/bin/idsd, $root$prefix/bin/idsctl"

if [ -e "$root/etc/idsd/idsd.toml" ]; then
  echo "install: $root/etc/idsd/idsd.toml is there already: left alone"
else
  install -m 0644 "$stage/idsd.toml" "$root/etc/idsd/idsd.toml"
  echo "install: $root/etc/idsd/idsd.toml"
fi

[ -n "$root" ] || "$(dirname "$0")/system-user.sh" add

if [ -n "$root" ] || [ -d /etc/systemd/system ]; then
  mkdir -p "$root/etc/systemd/system"
  install -m 0644 "$stage/idsd.service" "$root/etc/systemd/system/idsd.service"
  [ -n "$root" ] || [ ! -d /run/systemd/system ] || systemctl daemon-reload
  echo "install: $root/etc/systemd/system/idsd.service; set interfaces in /etc/idsd/idsd.toml, then: systemctl enable --now idsd"
else
  echo 'install: no systemd here: unit skipped'
fi
