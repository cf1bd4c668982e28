#!/bin/bash
# look.sh: runs IN the guest: starts the workloads, lets the agent look at them, stores everything in $OUT.
# Environment: HARNESS, TARGETS, APPS as for scenarios.sh; OUT a writable folder; AGENT the agent's program, may be missing.
# In $OUT: expected.json, before.json, after.json (see values.mjs), check.json, check.code, agent-metrics.txt, agent.log,
# phases (lines of `<guest's uptime> <what has just ended>`).
set -u
phase() { local up rest; read -r up rest < /proc/uptime; echo "$up $*" | tee -a "$OUT/phases"; }
# The container that grows to its limit when asked.
kill_for_memory() { curl -s -m 5 "$(cat /run/cgopher/grow)"; }
# record_node FOR INTERVAL SECONDS: what `cgopher record` makes of the workloads and what it says while it does. One is killed after SECONDS.
record_node() {
  node "$AGENT" record --log.format json --out "$OUT/recording" --for "$1" --interval "$2" > "$OUT/recording.log" 2>&1 &
  local recorder=$!
  sleep "$3"
  kill_for_memory
  wait $recorder
  echo $? > "$OUT/recording.code"
}
phase boot
"$HARNESS/scenarios.sh"
code=$?
cp /run/cgopher/expected.json "$OUT/"
phase workloads
if [ $code != 0 ]; then
  tail -n 5 /run/cgopher/*.log /run/cgopher/ended /var/log/pods/*/*/0.log
  exit $code
fi

if [ "${RECORD:-}" = 1 ]; then
  node "$HARNESS/record.mjs" "$OUT/tree" || exit 1
  # Long enough for every rule; test/record/guest.test.ts replays it.
  record_node 150s 5s 60
  phase recorded
fi

# Containers that come and go while the agent reads: some vanish between the listing and the reading.
churn() {
  local pod=/sys/fs/cgroup/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod0c0c0c0c_0000_4000_8000_00000000c0de.slice
  local count=0 scope
  while [ ! -e /run/cgopher/calm ]; do
    scope=$pod/cri-containerd-$(printf '%064x' $count).scope
    mkdir -p "$scope" && rmdir "$scope" "$pod"
    count=$((count + 1))
    sleep 0.3
  done
  echo $count > "$OUT/churned"
}
churn &
churn=$!

node "$HARNESS/values.mjs" "$OUT/before.json"
phase values before
if [ -e "$AGENT" ]; then
  timeout 120 node "$AGENT" check --json --interval 5s > "$OUT/check.json" 2> "$OUT/check.log" &
  check=$!
  # The first of its two samples is taken when it says so: what the kernel kills from then on is new.
  until grep -q watching "$OUT/check.log" || ! kill -0 $check 2>/dev/null; do sleep 0.2; done
  kill_for_memory
  wait $check
  echo $? > "$OUT/check.code"
  phase check
fi
node "$HARNESS/values.mjs" "$OUT/after.json"
phase values after
if [ -e "$AGENT" ]; then
  printf 'interval: 2s\n' > /run/cgopher/agent.yaml
  node "$AGENT" agent --config.file /run/cgopher/agent.yaml --web.listen-address 127.0.0.1:10119 > "$OUT/agent.log" 2>&1 &
  agent=$!
  # A finding fires when it held in two looks, and rates need one look before: the fourth look has everything.
  for _ in {1..90}; do
    curl -fsS -m 10 -o "$OUT/agent-metrics.txt" http://127.0.0.1:10119/metrics 2> "$OUT/agent-curl.log" && grep -Eq '^cgopher_cycles_total ([4-9]|[1-9][0-9])' "$OUT/agent-metrics.txt" && break
    kill -0 $agent 2>/dev/null || break
    sleep 1
  done
  kill -TERM $agent 2>/dev/null
  wait $agent
  echo $? > "$OUT/agent.code"
  phase agent
  [ -e "$OUT/recording" ] || record_node 50s 2s 25
  phase recording
  # What is known of programs that are never asked, and what without any capability.
  printf 'endpoints:\n  enabled: false\n' > /run/cgopher/memory-only.yaml
  node "$AGENT" check --json --once --config.file /run/cgopher/memory-only.yaml > "$OUT/memory.json" 2> "$OUT/memory.log"
  echo $? > "$OUT/memory.code"
  node "$HARNESS/values.mjs" "$OUT/later.json"
  phase memory only
  setpriv --reuid=65534 --regid=65534 --clear-groups --bounding-set=-all --inh-caps=-all \
    node "$AGENT" check --json --once > "$OUT/bare.json" 2> "$OUT/bare.log"
  echo $? > "$OUT/bare.code"
  phase no capability
  # The same machine as a cgroup v1 node would show it: a made-up tree, since this kernel mounts no v1.
  mkdir -p /run/cgopher/v1/cpu /run/cgopher/v1/memory
  : > /run/cgopher/v1/cpu/tasks
  : > /run/cgopher/v1/memory/tasks
  node "$AGENT" check --json --once --path.cgroupfs /run/cgopher/v1 > "$OUT/v1.json" 2> "$OUT/v1.log"
  echo $? > "$OUT/v1.code"
  phase v1
fi
# Why a program ended that nobody ended.
{
  cat /run/cgopher/ended
  tail -n 5 /var/log/pods/*/*/0.log
  # A crash says why at its beginning, far above its last lines.
  grep -h -m 1 -A 15 -E '^(panic|fatal error|unexpected fault|SIG[A-Z]+|runtime:)' /var/log/pods/*/*/0.log
} > "$OUT/last-words" 2>/dev/null
: > /run/cgopher/calm
wait $churn
