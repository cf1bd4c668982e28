#!/bin/bash
# zoo.sh: runs IN the guest: a node with nothing on it, the agent, and keeper.mjs.
# Environment: HARNESS the folder test/guest, ZOO this folder, TARGETS as for scenarios.sh, OUT a writable folder, AGENT the agent's program.
set -u
mkdir -p /run/cgopher /opt
cp "$HARNESS/kubepods.sh" /run/cgopher/
cp "$TARGETS"/* /opt/
/run/guest/busybox sh -c '. /run/cgopher/kubepods.sh; node_base'
# Swap for the rules about it; containers may use none unless their case says so.
dd if=/dev/zero of=/scratch/swap bs=1M count=192 2>/dev/null && chmod 600 /scratch/swap && mkswap /scratch/swap > /dev/null && swapon /scratch/swap || echo 'zoo: no swap'
# khugepaged goes round in minutes instead of in hours.
echo 200 > /sys/kernel/mm/transparent_hugepage/khugepaged/scan_sleep_millisecs
cat > /run/cgopher/agent.yaml <<Y
interval: ${ZOO_INTERVAL:-3}s
endpoints: { profileInterval: 10s, interval: ${ZOO_INTERVAL:-3}s }
thresholds: { engine: { coolDown: 0s } }
actions: { gcNudge: { enabled: true, selectors: [{ namespace: nudged }], processInterval: 1m, nodeInterval: 30s } }
Y
node --max-semi-space-size=2 --single-threaded-gc --v8-pool-size=1 "$AGENT" agent --config.file /run/cgopher/agent.yaml --web.listen-address 127.0.0.1:10119 > "$OUT/agent.log" 2>&1 &
agent=$!
for _ in {1..120}; do
  curl -fsS -m 10 -o /dev/null http://127.0.0.1:10119/-/ready 2>/dev/null && break
  kill -0 $agent 2>/dev/null || { cat "$OUT/agent.log"; exit 1; }
  sleep 1
done
node "$ZOO/keeper.mjs"
code=$?
curl -fsS -m 20 -o "$OUT/agent-metrics.txt" http://127.0.0.1:10119/metrics
kill -TERM $agent
wait $agent
exit $code
