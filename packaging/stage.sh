#!/bin/sh
# stage.sh DIR: collects what an installation needs into DIR, laid out as the checkout is, so that every relative path
# holds. NODE, NPM and PREFIX come from the environment.
set -eu

stage=$1
lib=$PREFIX/lib/idsd
rm -rf "$stage"
mkdir -p "$stage/bin" "$stage/build"

mkdir -p "$stage/build/bpf" "$stage/build/cli" "$stage/build/daemon" "$stage/build/host"
cp build/bpf/*.bpf.o "$stage/build/bpf/"
cp build/host/extract build/host/live "$stage/build/host/"
cp build/cli/idsctl.mjs "$stage/build/cli/"
cp -R build/daemon/bundle "$stage/build/daemon/bundle"
cp -R build/native build/proto "$stage/build/"
cp -R proto models dashboards docs packaging/idsd.toml packaging/idsd.service "$stage/"
cp package.json LICENSE README.md SECURITY.md CHANGELOG.md "$stage/"

# The bundles of idsd and idsctl hold all but what loads a library of its own.
modules='better-sqlite3 bindings file-uri-to-path onnxruntime-node onnxruntime-common'
for module in $modules; do
  [ -d "node_modules/$module" ] || { echo "stage: node_modules/$module is not there: run make" >&2; exit 1; }
done
printf 'node_modules/%s\n' $modules |
  tar -cf - --exclude='*.map' --exclude='*.md' \
    --exclude=better-sqlite3/deps --exclude=better-sqlite3/src --exclude='better-sqlite3/build/Release/obj*' \
    --exclude='better-sqlite3/build/Release/*.a' --exclude='better-sqlite3/build/Release/test_extension.node' \
    --exclude='onnxruntime-node/bin/napi-v*/darwin' --exclude='onnxruntime-node/bin/napi-v*/win32' -T - |
  tar -xf - -C "$stage"

# Those of all libraries, as the bundles hold them too.
"$NPM" ls --all --omit=dev --parseable --loglevel=error |
  sed -n "s|^$PWD/\(node_modules/.*\)|\1|p" | grep -v '^node_modules/@idsd/' | sort |
  while read -r module; do
    for file in "$module"/[Ll][Ii][Cc][Ee][Nn][CcSs][Ee]* "$module"/NOTICE*; do
      [ ! -f "$file" ] || { printf '== %s\n\n' "${file#node_modules/}"; cat "$file"; echo; }
    done
  done > "$stage/LICENSES-OF-LIBRARIES"

# Of Linux, this processor only.
arch=$("$NODE" -p process.arch)
for folder in "$stage"/node_modules/onnxruntime-node/bin/napi-v*/linux/*; do
  [ "$(basename "$folder")" = "$arch" ] || rm -rf "$folder"
done

# A Node below a home directory is out of reach of the service: take it along.
node=$NODE
case $node in
  /home/* | "${HOME:-/home}"/*)
    cp "$node" "$stage/bin/node"
    node=$lib/bin/node
    echo "stage: $NODE is below a home directory: copied to $node"
    ;;
esac

# launcher NAME MAIN
launcher() {
  sed -e "s|@NAME@|$1|" -e "s|@NODE@|$node|" -e "s|@MAIN@|$lib/$2|" packaging/launcher.sh > "$stage/bin/$1"
  chmod 755 "$stage/bin/$1"
}
launcher idsd build/daemon/bundle/idsd.js
launcher idsctl build/cli/idsctl.mjs
sed -i "s|/usr/local/|$PREFIX/|g" "$stage/idsd.service"

# It must start away from the checkout, whose libraries it would find otherwise.
check=$(mktemp -d)
trap 'rm -rf "$check"' EXIT
cp -R "$stage/." "$check/"
(
  cd "$check" &&
    "$NODE" build/daemon/bundle/idsd.js --version > /dev/null &&
    "$NODE" build/cli/idsctl.mjs --version > /dev/null &&
    "$NODE" -e 'new (require("better-sqlite3"))(":memory:").close(); require("onnxruntime-node")'
) || { echo 'stage: what is collected does not start: is a library missing in packaging/stage.sh?' >&2; exit 1; }
