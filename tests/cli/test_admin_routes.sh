#!/usr/bin/env bash
#  Routes that scripts add and remove in a running bitrouter: many at once over every door,
#  reloads in between, an ingress that is killed, a new start, and hosts that speak tcp: who
#  was answered finds the route everywhere. BITROUTER names the program.

set -uo pipefail
export LC_ALL=C.UTF-8
source=${BR_SOURCE_DIR:-$(cd "$(dirname "$0")/../.." && pwd)}

bitrouter=${BITROUTER:-./bitrouter}
for program in curl jq ss "$bitrouter"; do
    if ! command -v "$program" > /dev/null; then
        echo "needs $program"
        exit 77
    fi
done
python=
for program in python3 /usr/bin/python3; do
    if "$program" -c 'import zmq' 2> /dev/null; then
        python=$program
        break
    fi
done
if [ -z "$python" ]; then
    echo "needs python3 with zmq (python3-zmq)"
    exit 77
fi
bitrouter=$(realpath "$bitrouter")
work=$(mktemp -d) || exit 99
home=$work/home
server=
passed=0 failed=0
unset "${!BITROUTER_@}" http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY
export HOME=$work/nobody
mkdir "$home" "$HOME"
cd "$work" || exit 99

finish () {
    [ -z "$server" ] || kill -KILL "$server" 2> /dev/null
    rm -rf "$work"
}
trap finish EXIT

check () { #  check WHAT COMMAND...
    local what=$1
    shift
    if "$@" > "$work/check.out" 2>&1; then
        passed=$((passed + 1))
        return
    fi
    failed=$((failed + 1))
    printf 'FAIL %s: %s\n' "$what" "$*"
    head -n 20 "$work/check.out"
}

until_true () {
    local tries
    for ((tries = 0; tries < 600; tries++)); do
        "$@" && return 0
        sleep 0.05
    done
    return 1
}

admin () {
    "$bitrouter" --home-dir "$home" admin "$@"
}

is_ready () {
    kill -0 "$server" 2> /dev/null || return 0
    "$bitrouter" --home-dir "$home" status --json 2> /dev/null | jq -e .ready > /dev/null
}

start () { #  start TOPOLOGY
    echo 'server: { listen: 127.0.0.1:0 }
models: { fixed: { endpoints: [{ provider: echo, service_id: echo }] } }' \
        > "$home/bitrouter.yaml"
    "$bitrouter" --home-dir "$home" serve --topology "$1" > serve.out 2> serve.err &
    server=$!
    if ! until_true is_ready || ! kill -0 "$server"; then
        cat serve.err
        echo "$passed passed, $((failed + 1)) failed"
        exit 1
    fi
    find_ports
}

stop () {
    kill -TERM "$server"
    wait "$server"
    server=
}

#  The pids of hosts whose name begins with a word.
pids () {
    admin hosts | jq -r --arg word "$1" '.[] | select (.name | startswith ($word)) | .pid' | sort -u
}

