# shellcheck shell=bash
# Starts and stops an etcd, a kube-apiserver and, on demand, a kube-controller-manager with all their files
# under one folder. Everything listens on 127.0.0.1 only. Needs install.sh sourced before it.

# Starting takes 3 to 6 s on two idle cores; a machine that is busy building may take several times that.
readonly START_SECONDS=90
# How long a server may take to end after SIGTERM before it gets SIGKILL.
readonly STOP_SECONDS=15
# Ports below the kernel's range for outgoing connections (32768 and up), so that no client holds them.
readonly PORT_FIRST=20000 PORT_LAST=32000
# A port may be taken between the look and the bind: a new one is tried that often.
readonly PORT_TRIES=5

# The controllers that make Pods out of workloads, plus what namespaces and owned objects need to go away.
# serviceaccount is among them because its `default` account shows that the controllers run.
# shellcheck disable=SC2034 # Used by hack/envtest.
readonly DEFAULT_CONTROLLERS=deployment,replicaset,replicationcontroller,statefulset,daemonset,job,cronjob,namespace,garbagecollector,serviceaccount

# server_start DIR ASSETS CONTROLLERS [APISERVER-FLAG…]: CONTROLLERS is a list for --controllers, or empty.
server_start() {
    local dir=$1 assets=$2 controllers=$3 mask
    shift 3
    # The folder holds an administrator's key.
    mask=$(umask)
    umask 077
    mkdir -p -- "$dir"
    dir=$(cd -- "$dir" && pwd)
    ! server_alive "$dir" kube-apiserver || fail "an API server is already running under $dir"
    [[ -z $controllers || -x $assets/kube-controller-manager ]] ||
        fail "$assets has no kube-controller-manager: start without --controllers, or unset KUBEBUILDER_ASSETS"
    rm -rf -- "$dir"/{etcd,audit.log,kubeconfig,etcd.log,kube-apiserver.log,kube-controller-manager.log}
    server_certificates "$dir" || fail "could not make the certificates under $dir (is openssl 3 there?)"
    server_audit_policy >"$dir/audit-policy.yaml"

    if ! server_start_all "$dir" "$assets" "$controllers" "$@"; then
        server_stop "$dir"
        exit 1
    fi
    umask "$mask"
    printf '%s\n' "$dir/kubeconfig"
}

server_start_all() {
    local dir=$1 assets=$2 controllers=$3
    shift 3
    server_on_free_port "$dir" etcd start_etcd "$assets" || return 1
    local etcd_port=$SERVER_PORT
    server_on_free_port "$dir" kube-apiserver start_apiserver "$assets" "$etcd_port" "$@" || return 1
    server_kubeconfig "$dir" admin "$SERVER_PORT" >"$dir/kubeconfig"
    server_kubectl "$dir" "$assets" || return 1
    server_wait "$dir" kube-apiserver "the API server" apiserver_ready || return 1
    if [[ -n $controllers ]]; then
        server_kubeconfig "$dir" controllers "$SERVER_PORT" >"$dir/controllers.kubeconfig"
        server_on_free_port "$dir" kube-controller-manager start_controllers "$assets" "$controllers" || return 1
        server_wait "$dir" kube-controller-manager "the controllers" controllers_ready || return 1
    fi
}

# server_on_free_port DIR NAME START ARGUMENT…: runs START DIR PORT ARGUMENT… on free ports until the server
# listens; sets SERVER_PORT.
server_on_free_port() {
    local dir=$1 name=$2 start=$3 try
    shift 3
    for ((try = 1; try <= PORT_TRIES; try++)); do
        SERVER_PORT=$(free_port) || return 1
        "$start" "$dir" "$SERVER_PORT" "$@"
        if server_wait "$dir" "$name" "$name" listening "$SERVER_PORT" 2>/dev/null; then return 0; fi
        grep -q 'address already in use' "$dir/$name.log" || break
    done
    server_report "$dir" "$name" "$name did not start"
    return 1
}

# A port nobody listens on now, at random so that parallel callers rarely meet.
free_port() {
    local try port taken
    # The local addresses of listening sockets (state 0A), as hexadecimal ports.
    taken=" $(awk '$4 == "0A" { sub(/.*:/, "", $2); print $2 }' /proc/net/tcp /proc/net/tcp6 2>/dev/null | tr '\n' ' ')"
    for ((try = 0; try < 100; try++)); do
        port=$((PORT_FIRST + (RANDOM * 32768 + RANDOM) % (PORT_LAST - PORT_FIRST)))
        [[ $taken == *" $(printf '%04X' "$port") "* ]] || {
            printf '%s\n' "$port"
            return 0
        }
    done
    say "no free port between $PORT_FIRST and $PORT_LAST"
    return 1
}

# server_spawn DIR NAME COMMAND…: in a session of its own, so that a terminal's Ctrl-C reaches only the script.
server_spawn() {
    local dir=$1 name=$2
    shift 2
    detached "$@" >"$dir/$name.log" 2>&1 &
    printf '%s %s\n' "$!" "$(process_stamp "$!")" >"$dir/$name.pid"
}

# detached COMMAND…: becomes COMMAND, without standard input and without any other file of the caller's: a server that
# holds one of its caller's pipes or locks would keep everybody waiting who waits for its end.
detached() {
    local file
    for file in /proc/self/fd/*; do
        file=${file##*/}
        ((file <= 2)) || eval "exec $file>&-"
    done
    exec setsid "$@" </dev/null
}

