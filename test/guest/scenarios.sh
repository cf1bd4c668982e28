#!/run/guest/busybox sh
# scenarios.sh: runs IN the guest. Starts every workload the agent is judged on, each fault next to a healthy twin, waits
# until all of them stand, and writes /run/cgopher/expected.json (see settle.mjs for its shape).
# Environment: HARNESS this folder; TARGETS the folder of build-targets.mjs; APPS the tree of `packages.sh apps`.
set -u
mkdir -p /run/cgopher
cp "$HARNESS/kubepods.sh" /run/cgopher/
set --
. /run/cgopher/kubepods.sh

# From memory they start faster than from a shared folder, and the agent's reading of them costs what it costs elsewhere.
mkdir /opt
cp "$TARGETS"/* /opt/
PLAIN=/opt/plain AWARE=/opt/aware
[ -e "$AWARE" ] || AWARE=

node_base
node "$HARNESS/settle.mjs" &
SETTLE=$!

# --- real programs, first because they take longest to start
cat > /run/cgopher/prometheus.yml <<'Y'
global: { scrape_interval: 15s, evaluation_interval: 15s }
scrape_configs:
- { job_name: prometheus, static_configs: [ { targets: ['127.0.0.1:9090'] } ] }
- { job_name: alertmanager, static_configs: [ { targets: ['127.0.0.1:9093'] } ] }
Y
printf 'route: { receiver: none }\nreceivers: [ { name: none } ]\n' > /run/cgopher/alertmanager.yml
mkdir -p /scratch/prometheus /scratch/alertmanager
pod monitoring prometheus-0 burstable cpu=3 memory=256M net=host
container prometheus cpu=3 memory=256M GOMAXPROCS=2 GOMEMLIMIT=200MiB usr=$APPS/usr -- /usr/bin/prometheus --config.file=/run/cgopher/prometheus.yml --storage.tsdb.path=/scratch/prometheus --web.listen-address=0.0.0.0:9090
expect port=9090 serves=metrics
pod monitoring alertmanager-0 burstable cpu=3 memory=128M net=host
container alertmanager cpu=3 memory=128M GOMAXPROCS=2 GOMEMLIMIT=100MiB usr=$APPS/usr -- /usr/bin/prometheus-alertmanager --config.file=/run/cgopher/alertmanager.yml --storage.path=/scratch/alertmanager --cluster.listen-address= --web.listen-address=:9093
expect port=9093 serves=metrics

# --- GOMAXPROCS
if [ -n "$AWARE" ]; then # the runtime of Go 1.25 and later follows cpu.max, if go.mod lets it
  pod demo-bad not-container-aware burstable cpu=1 memory=128M
  container app cpu=1 memory=128M -- $PLAIN -listen :6060
  expect port=6060 serves=metrics fires=GomaxprocsNotContainerAware may=GomaxprocsAboveCpuLimit
  pod demo-good not-container-aware burstable cpu=1 memory=128M
  container app cpu=1 memory=128M -- $AWARE-stripped -listen :6060
  expect port=6060 serves=metrics silent=GomaxprocsNotContainerAware

  pod demo-bad misses-ancestor burstable cpu=1 memory=128M
  container app memory=128M -- $AWARE -listen :6060
  expect port=6060 serves=metrics fires=GomaxprocsMissesAncestorLimit may=GomaxprocsAboveCpuLimit
  pod demo-good misses-ancestor burstable cpu=1 memory=128M
  container app cpu=1 memory=128M -- $AWARE -listen :6060
  expect port=6060 serves=metrics silent=GomaxprocsMissesAncestorLimit
fi

# --- memory. 57 MiB live: the next collection ends near 114 MiB and the runtime's own tables, between 90 and 105 % of 128 MiB.
pod demo-bad gomemlimit-missing burstable memory=128M
container app memory=128M GOMAXPROCS=2 -- $PLAIN -listen :6060 -heap 57
expect port=6060 serves=metrics fires=GomemlimitMissing
pod demo-good gomemlimit-missing burstable memory=128M
container app memory=128M GOMAXPROCS=2 GOMEMLIMIT=110MiB -- $PLAIN -listen :6060 -heap 57
expect port=6060 serves=metrics silent=GomemlimitMissing

pod demo-bad gomemlimit-above burstable memory=128M
container app memory=128M GOMAXPROCS=2 GOMEMLIMIT=200MiB -- $PLAIN -listen :6060 -heap 10
expect port=6060 serves=metrics fires=GomemlimitAboveMemoryLimit
pod demo-good gomemlimit-above burstable memory=128M
container app memory=128M GOMAXPROCS=2 GOMEMLIMIT=100MiB -- $PLAIN -listen :6060 -heap 10
expect port=6060 serves=metrics silent=GomemlimitAboveMemoryLimit

pod demo-bad next-gc-beyond burstable memory=128M
container app memory=128M GOMAXPROCS=2 -- $PLAIN -listen :6060 -heap 80
expect port=6060 serves=metrics fires=NextGcBeyondMemoryLimit may=GomemlimitMissing
pod demo-good next-gc-beyond burstable memory=256M
container app memory=256M GOMAXPROCS=2 -- $PLAIN-stripped -listen :6060 -heap 80
expect port=6060 serves=metrics silent=NextGcBeyondMemoryLimit

pod demo-bad gc-off burstable memory=512M
container app memory=512M GOMAXPROCS=2 GOGC=off -- $PLAIN -listen :6060 -alloc 1
expect port=6060 serves=metrics fires=GcOffUnbounded
pod demo-good gc-off burstable memory=128M
container app memory=128M GOMAXPROCS=2 GOGC=off GOMEMLIMIT=64MiB -- $PLAIN -listen :6060 -alloc 1
expect port=6060 serves=metrics silent=GcOffUnbounded

pod demo-good oom-killed burstable memory=48M
container app memory=48M GOMAXPROCS=2 -- $PLAIN -listen :6060 -heap 5 -goroutines 500
expect port=6060 serves=metrics silent=OomKilled

# --- programs that serve nothing: all there is to know of them is in their memory
pod demo-bad no-endpoint burstable memory=128M
container app memory=128M GOMAXPROCS=2 -- $PLAIN-stripped -heap 80 -goroutines 300
expect fires=NextGcBeyondMemoryLimit may=GomemlimitMissing
pod demo-good no-endpoint burstable memory=256M
container app memory=256M GOMAXPROCS=2 GOGC=150 GOMEMLIMIT=200MiB -- $PLAIN-stripped -heap 20 -goroutines 300
expect silent=NextGcBeyondMemoryLimit

# --- neighbours: other runtimes, other layouts, other owners
pod demo-good busy-shell guaranteed cpu=500m memory=64M
container shell cpu=500m memory=64M -- /run/guest/busybox sh -c 'while :; do i=0; while [ $i -lt 200 ]; do i=$((i + 1)); done; usleep 900000; done'
expect go=no
pod demo-good best-effort besteffort
container app GOMAXPROCS=2 -- $PLAIN-stripped -listen :6060 -plain
expect port=6060 serves=pprof
pod demo-good crun burstable cpu=1 memory=128M
container app cpu=1 memory=128M layout=crun GOMAXPROCS=2 -- $PLAIN -listen :6060
expect port=6060 serves=metrics
docker_container cpu=1 memory=128M GOMAXPROCS=2 -- $PLAIN -listen :6160
expect port=6160 serves=metrics
service containerd.service GOMAXPROCS=2 -- $PLAIN -listen 127.0.0.1:6161
expect port=6161 serves=metrics

# --- last those that leave little CPU for the rest.
pod demo-bad oom-killed burstable memory=32M
container app memory=32M restart=yes GOMAXPROCS=2 -- $PLAIN -listen :6060 -grow-to-oom 1000
expect port=6060 serves=metrics fires=OomKilled may=GomemlimitMissing,NextGcBeyondMemoryLimit
echo "http://$POD_IP:6060/grow" > /run/cgopher/grow

# Bursts of 8 x 10 ms every second use a twelfth of a CPU, but more than the quota of one period at a time.
pod demo-bad gomaxprocs-above burstable cpu=500m memory=128M
container app cpu=500m memory=128M GOMAXPROCS=8 -- $PLAIN -listen :6060 -spin 8 -busy 10ms -every 1s
expect port=6060 serves=metrics fires=GomaxprocsAboveCpuLimit may=CpuThrottled,GcPauseStretchedByThrottling,GomaxprocsIgnoresCpuset
pod demo-good gomaxprocs-above burstable cpu=500m memory=128M
container app cpu=500m memory=128M GOMAXPROCS=2 -- $PLAIN -listen :6060 -spin 1 -busy 2ms -every 500ms
expect port=6060 serves=metrics silent=GomaxprocsAboveCpuLimit

pod demo-bad cpu-throttled burstable cpu=100m memory=128M
container app cpu=100m memory=128M GOMAXPROCS=2 -- $PLAIN -listen :6060 -spin 2
expect port=6060 serves=metrics fires=CpuThrottled may=GcPauseStretchedByThrottling
pod demo-good cpu-throttled burstable cpu=1 memory=128M
container app cpu=1 memory=128M GOMAXPROCS=2 -- $PLAIN -listen :6060 -spin 1 -busy 2ms -every 500ms
expect port=6060 serves=metrics silent=CpuThrottled

echo end >> /run/cgopher/workloads.ndjson
wait $SETTLE
