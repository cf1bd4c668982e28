# kubepods.sh: sourced IN the guest by a busybox sh. Lays out cgroups as a kubelet with the systemd driver and containerd
# do, and starts programs in them the way a container runtime does. All names and ids are fixed, so that runs compare.
#
#   node_base                                     the slices of a node, two system services
#   pod NS NAME QOS [cpu=500m] [memory=128M] [net=host]
#                                                 a pod: slice, limits, pause container, network (10.244.0.N on a veth)
#   container NAME [cpu=..] [memory=..] [layout=crun] [restart=yes] [usr=DIR] [VARIABLE=VALUE]... -- COMMAND...
#                                                 a container of the last pod, started in the background; usr= is laid
#                                                 over its /usr
#   docker_container [cpu=..] [memory=..] [VARIABLE=VALUE]... -- COMMAND...
#   service NAME [VARIABLE=VALUE]... -- COMMAND...
#   expect key=value...                           one line of JSON about the workload just started, see `expect` below
#
# busybox does nearly everything because a static program starts five times faster than a dynamic one on an emulated CPU.

CG=/sys/fs/cgroup
BB=/run/guest/busybox
STATE=/run/cgopher
LOGS=/var/log/pods
SANDBOXES=/var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes
NODE_IP=10.244.0.1
NUMBER=1000

# Ids differ in their first digits, as people look only at those. No command substitution: each costs a fork.
next_id() { NUMBER=$((NUMBER + 1)); ID=5a00${NUMBER}9c1f5d2e7a3b604896d0e1c24b7f35a8d91e06b3f4c7a25018ed6f9b; }

# 500m of a CPU is a quota of 50000 us in each period of 100000 us.
cpu_max() { case $1 in '' | none) echo max 100000 ;; *m) echo "$((${1%m} * 100)) 100000" ;; *) echo "$(($1 * 100000)) 100000" ;; esac; }
enable() { echo "$CONTROLLERS" > "$CG/$1/cgroup.subtree_control"; }
limit() { # CGROUP CPU MEMORY
  [ -z "$2" ] || cpu_max "$2" > "$CG/$1/cpu.max"
  [ -z "$3" ] || echo "$3" > "$CG/$1/memory.max"
}

node_base() {
  local name
  read -r CONTROLLERS < $CG/cgroup.controllers
  set -- $CONTROLLERS
  CONTROLLERS=
  for name; do CONTROLLERS="$CONTROLLERS +$name"; done
  mkdir -p $CG/system.slice $CG/user.slice $CG/kubepods.slice $STATE/ready "$LOGS" /var/log/containers "$SANDBOXES" /var/lib/kubelet/pods
  for name in system.slice kubepods.slice; do enable $name; done
  mkdir -p $CG/kubepods.slice/kubepods-burstable.slice $CG/kubepods.slice/kubepods-besteffort.slice $CG/system.slice/containerd.service $CG/system.slice/kubelet.service
  for name in burstable besteffort; do enable kubepods.slice/kubepods-$name.slice; done
  echo 157 > $CG/kubepods.slice/cpu.weight
  echo 1 > $CG/kubepods.slice/kubepods-besteffort.slice/cpu.weight
  echo 2G > $CG/kubepods.slice/memory.max
  : > /dev/termination-log
  : > $STATE/workloads.ndjson
  cp /usr/bin/sleep $STATE/pause
  ip addr add $NODE_IP/32 dev lo
  (echo 0 > $CG/system.slice/kubelet.service/cgroup.procs; exec $BB sleep 100000) </dev/null >/dev/null 2>&1 &
}

# --- pods

pod() { # NS NAME QOS [cpu=] [memory=] [net=host]
  local word cpu= memory= net=pod
  next_id
  SANDBOX=$ID POD_NS=$1 POD_NAME=$2 POD_QOS=$3 POD_UID=3e00$NUMBER-4b1d-4c8e-9f27-6d0a5e3b$NUMBER
  POD_DIR=pod3e00${NUMBER}_4b1d_4c8e_9f27_6d0a5e3b$NUMBER.slice # systemd keeps `-` for its own hierarchy
  shift 3
  for word; do case $word in cpu=*) cpu=${word#*=} ;; memory=*) memory=${word#*=} ;; net=*) net=${word#*=} ;; esac; done
  case $POD_QOS in
    guaranteed) POD_DIR=kubepods.slice/kubepods-$POD_DIR ;;
    *) POD_DIR=kubepods.slice/kubepods-$POD_QOS.slice/kubepods-$POD_QOS-$POD_DIR ;;
  esac
  local scope=$POD_DIR/cri-containerd-$SANDBOX.scope
  mkdir -p "$CG/$POD_DIR" "$SANDBOXES/$SANDBOX"
  enable "$POD_DIR"
  limit "$POD_DIR" "$cpu" "$memory"
  mkdir "$CG/$scope"
  echo 1 > "$CG/$scope/cpu.weight"
  echo "$POD_NAME" > "$SANDBOXES/$SANDBOX/hostname"
  if [ "$net" = host ]; then POD_NET= POD_IP=127.0.0.1; else POD_NET=veth$NUMBER POD_IP=10.244.0.$((NUMBER - 999)); fi
  READY=$STATE/ready/$SANDBOX
  mkfifo "$READY"
  ( # The shim: the runtime's service is its cgroup, the sandbox's scope that of the pause process alone.
    echo 0 > $CG/system.slice/containerd.service/cgroup.procs
    exec $BB unshare ${POD_NET:+-n} -u -i -m $BB sh $STATE/kubepods.sh in-sandbox "$POD_NET" "$POD_IP" "$CG/$scope" "$READY"
  ) </dev/null >/dev/null 2>>$STATE/errors &
  POD_NAMESPACES=/proc/$!/ns
}

