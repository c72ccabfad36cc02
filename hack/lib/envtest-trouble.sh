# shellcheck shell=bash
# What happens to API servers in their lives: they end and begin, and they forget. Needs envtest-server.sh sourced
# before it.

# apiserver_stop DIR: the kube-apiserver ends; its etcd stays. How it was started is kept for apiserver_start.
apiserver_stop() {
    local dir pid
    dir=$(running_directory "$1")
    server_alive "$dir" kube-apiserver || fail "no API server is running under $dir"
    read -r pid _ <"$dir/kube-apiserver.pid"
    cp -- "/proc/$pid/cmdline" "$dir/kube-apiserver.command"
    server_end "$dir" kube-apiserver
}

# apiserver_start DIR: starts what apiserver_stop ended, with the same arguments, and waits until it is ready.
apiserver_start() {
    local dir
    local -a words
    dir=$(running_directory "$1")
    ! server_alive "$dir" kube-apiserver || fail "an API server is already running under $dir"
    [[ -s $dir/kube-apiserver.command ]] || fail "no API server was stopped under $dir"
    mapfile -d '' -t words <"$dir/kube-apiserver.command"
    server_spawn "$dir" kube-apiserver "${words[@]}"
    server_wait "$dir" kube-apiserver "the API server" apiserver_ready
}

# etcd_compact DIR: everything but the newest version of each key is forgotten.
etcd_compact() {
    local dir pid port answer revision
    dir=$(running_directory "$1")
    server_alive "$dir" etcd || fail "no etcd is running under $dir"
    read -r pid _ <"$dir/etcd.pid"
    port=$(tr '\0' '\n' <"/proc/$pid/cmdline" | sed -n 's|^http://127\.0\.0\.1:\([0-9]*\)$|\1|p' | head -n 1)
    # The key of one zero byte: none has it, and every answer tells the newest revision.
    answer=$(etcd_call "$port" /v3/kv/range '{"key":"AA=="}')
    [[ $answer =~ \"revision\":\"([0-9]+)\" ]] || fail "etcd does not tell its revision: $answer"
    revision=${BASH_REMATCH[1]}
    answer=$(etcd_call "$port" /v3/kv/compaction "{\"revision\":\"$revision\",\"physical\":true}")
    # Nothing has changed since the last time: there is nothing to forget.
    [[ $answer == *" 200 "* || $answer == *"has been compacted"* ]] || fail "etcd does not compact: $answer"
}

# etcd_call PORT PATH JSON: prints the whole answer.
etcd_call() {
    exec 3<>"/dev/tcp/127.0.0.1/$1"
    printf 'POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s' "$2" "${#3}" "$3" >&3
    cat <&3
    exec 3>&-
}

running_directory() {
    cd -- "$1" 2>/dev/null || fail "there is no folder '$1'"
    pwd
}
