#!/bin/sh
# Starts @NAME@ with the Node it was built with, whatever PATH sudo leaves.
node='@NODE@'
main='@MAIN@'
if [ ! -x "$node" ]; then
  echo "@NAME@: the Node it was built with, $node, is gone: build again with make" >&2
  exit 1
fi
# Few arenas: threads of the runtime would otherwise keep what they freed.
export MALLOC_ARENA_MAX="${MALLOC_ARENA_MAX-2}"
exec "$node" "$main" "$@"
