#!/bin/bash
# packages.sh vm|apps|etcd|golang: prints the folder of a tree of Debian packages, downloaded and unpacked (never installed)
# into the cache the first time it is asked for.
#   vm      qemu, its missing libraries, the cloud kernel, a static busybox   (about 45 MB to download)
#   apps    prometheus and prometheus-alertmanager                            (about 30 MB)
#   etcd    etcd-server                                                       (about 10 MB)
#   golang  Debian's Go toolchain                                             (about 60 MB)
# Cache: $CGOPHER_GUEST_CACHE, else ${XDG_CACHE_HOME:-$HOME/.cache}/cgopher-guest.
# Exit 77: this machine cannot do it; the reason is on stderr.
set -euo pipefail

CACHE=${CGOPHER_GUEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/cgopher-guest}
cannot() { echo "guest: cannot run here: $*" >&2; exit 77; }
[ $# -eq 1 ] || { sed -n 2,10p "$0" >&2; exit 2; }
TREE=$CACHE/$1
if [ -d "$TREE" ]; then echo "$TREE"; exit 0; fi

[ "$(uname -sm)" = 'Linux x86_64' ] || cannot "it needs Linux on x86_64, this is $(uname -sm)"
[ "$(id -u)" = 0 ] || cannot 'it needs root (apt-get downloads, and sharing folders with the guest)'
for tool in apt-get apt-cache dpkg flock; do command -v "$tool" >/dev/null || cannot "there is no $tool (a Debian 12 system is expected)"; done

mkdir -p "$CACHE"
exec 9>"$CACHE/lock"
flock 9
if [ -d "$TREE" ]; then echo "$TREE"; exit 0; fi
WORK=$(mktemp -d "$CACHE/unpack.XXXXXX")
DOTS=
trap '[ -z "$DOTS" ] || kill "$DOTS" 2>/dev/null; rm -rf "$WORK"' EXIT
# The lock is closed for helpers, or one that outlives us would hold it.
(
  trap 'kill "$S" 2>/dev/null; exit 0' TERM
  n=0
  while :; do
    sleep 10 & S=$!
    wait "$S"
    n=$((n + 10))
    echo "guest: still fetching the $1 packages ($n s)" >&2
  done
) 9>&- &
DOTS=$!
mkdir -p "$WORK/debs" "$WORK/tree"
chmod 755 "$WORK" "$WORK/debs" "$WORK/tree"
cd "$WORK/debs"

# Package lists may be missing or out of date: refreshed once, when the first try fails.
apt() { "$@" >"$WORK/log" 2>&1 || { apt-get update -q >"$WORK/log" 2>&1 && "$@" >"$WORK/log" 2>&1; } || { tail -5 "$WORK/log" >&2; cannot "apt failed: $*"; }; }
# With dependencies this system lacks, which is what the unpacked programs will need.
with_dependencies() { apt apt-get install -y -q --no-install-recommends --download-only -o Dir::Cache::archives="$PWD" -o APT::Sandbox::User=root "$@"; }
alone() { apt apt-get download -q -o APT::Sandbox::User=root "$@"; }

echo "guest: fetching the $1 packages into $CACHE (first time only)" >&2
case $1 in
  vm)
    # Where qemu is installed already there is nothing to fetch as a dependency: its own packages are named, too.
    with_dependencies qemu-system-x86 qemu-system-common
    alone qemu-system-x86 qemu-system-common seabios
    kernel() { apt-cache depends linux-image-cloud-amd64 2>/dev/null | sed -n 's/^ *Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1; }
    alone busybox-static linux-image-cloud-amd64
    [ -n "$(kernel)" ] || cannot 'apt knows no linux-image-cloud-amd64 (a Debian 12 system is expected)'
    alone "$(kernel)"
    ;;
  apps) alone prometheus prometheus-alertmanager ;;
  etcd) alone etcd-server ;;
  golang) with_dependencies golang-go ;;
  *) echo "guest: no such tree: $1" >&2; exit 2 ;;
esac
for deb in *.deb; do dpkg -x "$deb" "$WORK/tree"; done
mv "$WORK/tree" "$TREE"
echo "$TREE"
