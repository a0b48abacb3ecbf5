#!/bin/sh
# Starts @NAME@ with the Node it was built with, whatever PATH sudo leaves.
node='@NODE@'
main='@MAIN@'
if [ ! -x "$node" ]; then
  echo "@NAME@: the Node it was built with, $node, is gone: build again with make" >&2
  exit 1
fi
exec "$node" "$main" "$@"
