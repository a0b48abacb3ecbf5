#!/bin/sh
# fetch-promtool.sh FILE: links the promtool of the machine to FILE, or unpacks it from Debian's prometheus package
# without installing that (installed, it would start a server).
set -eu

file=$1
if command -v promtool >/dev/null 2>&1; then
  ln -sfn "$(command -v promtool)" "$file"
  exit 0
fi

if ! command -v apt-get >/dev/null 2>&1; then
  echo "promtool: not found and no apt-get here: put one on PATH" >&2
  exit 1
fi

sudo=''
[ "$(id -u)" = 0 ] || sudo=sudo
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$(dirname "$file")"
target=$PWD/$(basename "$file")
cd "$folder"
apt-cache show prometheus >/dev/null 2>&1 || $sudo apt-get -qq update
# As root apt drops to its own user for a download, which could not write here.
apt-get -qq -o APT::Sandbox::User="$(id -un)" download prometheus
dpkg-deb -x prometheus_*.deb tree
mv tree/usr/bin/promtool "$target"
