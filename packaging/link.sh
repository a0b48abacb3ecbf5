#!/bin/sh
# link.sh DIR FILE...: links each FILE into DIR. Leaves what is not a link alone, and says what to do when it cannot.
set -eu

dir=$1
shift

wanted=''
for file in "$@"; do
  link="$dir/$(basename "$file")"
  [ "$(readlink "$link" 2>/dev/null)" = "$file" ] && continue
  if [ -e "$link" ] && [ ! -L "$link" ]; then
    echo "link: $link is a file of its own: left alone; this build is $file" >&2
    continue
  fi
  wanted="$wanted $file"
done
[ -n "$wanted" ] || exit 0

sudo=''
parent=$dir
while [ ! -e "$parent" ]; do parent=$(dirname "$parent"); done
if [ ! -w "$parent" ]; then
  if command -v sudo >/dev/null 2>&1 && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
    sudo=sudo
  else
    echo "link: $dir is not writable: run  sudo ln -sfn$wanted $dir/" >&2
    echo "link: or use the programs where they are: $(dirname "$1")" >&2
    exit 0
  fi
fi

$sudo mkdir -p "$dir"
$sudo ln -sfn $wanted "$dir/"
echo "link: ${sudo:+sudo }$dir:$(for file in $wanted; do printf ' %s' "$(basename "$file")"; done)"
