#!/bin/sh
# Finds what a task needs and installs what is missing with apt.
#
#   packages.sh build|test|train   say what is missing, install it (SKIP_DEPS=1: only say); build makes the user idsd too
#   packages.sh bpftool            print the path of a bpftool that runs on this machine
#   packages.sh fuzzer             print `yes` when clang can build fuzz targets
set -eu

# Debian keeps administrators' tools out of an ordinary user's PATH.
PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
export PATH

missing=''

# need PACKAGE COMMAND...: PACKAGE is missing unless every command exists.
need() {
  package=$1
  shift
  for command in "$@"; do
    command -v "$command" >/dev/null 2>&1 && continue
    missing="$missing $package"
    return
  done
}

# need_header PACKAGE FILE: the same for a C header.
need_header() {
  [ -e "/usr/include/$2" ] || [ -e "/usr/local/include/$2" ] || missing="$missing $1"
}

# Ubuntu's /usr/sbin/bpftool is a wrapper that fails when no tools for the running kernel are installed; those of
# any other kernel do.
find_bpftool() {
  for candidate in bpftool $(ls -d /usr/lib/linux-tools/*/bpftool /usr/lib/linux-tools-*/bpftool 2>/dev/null | sort -rV); do
    "$candidate" version >/dev/null 2>&1 || continue
    command -v "$candidate"
    return
  done
  return 1
}

has_candidate() {
  apt-cache policy "$1" 2>/dev/null | grep -q 'Candidate: [^(]'
}

# bpftool has a package of its own in Debian and newer Ubuntu; before, it came with the kernel's tools.
bpftool_packages() {
  if has_candidate bpftool; then
    echo bpftool
  elif has_candidate "linux-tools-$(uname -r)"; then
    echo "linux-tools-common linux-tools-$(uname -r)"
  else
    echo 'linux-tools-common linux-tools-generic'
  fi
}

# The fuzzer and the sanitizers that clang links are in a package of their own.
can_fuzz() {
  echo 'int LLVMFuzzerTestOneInput(void) { return 0; }' |
    "${CLANG:-clang}" -fsanitize=fuzzer,address,undefined -x c - -o /dev/null 2>/dev/null
}

# It is named after clang's version.
clang_runtime() {
  version=$("${CLANG:-clang}" -dumpversion 2>/dev/null | cut -d. -f1)
  echo "libclang-rt-${version:+$version-}dev"
}

# Where there is no such package, another one has the same files: before Debian 12 and Ubuntu 22.10.
clang_runtime_package() {
  if has_candidate "$1"; then
    echo "$1"
  else
    echo "$1" | sed 's/-rt-/-common-/'
  fi
}

needs_of_build() {
  need build-essential gcc g++ make
  need_header build-essential linux/bpf.h
  need clang clang
  need llvm llvm-strip
  need npm npm
  # When no prebuilt better-sqlite3 can be fetched, npm compiles it, and node-gyp is Python.
  need python3 python3
  need_header libbpf-dev bpf/libbpf.h
  need_header libelf-dev libelf.h
  need_header zlib1g-dev zlib.h
  need_header libzstd-dev zstd.h
  [ -n "${NODE_INCLUDE:-}" ] && [ -e "$NODE_INCLUDE/uv.h" ] || need_header libuv1-dev uv.h
  find_bpftool >/dev/null || missing="$missing bpftool"
}

needs_of_test() {
  need iproute2 ip
  need util-linux nsenter flock
  need ethtool ethtool
  need tcpdump tcpdump
  need iptables iptables
  need sudo sudo
  need openssl openssl
  need zsh zsh
  can_fuzz || missing="$missing $(clang_runtime)"
}

needs_of_train() {
  need python3 python3
  python3 -c 'import ensurepip, venv' 2>/dev/null || missing="$missing python3-venv"
}

install_missing() {
  missing=$(printf '%s\n' $missing | sort -u | tr '\n' ' ' | sed 's/ $//')
  [ -n "$missing" ] || return 0
  if [ -n "${SKIP_DEPS:-}" ]; then
    echo "packages: missing for '$1': $missing (SKIP_DEPS is set: left alone)" >&2
    return 0
  fi
  if ! command -v apt-get >/dev/null 2>&1; then
    echo "packages: '$1' needs what Debian calls: $missing" >&2
    echo "packages: there is no apt-get here: install them by hand, then run make SKIP_DEPS=1" >&2
    exit 1
  fi

  sudo=''
  if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null 2>&1; then
      echo "packages: '$1' needs: $missing" >&2
      echo "packages: not root and no sudo: have them installed, or run make SKIP_DEPS=1" >&2
      exit 1
    fi
    sudo=sudo
  fi

  apt="$sudo env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300"
  echo "packages: '$1' needs $missing: installing with ${sudo:+sudo }apt-get (SKIP_DEPS=1 leaves packages alone)"
  $apt update
  # Which package has the files is known once the lists are there.
  case " $missing " in
    *" $(clang_runtime) "*)
      missing="$(printf '%s' " $missing " | sed "s/ $(clang_runtime) / /") $(clang_runtime_package "$(clang_runtime)")"
      ;;
  esac
  case " $missing " in
    *' bpftool '*) missing="$(printf '%s' " $missing " | sed 's/ bpftool / /') $(bpftool_packages)" ;;
  esac
  $apt install -y --no-install-recommends $missing
}

case ${1:-} in
  bpftool) find_bpftool || echo bpftool ;;
  fuzzer) if can_fuzz; then echo yes; fi ;;
  build | test | train)
    "needs_of_$1"
    install_missing "$1"
    if [ "$1" = build ] && [ -z "${SKIP_DEPS:-}" ]; then "$(dirname "$0")/system-user.sh" add; fi
    ;;
  *)
    echo 'usage: packages.sh build|test|train|bpftool|fuzzer' >&2
    exit 2
    ;;
esac
