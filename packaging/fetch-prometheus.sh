#!/bin/sh
# fetch-prometheus.sh FOLDER: links prometheus and promtool of the machine into FOLDER, or unpacks them from Debian's
# prometheus package without installing that (installed, it would start a server).
set -eu

mkdir -p "$1"
target=$(cd "$1" && pwd)
if command -v promtool >/dev/null 2>&1 && command -v prometheus >/dev/null 2>&1; then
  ln -sfn "$(command -v promtool)" "$target/promtool"
  ln -sfn "$(command -v prometheus)" "$target/prometheus"
  exit 0
fi

if ! command -v apt-get >/dev/null 2>&1; then
  echo "prometheus, promtool: not found and no apt-get here: put them on PATH" >&2
  exit 1
fi

sudo=''
[ "$(id -u)" = 0 ] || sudo=sudo
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-cache show prometheus >/dev/null 2>&1 || $sudo apt-get -qq update
# As root apt drops to its own user for a download, which could not write here.
apt-get -qq -o APT::Sandbox::User="$(id -un)" download prometheus
dpkg-deb -x prometheus_*.deb tree
mv tree/usr/bin/promtool tree/usr/bin/prometheus "$target/"