#  Where the hosts with an ingress listen for clients: each for itself, since port 0 was asked
#  for. Only they listen on tcp with a status to tell.
find_ports () {
    local port
    ports=()
    for port in $(ss -ltnpH | grep -E "pid=($(pids '' | paste -sd '|'))," \
        | sed -n 's/.* 127\.0\.0\.1:\([0-9]*\) .*/\1/p' | sort -u); do
        [ "$(curl -s -o health -m 5 -w '%{http_code}' "http://127.0.0.1:$port/health" 2> /dev/null)" = 200 ] \
            && ports+=("$port")
    done
    url=http://127.0.0.1:${ports[0]-}
}

calls () { #  calls MODEL STATUS: over each ingress
    local port got
    [ ${#ports[@]} -gt 0 ] || return 1
    for port in "${ports[@]}"; do
        got=$(curl -s -o answer -m 20 -w '%{http_code}' "http://127.0.0.1:$port/v1/chat/completions" \
            -d '{"model": "'"$1"'", "messages": [{"role": "user", "content": "hello"}]}')
        if [ "$got" != "$2" ]; then
            echo "$1 over $port: $got, not $2: $(cat answer)"
            return 1
        fi
    done
}

dynamic () { #  the names of those that were added
    admin routes | jq -r '.[] | select (.source == "dynamic") | .name' | sort
}

are_left () {
    diff wanted <(dynamic)
}

add () { #  add NAME
    admin route_add '{"name": "'"$1"'", "endpoints": [{"provider": "echo", "service_id": "echo"}]}' > out
}

crowd () {
    rm -f wanted crowd.err
    "$python" "$source/tests/cli/admin_crowd.py" "$home/run" "$url" 5 > wanted 2> crowd.err
    local rc=$?
    cat crowd.err
    return $rc
}

#  ---- in one process

start one
check "an ingress for each shard" test ${#ports[@]} -ge 1
check "a crowd is answered in order" crowd
check "60 routes are left" test "$(wc -l < wanted)" = 60
check "and are there" are_left
check "a call over the first" calls "$(head -n 1 wanted)" 200
check "a call over the last" calls "$(tail -n 1 wanted)" 200
check "removed is removed" calls by_http-0-01 404
check "a reload" admin reload
check "keeps them" are_left
check "the crowd again, in the place of the same" crowd
check "as before" are_left
stop
start one
check "a new start has none" test -z "$(dynamic)"
check "and none is known" calls by_http-0-00 404
check "only the file's" calls fixed 200
stop

#  ---- in processes: an ingress that is killed

start processes
check "a crowd of processes" crowd
check "all there" are_left
for round in 1 2 3; do
    pid=$(pids ingress)
    kill -KILL "$pid"
    ingress_is_back () {
        local now
        now=$(pids ingress)
        [ -n "$now" ] && [ "$now" != "$pid" ] \
            && admin hosts | jq -e '.[] | select (.name == "ingress") | .state == "up"' > /dev/null \
            && find_ports && [ ${#ports[@]} -gt 0 ]
    }
    check "the ingress is back, $round" until_true ingress_is_back
    check "with all routes" are_left
    check "a call over one" calls "$(head -n 1 wanted)" 200
    add "after-$round"
    check "and takes another" calls "after-$round" 200
    printf 'after-%s\n' "$round" | sort - wanted > grown
    mv grown wanted
done

#  While it is away: whoever is answered finds the route when it is back.
pid=$(pids ingress)
kill -KILL "$pid"
check "an answer while a host is away" add meanwhile
check "it comes back" until_true ingress_is_back
check "and has that, too" calls meanwhile 200
stop
start processes
check "a new start of processes has none" test -z "$(dynamic)"
stop

#  ---- over tcp, with several hosts of a kind: the answer comes when all have it

sed -e 's|^broker: .*|broker: tcp://127.0.0.1:*|' -e 's|^  - name: ingress|&-1|' \
    "$source/conf/topology/hosts.yaml" > hosts.yaml
cat >> hosts.yaml << 'END'
  - name: ingress-2
    place: process
    bind: tcp://127.0.0.1:*
    actors: [ingress]
  - name: ingress-3
    place: process
    bind: tcp://127.0.0.1:*
    actors: [ingress]
  - name: router-2
    place: process
    bind: tcp://127.0.0.1:*
    actors: [router]
END
check "keys" "$bitrouter" --home-dir "$home" topology keygen --topology "$work/hosts.yaml"
start "$work/hosts.yaml"
check "three of them" test ${#ports[@]} = 3
for round in 1 2 3 4 5; do
    check "added" add "there-$round"
    check "is everywhere at once, $round" calls "there-$round" 200
    check "removed" admin route_remove '{"name": "there-'"$round"'"}'
    check "is nowhere at once, $round" calls "there-$round" 404
done
check "a crowd over tcp" crowd
check "all there" are_left
check "on all" calls "$(head -n 1 wanted)" 200
stop
echo "$passed passed, $failed failed"
[ $failed = 0 ]
