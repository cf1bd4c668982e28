#!/bin/bash
# boot.sh [-v] [-a auto|kvm|tcg] [-c CPUS] [-m MIB] [-t SECONDS] [-d BYTES] [-e NAME=VALUE]... SCRIPT [DIR[:rw]]...
# Boots a Linux guest with a unified cgroup v2 hierarchy (every controller, pressure files) and runs SCRIPT in it as root.
# The guest sees the host's /usr (read-only) and each DIR at its own absolute path (read-only unless :rw); everything else
# is memory that is thrown away, except /scratch, a disk that is thrown away. There is no network but its own.
# SCRIPT's output goes to stdout; its exit code is the exit code. Others: 2 wrong usage, 77 cannot run on this machine,
# 124 time limit, 125 the guest did not come up or died. Nothing is installed and nothing but the cache stays.
#   -v  say what it does and how long it takes      -a  accelerator: auto tries KVM once and remembers a failure
#   -c  virtual CPUs (4)    -m  memory (3072)       -t  time limit for the whole guest (600)
#   -d  what the disk moves in a second at most (as fast as memory)
set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
CACHE=${CGOPHER_GUEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/cgopher-guest}
ACCEL=${CGOPHER_GUEST_ACCEL:-auto} CPUS=4 MEMORY=3072 LIMIT=600 VERBOSE= DISK_RATE=0
KVM_LIMIT=20
ENVIRONMENT=()
while getopts va:c:m:t:d:e: option; do
  case $option in
    v) VERBOSE=1 ;; a) ACCEL=$OPTARG ;; c) CPUS=$OPTARG ;; m) MEMORY=$OPTARG ;; t) LIMIT=$OPTARG ;; d) DISK_RATE=$OPTARG ;;
    e) ENVIRONMENT+=("$OPTARG") ;; *) exit 2 ;;
  esac
done
shift $((OPTIND - 1))
[ $# -ge 1 ] || { sed -n 2,11p "$0" >&2; exit 2; }
SCRIPT=$1
shift

say() { [ -z "$VERBOSE" ] || printf 'guest: %6.2f s  %s\n' "$(elapsed)" "$*" >&2; }
cannot() { echo "guest: cannot run here: $*" >&2; exit 77; }
now() { echo "${EPOCHREALTIME/[.,]/}"; }
START=$(now)
elapsed() { local us=$(($(now) - START)); echo "$((us / 1000000)).$(printf %06d $((us % 1000000)))"; }

VM=$("$HERE/packages.sh" vm) || exit
[ "$(id -u)" = 0 ] || cannot 'sharing folders with the guest needs root'
QEMU=$VM/usr/bin/qemu-system-x86_64
SHARER=$VM/usr/lib/qemu/virtiofsd
BUSYBOX=$VM/bin/busybox
[ -x "$SHARER" ] || cannot 'this qemu has no usr/lib/qemu/virtiofsd (Debian 12 packages are expected)'
KERNEL=$(echo "$VM"/boot/vmlinuz-*)
export LD_LIBRARY_PATH=$VM/usr/lib/x86_64-linux-gnu:$VM/lib/x86_64-linux-gnu

# What this run starts is told to die with this script, so that even a kill -9 leaves no process.
RUN=$(mktemp -d "${TMPDIR:-/tmp}/cgopher-guest.XXXXXX")
STARTED=()
DIES_WITH_US=()
! command -v setpriv >/dev/null || DIES_WITH_US=(setpriv --pdeathsig KILL)
stop() { local pid; for pid in "${STARTED[@]}"; do kill "$pid" 2>/dev/null || true; done; wait "${STARTED[@]}" 2>/dev/null || true; STARTED=(); }
trap 'stop; rm -rf "$RUN"' EXIT
trap 'exit 130' INT TERM HUP

# The first file system: busybox, the drivers in the order of their needs, init. Made once, then kept.
DRIVERS='virtio_ring virtio virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci virtio_blk fuse virtiofs overlay veth'
INITRD=$CACHE/initrd-$(cat "$HERE/init" "$KERNEL" <(echo "$DRIVERS") | sha256sum | cut -c1-16)
if [ ! -e "$INITRD" ]; then
  mkdir -p "$RUN/initrd/bin" "$RUN/initrd/modules" "$RUN/initrd/dev"
  cp "$BUSYBOX" "$RUN/initrd/bin/busybox"
  cp "$HERE/init" "$RUN/initrd/init"
  chmod 755 "$RUN/initrd/init"
  for driver in $DRIVERS; do
    find "$VM/lib/modules" -name "$driver.ko" -exec cp {} "$RUN/initrd/modules/" \;
    echo "$driver" >> "$RUN/initrd/modules/order"
  done
  (cd "$RUN/initrd" && find . | "$BUSYBOX" cpio -o -H newc 2>/dev/null) > "$INITRD.$$"
  mv "$INITRD.$$" "$INITRD"
fi

# The job folder: what this run tells the guest, and what the guest tells back (up, code).
JOB=$RUN/job
mkdir -p "$JOB"
cp "$SCRIPT" "$JOB/script"
chmod 755 "$JOB/script"
for variable in "${ENVIRONMENT[@]}"; do printf '%s=%q\n' "${variable%%=*}" "${variable#*=}"; done > "$JOB/env"
# The little of /etc that programs need; one archive, because many small files are slow to share.
ETC=()
for file in ld.so.cache alternatives passwd group nsswitch.conf; do [ ! -e "/etc/$file" ] || ETC+=("etc/$file"); done
tar -cf "$JOB/etc.tar" -C / "${ETC[@]}"
SHARES=("job $JOB auto" "usr /usr always")
: > "$JOB/shares"
for dir in "$@"; do
  mode=ro
  case $dir in *:rw) mode=rw dir=${dir%:rw} ;; *:ro) dir=${dir%:ro} ;; esac
  dir=$(realpath -e "$dir") || exit 2
  echo "$mode dir${#SHARES[@]} $dir" >> "$JOB/shares"
  SHARES+=("dir${#SHARES[@]} $dir auto")
