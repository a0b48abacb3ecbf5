#!/bin/sh
# Runs the fuzz targets in build/fuzz side by side, from the kept corpus.
#
#   run.sh SECONDS FOLDER    for so long; what comes of it goes to FOLDER
#
# For each TARGET: FOLDER/TARGET.log is what it said, FOLDER/TARGET/ are the inputs by which it grew the kept corpus,
# and FOLDER/TARGET-* those that found something. One line each tells the end. Exit code 1: something was found.
set -eu

seconds=$1
mkdir -p "$2"
folder=$(cd "$2" && pwd)
root=$(cd "$(dirname "$0")/../.." && pwd)
status=0
running=''

# What one input may take: far more than any does, far less than a machine has.
limits='-timeout=10 -rss_limit_mb=1024 -malloc_limit_mb=256 -max_len=4096'

# Sanitizers before clang 18 fail at times where the kernel spreads addresses further than they know.
fixed=''
if setarch -R true 2>/dev/null; then fixed='setarch -R'; fi

for source in "$root"/bpf/fuzz/*.c; do
  target=$(basename "$source" .c)
  mkdir -p "$folder/$target"
  # The first folder takes what is new.
  nice $fixed "$root/build/fuzz/$target" $limits -max_total_time="$seconds" -print_final_stats=1 \
    -artifact_prefix="$folder/$target-" "$folder/$target" "$root/bpf/fuzz/corpus/$target" >"$folder/$target.log" 2>&1 &
  running="$running $target:$!"
done
# Interrupted, nothing goes on behind: a shell may leave out what is due at its EXIT when a signal ends it.
trap 'exit 130' HUP INT TERM
trap 'for each in $running; do kill "${each#*:}" 2>/dev/null || true; done' EXIT

for each in $running; do
  target=${each%:*}
  log=$folder/$target.log
  if wait "${each#*:}"; then end='nothing found'; else
    status=1
    end="FOUND, see $log; again: build/fuzz/$target $(ls -t "$folder/$target"-* 2>/dev/null | head -n 1)"
  fi
  executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  covered=$(sed -n 's/^#.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -n 1)
  echo "$target: ${executions:-unknown} executions, ${covered:-0} edges covered: $end"
done
exit "$status"
