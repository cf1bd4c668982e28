#!/bin/sh
# Runs IN the guest (test/guest/boot.sh -c 2 -e STALL=PROGRAM this FOLDER): the program under several CPU limits and GOMAXPROCS, each
# line what cpu.stat and the program itself say: quota in us of 100 ms, GOMAXPROCS, kind, periods, throttled periods, throttled us, gaps.
CG=/sys/fs/cgroup/stall
mkdir $CG
echo +cpu > /sys/fs/cgroup/cgroup.subtree_control 2>/dev/null
value() { sed -n "s/^$1 //p" $CG/app/cpu.stat; }
run() { # QUOTA PROCS KIND FLAGS...
  mkdir $CG/app
  echo "$1 100000" > $CG/app/cpu.max
  quota=$1 procs=$2 kind=$3
  shift 3
  said=$(GOMAXPROCS=$procs sh -c 'echo 0 > /sys/fs/cgroup/stall/app/cgroup.procs; exec "$@"' sh "$STALL" "$@")
  echo "stall quota=$quota procs=$procs kind=$kind periods=$(value nr_periods) throttled=$(value nr_throttled) throttled_usec=$(value throttled_usec) usage_usec=$(value usage_usec) $said"
  rmdir $CG/app
}
echo +cpu > $CG/cgroup.subtree_control
# No more Ps than a guest of two CPUs can run at once on a machine of two.
for quota in 50000 100000 150000; do
  for procs in 1 2; do run $quota $procs busy -seconds 5; done
done
for procs in 1 2; do run 50000 $procs bursts -seconds 10 -burst 120ms -every 350ms; done
