#!/bin/bash
# run.sh OUT [AGENT]: boots a guest and lets keeper.mjs show the agent every fault of cases.mjs; results in the folder OUT.
# Exit 77 when this machine cannot run it. ZOO_CASES=Rule,Rule takes only those; ZOO_SECONDS limits the guest's time (5400); ZOO_INTERVAL is
# the time between two looks of the agent (3).
set -euo pipefail
ZOO=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
HERE=$(cd "$ZOO/../guest" && pwd)
OUT=$(realpath -e "$1")
AGENT=$(realpath -e "${2:-$ZOO/../../dist/cgopher.mjs}")
BUILT=$(node "$HERE/build-targets.mjs")
TARGETS=$(node -p 'JSON.parse(process.argv[1]).folder' "$BUILT")
NODE=$(dirname "$(node -p process.execPath)")
# A disk that two writers can wait for: in memory, as it is, nothing ever waits.
exec "$HERE/boot.sh" -v -c 3 -m 4096 -d 25000000 -t "${ZOO_SECONDS:-5400}" \
  -e HARNESS="$HERE" -e ZOO="$ZOO" -e TARGETS="$TARGETS" -e OUT="$OUT" -e AGENT="$AGENT" \
  -e ZOO_CASES="${ZOO_CASES:-}" -e ZOO_AT_ONCE="${ZOO_AT_ONCE:-6}" -e ZOO_INTERVAL="${ZOO_INTERVAL:-3}" -e PATH="$NODE:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" \
  "$ZOO/zoo.sh" "$HERE" "$ZOO" "$TARGETS" "$OUT:rw" "$(dirname "$AGENT")" "$NODE"
