#!/bin/bash
# run.sh OUT [AGENT]: builds and fetches what the guest needs, boots it, runs look.sh there; results in the folder OUT.
# AGENT is the agent's program, default dist/cgopher.mjs; without it only the workloads are started and checked.
# Exit 0 when the guest did its work (whatever the agent said), 77 when this machine cannot run it.
# CGOPHER_GUEST_SECONDS limits the guest's time (1100). With RECORD=1 a recording is made, too, in OUT/tree (see record.mjs).
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
OUT=$(realpath -e "$1")
AGENT=$(realpath -m "${2:-$HERE/../../dist/cgopher.mjs}")

APPS=$("$HERE/packages.sh" apps)
BUILT=$(node "$HERE/build-targets.mjs")
echo "$BUILT" > "$OUT/targets.json"
TARGETS=$(node -p 'JSON.parse(process.argv[1]).folder' "$BUILT")

SHARES=("$HERE" "$TARGETS" "$APPS" "$OUT:rw")
[ ! -e "$AGENT" ] || SHARES+=("$(dirname "$AGENT")")
SETTINGS=(-e HARNESS="$HERE" -e TARGETS="$TARGETS" -e APPS="$APPS" -e OUT="$OUT" -e AGENT="$AGENT" -e RECORD="${RECORD:-}")
# The guest has the host's /usr; a Node.js that lives elsewhere is shared, too.
NODE=$(node -p process.execPath)
case $NODE in
  /usr/*) ;;
  *)
    SHARES+=("$(dirname "$NODE")")
    SETTINGS+=(-e PATH="$(dirname "$NODE"):/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
    ;;
esac
# Three CPUs: one more than the least GOMAXPROCS the runtime chooses under a limit, so that the two can be told apart. On an
# emulated machine each further one costs more than it gives.
exec "$HERE/boot.sh" -v -c 3 -t "${CGOPHER_GUEST_SECONDS:-1100}" "${SETTINGS[@]}" "$HERE/look.sh" "${SHARES[@]}"