done
truncate -s 512M "$RUN/disk"

boot() { # ACCELERATOR CPU: starts the file sharers and the machine; sets MACHINE
  local devices=() share tag dir cache
  rm -f "$JOB/up" "$JOB/code"
  for share in "${SHARES[@]}"; do
    read -r tag dir cache <<<"$share"
    rm -f "$RUN/$tag.socket"
    "${DIES_WITH_US[@]}" "$SHARER" --socket-path="$RUN/$tag.socket" -o source="$dir" -o cache="$cache" -o xattr -o announce_submounts \
      >>"$RUN/sharers.log" 2>&1 &
    STARTED+=($!)
    devices+=(-chardev "socket,id=$tag,path=$RUN/$tag.socket" -device "vhost-user-fs-pci,chardev=$tag,tag=$tag")
  done
  for share in "${SHARES[@]}"; do
    for _ in {1..250}; do [ -S "$RUN/${share%% *}.socket" ] && break; sleep 0.02; done
  done
  "${DIES_WITH_US[@]}" "$QEMU" -L "$VM/usr/share/qemu" -L "$VM/usr/share/seabios" -L /usr/share/qemu -L /usr/share/seabios \
    -nodefaults -no-user-config -display none -no-reboot \
    -M pc,memory-backend=memory -object "memory-backend-memfd,id=memory,size=${MEMORY}M,share=on" \
    -accel "$1" -cpu "$2" -smp "$CPUS" -m "$MEMORY" \
    -serial "file:$RUN/console" -serial stdio -kernel "$KERNEL" -initrd "$INITRD" \
    -drive "file=$RUN/disk,format=raw,if=virtio,cache=unsafe,throttling.bps-total=$DISK_RATE" "${devices[@]}" \
    -append 'console=ttyS0 quiet init_on_alloc=0 panic=-1 reboot=t psi=1 mitigations=off tsc=reliable rcupdate.rcu_expedited=1 random.trust_cpu=on cgroup_no_v1=all' \
    </dev/null 2>>"$RUN/qemu.log" &
  MACHINE=$!
  STARTED+=("$MACHINE")
}

# KVM may be there and still not boot an ordinary kernel: tried once with a short limit, a failure is remembered.
NO_KVM=$CACHE/no-kvm-$(uname -r)
if [ "$ACCEL" = auto ]; then
  ACCEL=tcg
  if [ -w /dev/kvm ] && [ ! -e "$NO_KVM" ]; then
    say 'trying KVM'
    boot kvm host
    for ((i = 0; i < KVM_LIMIT * 10; i++)); do
      [ ! -e "$JOB/up" ] && kill -0 "$MACHINE" 2>/dev/null || break
      sleep 0.1
    done
    if [ -e "$JOB/up" ]; then ACCEL=running; else
      echo 'guest: KVM is there but does not boot this kernel: using emulation from now on' >&2
      touch "$NO_KVM"
      stop
    fi
  fi
fi
case $ACCEL in
  running) ;;
  kvm) boot kvm host ;;
  tcg) boot tcg,thread=multi max,-erms,-fsrm ;;
  *) echo "guest: no such accelerator: $ACCEL" >&2; exit 2 ;;
esac
say "machine started ($ACCEL, $CPUS CPUs, $MEMORY MiB)"

"${DIES_WITH_US[@]}" sleep "$LIMIT" &
TIMER=$!
STARTED+=("$TIMER")
wait -n "$MACHINE" "$TIMER" || true
[ ! -e "$JOB/up" ] || say "guest was up at its second $(cat "$JOB/up")"
if [ -s "$JOB/code" ]; then
  read -r CODE UPTIME < "$JOB/code"
  say "script ended with $CODE at the guest's second $UPTIME"
  exit "$CODE"
fi
if [ -e "$JOB/up" ] && kill -0 "$MACHINE" 2>/dev/null; then
  echo "guest: the script did not end within $LIMIT s" >&2
  exit 124
fi
echo 'guest: the machine did not come up or died; its last words:' >&2
tail -n 20 "$RUN/console" "$RUN/qemu.log" >&2 || true
exit 125
