#!/bin/sh
# system-user.sh add|remove: the user that idsd becomes, its group (operators), and the group of readers.
set -eu

PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
export PATH

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null 2>&1; then
    sudo "$@"
  else
    return 1
  fi
}

has() {
  getent "$1" "$2" >/dev/null
}

add() {
  has group idsd || as_root groupadd --system idsd || return 1
  has group idsd-read || as_root groupadd --system idsd-read || return 1
  has passwd idsd || as_root useradd --system --gid idsd --no-create-home --home-dir /nonexistent \
    --shell /usr/sbin/nologin --comment 'idsd, intrusion prevention' idsd || return 1
}

case ${1:-} in
  add)
    has passwd idsd && has group idsd-read && exit 0
    if add; then
      echo 'user: idsd, which the daemon becomes; group idsd may do everything with idsctl, idsd-read only look:'
      echo '      sudo usermod -aG idsd NAME'
    else
      echo 'user: there is no user idsd, and it cannot be made without root: idsd stays root' >&2
    fi
    ;;
  remove)
    has passwd idsd && as_root userdel idsd
    for group in idsd idsd-read; do
      has group "$group" && as_root groupdel "$group"
    done
    exit 0
    ;;
  *)
    echo 'usage: system-user.sh add|remove' >&2
    exit 2
    ;;
esac