start_etcd() {
    local dir=$1 port=$2 assets=$3
    rm -rf -- "$dir/etcd"
    # Durability is of no use to a server that lives for one test; the flag is missing in some versions.
    local -a flags=()
    ! supports "$assets/etcd" unsafe-no-fsync || flags+=(--unsafe-no-fsync)
    server_spawn "$dir" etcd "$assets/etcd" --name test --data-dir "$dir/etcd" \
        --listen-client-urls "http://127.0.0.1:$port" --advertise-client-urls "http://127.0.0.1:$port" \
        --listen-peer-urls http://127.0.0.1:0 --initial-advertise-peer-urls http://127.0.0.1:0 \
        --initial-cluster test=http://127.0.0.1:0 "${flags[@]}"
}

start_apiserver() {
    local dir=$1 port=$2 assets=$3 etcd_port=$4
    shift 4
    # No ServiceAccount admission: Pods are made without a controller that makes `default` accounts.
    # No endpoint reconciler: it refuses the loopback address it would have to publish.
    server_spawn "$dir" kube-apiserver "$assets/kube-apiserver" \
        --bind-address=127.0.0.1 --advertise-address=127.0.0.1 --secure-port="$port" \
        --endpoint-reconciler-type=none --service-cluster-ip-range=10.96.0.0/16 \
        --etcd-servers="http://127.0.0.1:$etcd_port" --cert-dir="$dir/tls" \
        --tls-cert-file="$dir/tls/server.crt" --tls-private-key-file="$dir/tls/server.key" \
        --client-ca-file="$dir/tls/ca.crt" --anonymous-auth=false --authorization-mode=RBAC \
        --service-account-issuer=https://kubernetes.default.svc.cluster.local \
        --service-account-key-file="$dir/tls/service-account.pub" \
        --service-account-signing-key-file="$dir/tls/service-account.key" \
        --disable-admission-plugins=ServiceAccount --allow-privileged=true \
        --audit-policy-file="$dir/audit-policy.yaml" --audit-log-path="$dir/audit.log" --audit-log-mode=blocking \
        "$@"
}

start_controllers() {
    local dir=$1 port=$2 assets=$3 controllers=$4
    local -a flags=()
    # Up to 1.23 an unencrypted port is opened on all interfaces unless it is switched off.
    ! supports "$assets/kube-controller-manager" port || flags+=(--port=0)
    server_spawn "$dir" kube-controller-manager "$assets/kube-controller-manager" \
        --bind-address=127.0.0.1 --secure-port="$port" --cert-dir="$dir/tls" \
        --kubeconfig="$dir/controllers.kubeconfig" --controllers="$controllers" --leader-elect=false \
        --use-service-account-credentials=false --concurrent-deployment-syncs=2 "${flags[@]}"
}

# supports BINARY FLAG: whether its help knows --FLAG.
supports() {
    "$1" --help 2>&1 | grep -Eq -- "^ *--$2([ =]|\$)"
}

listening() {
    (exec 3<>"/dev/tcp/127.0.0.1/$2") 2>/dev/null
}

# Ready, and the namespace everybody uses is there: it is made shortly after.
apiserver_ready() {
    [[ $("$1/kubectl" get --raw /readyz 2>/dev/null) == ok ]] && "$1/kubectl" get namespace default >/dev/null 2>&1
}

controllers_ready() {
    "$1/kubectl" get --namespace default serviceaccount default >/dev/null 2>&1
}

# server_wait DIR NAME WHAT CHECK ARGUMENT…: polls CHECK DIR ARGUMENT… until it holds, the server ends or the
# time is up.
server_wait() {
    local dir=$1 name=$2 what=$3 check=$4 deadline=$((SECONDS + START_SECONDS))
    shift 4
    while ! "$check" "$dir" "$@"; do
        server_alive "$dir" "$name" || {
            server_report "$dir" "$name" "$what ended while starting"
            return 1
        }
        ((SECONDS < deadline)) || {
            server_report "$dir" "$name" "$what was not ready after $START_SECONDS s"
            return 1
        }
        sleep 0.05
    done
    # Whoever answered may have been a stranger on the same port while ours failed to bind.
    server_alive "$dir" "$name"
}

server_report() {
    say "envtest: $3; the end of $1/$2.log:"
    tail -n 15 -- "$1/$2.log" 2>/dev/null | cut -c1-300 | sed 's/^/    /' >&2
}

# server_alive DIR NAME: whether the recorded process still runs. It is known by its number and its start time,
# as the number alone may be another's by now.
server_alive() {
    local pid stamp
    read -r pid stamp 2>/dev/null <"$1/$2.pid" || return 1
    [[ -n $stamp && $(process_stamp "$pid") == "$stamp" ]]
}

# process_stamp PID: prints its start time in ticks since boot; nothing when it is gone or a zombie.
process_stamp() {
    local line
    read -r line 2>/dev/null <"/proc/$1/stat" || return 0
    # After the command's name, which may hold anything: the state is the first field, the start time the 20th.
    # shellcheck disable=SC2086 # To be split.
    set -- ${line##*) }
    [[ $1 == Z ]] || printf '%s\n' "${20}"
}

# server_stop DIR: clients first, so that nobody waits for a connection that is about to go.
server_stop() {
    local dir name
    dir=$(cd -- "$1" 2>/dev/null && pwd) || return 0
    for name in kube-controller-manager kube-apiserver etcd; do
        server_end "$dir" "$name"
    done
}

server_end() {
    local dir=$1 name=$2 pid deadline=$((SECONDS + STOP_SECONDS))
    if server_alive "$dir" "$name"; then
        read -r pid _ <"$dir/$name.pid"
        kill -TERM "$pid" 2>/dev/null || true
        while server_alive "$dir" "$name"; do
            ((SECONDS < deadline)) || {
                kill -KILL "$pid" 2>/dev/null || true
                break
            }
            sleep 0.05
        done
    fi
    rm -f -- "$dir/$name.pid"
}
