#  peers.sh: starts and stops what bench/run measures: the mock provider, nginx, and
#  bitrouter in each placement. Sourced by bench/run, which sets work, tools and root.
#  A started peer leaves its process id in peer_pid, its address in peer_url, its start
#  time in peer_ready_ms.

free_port () {
    #  A port that nobody listens on now: the mock knows how to find one.
    local port
    exec {ask}< <(exec "$tools/mock" --port 0)
    local helper=$!
    read -r -u "$ask" port
    kill "$helper"
    exec {ask}<&-
    echo "${port##*:}"
}

#  All processes below one, itself included, separated by commas.
tree () {
    local pid=$1 child
    printf '%s' "$pid"
    for child in $(cat "/proc/$pid/task/"*/children 2>/dev/null); do
        printf ',%s' "$(tree "$child")"
    done
}

mock_start () {
    exec {ask}< <(exec "$tools/mock" --threads "${MOCK_THREADS:-1}")
    mock_pid=$!
    read -r -u "$ask" mock_line || die "the mock provider does not start"
    exec {ask}<&-
    mock_port=${mock_line##*:}
}

#  fill TEMPLATE FILE: puts ports and folder into a template.
fill () {
    sed -e "s|@PORT@|$peer_port|g" -e "s|@MOCK@|$mock_port|g" -e "s|@DIR@|$peer_dir|g" \
        "$1" >"$2"
}

nginx_command () {
    fill "$bench/nginx.conf.in" "$peer_dir/nginx.conf"
    peer_command=(nginx -p "$peer_dir" -e "$peer_dir/error.log" -c "$peer_dir/nginx.conf")
}

#  topology NAME: the file of a placement, in peer_topology. one-N is one.yaml with N
#  shards.
topology () {
    local name=$1 shards=''
    case $name in one-*) shards=${name#one-} name=one ;; esac
    local source=$root/conf/topology/$name.yaml
    peer_topology=$peer_dir/topology.yaml
    if test ! -f "$source"; then
        test -n "$BITROUTER_CMD" && return
        peer_failure="no file conf/topology/$name.yaml"
        return 1
    fi
    if test -n "$shards" && ! grep -q '^[[:space:]-]*count:' "$source"; then
        peer_failure="conf/topology/$name.yaml has no line with count:"
        return 1
    fi
    sed "s/^\([[:space:]-]*count:\).*/\1 ${shards:-auto}/" "$source" >"$peer_topology"
}

#  Hosts that talk over tcp know each other by keys.
keys_for () {
    test "$1" = hosts || return 0
    "$bitrouter" topology keygen --home-dir "$peer_dir" >"$peer_dir/keygen" 2>&1 ||
        note "topology keygen: $(tail -n 1 "$peer_dir/keygen" | cut -c1-200)"
}

bitrouter_command () {
    fill "$bench/bitrouter.yaml.in" "$peer_dir/bitrouter.yaml"
    topology "$1" || return 1
    if test -n "$BITROUTER_CMD"; then
        export PORT=$peer_port MOCK_PORT=$mock_port HOME_DIR=$peer_dir
        export TOPOLOGY=$peer_topology PLACEMENT=$1
        peer_command=(sh -c "$BITROUTER_CMD")
    elif test -x "$bitrouter"; then
        keys_for "$1"
        peer_command=("$bitrouter" serve --home-dir "$peer_dir"
            --topology "$peer_topology")
    else
        peer_failure="no program: set BITROUTER, or build build/bitrouter or ./bitrouter"
        return 1
    fi
}

#  peer_start NAME: direct, nginx, or a placement. On failure 1; peer_failure says why.
peer_start () {
    peer_name=$1 peer_pid='' peer_failure='' peer_ready_ms=''
    if test "$1" = direct; then
        peer_port=$mock_port
        peer_url=http://127.0.0.1:$mock_port/v1/chat/completions
        return 0
    fi
    peer_port=$(free_port)
    peer_dir=$(mktemp -d "$work/$1.XXXXXX")
    chmod 755 "$peer_dir"
    peer_url=http://127.0.0.1:$peer_port/v1/chat/completions
    if test "$1" = nginx; then
        nginx_command
    else
        bitrouter_command "$1" || return 1
    fi
    local since=$EPOCHREALTIME
    "${peer_command[@]}" >"$peer_dir/out" 2>&1 </dev/null &
    peer_pid=$!
    peer_await "$since"
}

last_words () {
    tail -n 1 "$peer_dir/out" | cut -c1-200
}

#  Until /ready answers 200 and one call has gone through.
peer_await () {
    local line
    line=$(timeout 10 "$tools/rate" --url "http://127.0.0.1:$peer_port/ready" --ready 1 \
        --since "${1/,/.}")
    peer_ready_ms=$(field "$line" ready_ms)
    if test -z "$peer_ready_ms" || test "$peer_ready_ms" = null; then
        peer_failure="/ready did not answer 200: $(last_words)"
        peer_stop
        return 1
    fi
    local try
    for try in 1 2 3 4 5; do
        line=$("$tools/rate" --url "$peer_url" --model "$model" --warmup 0 --seconds 0.1)
        test "$(field "$line" requests)" -gt 0 2>/dev/null && break
    done
    if ! test "$(field "$line" requests)" -gt 0 2>/dev/null; then
        peer_failure="no call gets through: $(last_words)"
        peer_stop
        return 1
    fi
}

#  The worst of bitrouter's hosts: how long handlers of messages took, microseconds. They
#  are told with the beat, twice a second.
peer_handlers () {
    test -x "$bitrouter" || return 0
    test "$peer_name" != nginx && test "$peer_name" != direct || return 0
    local figure
    for figure in longest p999; do
        put handlers ${figure}_us "$(timeout 5 "$bitrouter" admin hosts \
            --home-dir "$peer_dir" 2>/dev/null |
            grep -o "\"${figure}_handler_us\":[^,]*[0-9]" | grep -o '[0-9]*$' | sort -n | tail -n 1)"
    done
}

peer_stop () {
    test -n "$peer_pid" || return 0
    local tries=0 pids
    pids=$(tree "$peer_pid")
    kill -TERM "$peer_pid" 2>/dev/null
    while kill -0 "$peer_pid" 2>/dev/null && test $tries -lt 100; do
        sleep 0.02
        tries=$((tries + 1))
    done
    if kill -0 "$peer_pid" 2>/dev/null; then
        note "$peer_name did not end within two seconds of SIGTERM"
        kill -KILL ${pids//,/ } 2>/dev/null
    fi
    wait "$peer_pid" 2>/dev/null
    peer_pid=
}