# Both ends of the pod's cable are made in the pod, where no other pod can have taken the name; one is given to the node.
in_sandbox() { # CABLE IP CGROUP READY
  if [ -n "$1" ]; then
    ip link set lo up
    ip link add eth0 type veth
    ip addr add "$2/32" dev eth0
    ip link set eth0 up
    ip link set veth0 name "$1"
    ip link set "$1" netns 1
    ip route add $NODE_IP dev eth0 scope link
    ip route add default via $NODE_IP dev eth0
    $BB nsenter -n/proc/1/ns/net $BB sh -c 'ip link set "$0" up; ip route add "$1/32" dev "$0"' "$1" "$2"
  fi
  # One line for each container that will wait. The pause process keeps the pipe open, and so the lines in it.
  exec 9<>"$4"
  echo "ready
ready
ready" >&9
  exec $BB unshare -p -f $BB sh -c 'echo -998 > /proc/self/oom_score_adj; echo 0 > "$0/cgroup.procs"; exec "$1" infinity' "$3" $STATE/pause
}

# --- containers

split_words() { # [cpu=] [memory=] ... [VARIABLE=VALUE]... -- COMMAND...: sets CPU MEMORY LAYOUT RESTART USR VARIABLES, SHIFTS
  CPU= MEMORY= LAYOUT= RESTART= USR= VARIABLES= SHIFTS=1
  local word
  for word; do
    case $word in
      --) return ;;
      cpu=*) CPU=${word#*=} ;;
      memory=*) MEMORY=${word#*=} ;;
      layout=*) LAYOUT=${word#*=} ;;
      restart=*) RESTART=${word#*=} ;;
      usr=*) USR=${word#*=} ;;
      *) VARIABLES="$VARIABLES $word" ;;
    esac
    SHIFTS=$((SHIFTS + 1))
  done
}

container() { # NAME words... -- COMMAND...
  next_id
  CONTAINER=$1 KIND=kubernetes PID=
  shift
  split_words "$@"
  shift $SHIFTS
  CGROUP=$POD_DIR/cri-containerd-$ID.scope
  [ "$LAYOUT" != crun ] || CGROUP=$POD_DIR/crio-$ID.scope
  LIMITED=$CGROUP
  mkdir "$CG/$CGROUP"
  limit "$CGROUP" "$CPU" "$MEMORY"
  if [ "$LAYOUT" = crun ]; then # systemd limits the scope, crun limits a group of its own inside it
    enable "$CGROUP"
    LIMITED=$CGROUP/container
    mkdir "$CG/$LIMITED"
    limit "$LIMITED" "$CPU" "$MEMORY"
  fi
  echo 0 > "$CG/$LIMITED/memory.swap.max"
  echo 1 > "$CG/$LIMITED/memory.oom.group"
  echo 512 > "$CG/$LIMITED/pids.max"
  case $POD_QOS in guaranteed) OOM=-997 ;; burstable) OOM=970 ;; *) OOM=1000 ;; esac
  TERMINATION=/var/lib/kubelet/pods/$POD_UID/containers/$CONTAINER/e7b0$NUMBER
  LOG=$LOGS/${POD_NS}_${POD_NAME}_$POD_UID/$CONTAINER
  mkdir -p "$LOG" "${TERMINATION%/*}"
  : > "$TERMINATION"
  ln -s "$LOG/0.log" "/var/log/containers/${POD_NAME}_${POD_NS}_$CONTAINER-$ID.log"
  VARIABLES="HOSTNAME=$POD_NAME KUBERNETES_SERVICE_HOST=10.96.0.1 API_TOKEN=not-a-real-token $VARIABLES"
  (run_contained "$LOG/0.log" "$@") </dev/null >/dev/null 2>>$STATE/errors &
}

docker_container() { # words... -- COMMAND...: no pod, no kubelet
  next_id
  split_words "$@"
  shift $SHIFTS
  POD_NS= POD_NAME= POD_UID= POD_QOS= POD_NET= POD_IP=127.0.0.1 CONTAINER= KIND=docker PID= OOM=0 TERMINATION= SANDBOX=
  CGROUP=system.slice/docker-$ID.scope
  LIMITED=$CGROUP
  mkdir "$CG/$CGROUP"
  limit "$CGROUP" "$CPU" "$MEMORY"
  (run_contained $STATE/docker.log "$@") </dev/null >/dev/null 2>>$STATE/errors &
}

service() { # NAME words... -- COMMAND...: a systemd service, no container
  POD_NS= POD_NAME= POD_UID= POD_QOS= POD_IP=127.0.0.1 CONTAINER= KIND=systemd ID= CGROUP=system.slice/$1
  shift
  split_words "$@"
  shift $SHIFTS
  LIMITED=$CGROUP
  mkdir -p "$CG/$CGROUP"
  (echo 0 > "$CG/$CGROUP/cgroup.procs"; exec env -i PATH=/usr/bin:/bin $VARIABLES "$@") </dev/null >$STATE/service.log 2>&1 &
  PID=$!
}

# The shim of one container. Its program is killed alone with its cgroup; the shim sees that and may start it again.
run_contained() { # LOG COMMAND...
  local log=$1 join=
  shift
  echo 0 > $CG/system.slice/containerd.service/cgroup.procs
  if [ -n "$POD_NET" ]; then
    read -r _ < "$READY"
    join="$BB nsenter -n$POD_NAMESPACES/net"
  fi
  while :; do
    $join $BB unshare -p -f -m -u -i $BB sh $STATE/kubepods.sh enter "$CG/$LIMITED" "$OOM" "$TERMINATION" "$SANDBOX" "$POD_NAME" "$USR" "$VARIABLES" "$@" >>"$log" 2>&1
    echo "$POD_NS/$POD_NAME ended with $?" >> $STATE/ended
    [ -n "$RESTART" ] || return
    usleep 500000
  done
}

# Process 1 of the container: into the cgroup first, because a cgroup namespace begins where its maker is.
enter() { # CGROUP, then what `contained` takes
  echo 0 > "$1/cgroup.procs"
  shift
  exec /usr/bin/unshare -C $BB sh $STATE/kubepods.sh contained "$@"
}

contained() { # OOM TERMINATION SANDBOX HOSTNAME USR VARIABLES COMMAND...
  local variables=$6
  mount -t proc proc /proc
  umount /sys/fs/cgroup
  mount -t cgroup2 -o ro cgroup2 /sys/fs/cgroup
  echo "$1" > /proc/self/oom_score_adj
  if [ -n "$2" ]; then
    mount --bind "$2" /dev/termination-log
    mount --bind "$SANDBOXES/$3/hostname" /etc/hostname
    hostname "$4"
  fi
  [ -z "$5" ] || mount -t overlay -o "ro,lowerdir=$5:/usr" overlay /usr
  shift 6
  exec env -i PATH=/usr/local/bin:/usr/bin:/bin $variables "$@"
}

# --- what the agent should say

# expect [port=N] [serves=metrics|pprof] [name=..] [fires=Rule,Rule] [silent=..] [may=..] [go=yes|no]: `fires` must be found,
# `silent` must not, `may` is left open; a rule not named must not be found either.
expect() {
  local word port= serves= fires= silent= may= go=yes note=
  for word; do
    case $word in
      port=*) port=${word#*=} ;; serves=*) serves=${word#*=} ;; fires=*) fires=${word#*=} ;; silent=*) silent=${word#*=} ;;
      may=*) may=${word#*=} ;; go=*) go=${word#*=} ;; *) echo "expect: $word?" >&2; exit 2 ;;
    esac
  done
  printf '{"kind":"%s","namespace":"%s","pod":"%s","container":"%s","podUid":"%s","containerId":"%s","qos":"%s","cgroup":"/%s","processCgroup":"/%s","ip":"%s","port":"%s","serves":"%s","go":"%s","restarts":"%s","pid":"%s","fires":"%s","silent":"%s","may":"%s"}\n' \
    $KIND "$POD_NS" "$POD_NAME" "$CONTAINER" "$POD_UID" "$ID" "$POD_QOS" "$CGROUP" "$LIMITED" "$POD_IP" "$port" "$serves" "$go" "$RESTART" "$PID" "$fires" "$silent" "$may" >> $STATE/workloads.ndjson
}

case ${1-} in
  in-sandbox) shift; in_sandbox "$@" ;;
  enter) shift; enter "$@" ;;
  contained) shift; contained "$@" ;;
esac
