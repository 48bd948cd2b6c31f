#!/usr/bin/env bash
#  Stored responses, against a whole bitrouter with several ingresses and a provider that
#  keeps them: whichever ingress a new connection comes to knows who made a response. With
#  four shards in one process, and with three processes of ingress. Needs curl, jq and
#  python3; BITROUTER names the program.

set -uo pipefail
export LC_ALL=C.UTF-8

source=${BR_SOURCE_DIR:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${BR_BUILD_DIR:-$PWD}
bitrouter=${BITROUTER:-$build/bitrouter}
if [ ! -x "$bitrouter" ]; then
    echo "no program $bitrouter; make bitrouter"
    exit 77
fi
for tool in curl jq python3; do
    command -v $tool > /dev/null || { echo "no $tool"; exit 77; }
done
unset "${!BITROUTER_@}" http_proxy https_proxy all_proxy
work=$(mktemp -d) || exit 99
pids=()
trap 'kill -KILL ${pids[@]+"${pids[@]}"} 2> /dev/null; wait; rm -rf "$work"' EXIT
passed=0 failed=0

check () { #  check WHAT GOT WANTED
    if [ "$2" = "$3" ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'FAIL %s\n  got    %s\n  wanted %s\n' "$1" "$2" "$3"
    fi
}

#  until_true COMMAND...: for at most 60 s
until_true () {
    for _ in {1..1200}; do
        "$@" && return
        sleep 0.05
    done
    echo "did not happen: $*"
    cat "$work/serve.log"
    exit 1
}

admin () { "$bitrouter" --home-dir "$work/home" admin "$@" 2> /dev/null; }
is_ready () { [ "$(admin status | jq -r .ready)" = true ]; }
has_port () { [ -s "$work/port" ]; }

#  A port that was free a moment ago: all ingresses share it.
free_port () {
    python3 -c 'import socket; s = socket.socket (); s.bind (("127.0.0.1", 0))
print (s.getsockname ()[1])'
}

start () { #  start TOPOLOGY
    rm -rf "${work:?}/home" "$work/port"
    mkdir "$work/home"
    python3 "$source/tests/place/keeper.py" > "$work/port" &
    pids+=($!)
    until_true has_port
    url=http://127.0.0.1:$(free_port)
    cat > "$work/home/bitrouter.yaml" << EOF
inherit_defaults: false
server: { listen: "${url#http://}" }
upstream: { retries: 0 }
providers:
  one:
    api_protocol: responses
    api_base: "http://127.0.0.1:$(head -n 1 "$work/port")/v1"
    models: { m: {} }
    account_strategy: balance
    accounts:
      - { label: a, api_key: sk-key-a }
      - { label: b, api_key: sk-key-b }
EOF
    "$bitrouter" --home-dir "$work/home" serve --topology "$1" > "$work/serve.log" 2>&1 &
    serve=$!
    pids+=("$serve")
    until_true is_ready
}

stop () {
    kill -TERM "$serve"
    wait "$serve"
    check "it ends in order" $? 0
    kill -TERM "${pids[0]}"
    wait "${pids[0]}" 2> /dev/null
    pids=()
}

#  Each on a connection of its own.
ask () { #  ask METHOD PATH [BODY]: body and, as the last line, status
    curl -sS --max-time 20 -w '\n%{http_code}\n' -X "$1" \
        -H 'content-type: application/json' ${3:+-d "$3"} "$url/v1/responses$2" 2>&1
}
status () { ask "$@" | tail -n 1; }

#  make INPUT [PREVIOUS]: "ID KEY" of a new response, with the last letter of the key. An
#  account is chosen by the input.
make () {
    local previous=${2:+,\"previous_response_id\":\"$2\"}
    ask POST "" "{\"model\":\"one:m\",\"input\":\"$1\"$previous}" \
        | sed '$d' | jq -r '.id + " " + .user'
}

#  times N COMMAND...: its distinct lines
times () {
    local n=$1
    shift
    for ((i = 0; i < n; i++)); do
        "$@"
    done | sort | uniq -c | sed 's/^ *//' | paste -sd ' '
}

known () { admin idempotency | jq '[.. | .objects? // empty] | add'; }
key_of () { make more "$1" | cut -d ' ' -f 2; }

play () { #  play PLACEMENT
    local i id key other made=0 keys=()
    for i in {1..10}; do
        read -r id key <<< "$(make "hello $i")"
        keys+=("$key")
        made=$((made + 1))
        check "$1: $id over new connections" "$(times 5 status GET "/$id")" "5 200"
        check "$1: what goes on from $id" "$(times 2 key_of "$id")" "2 $key"
        made=$((made + 2))
    done
    check "$1: both accounts were asked" \
        "$(printf '%s\n' "${keys[@]}" | sort -u | paste -sd ' ')" "a b"
    check "$1: the owner knows all of them" "$(known)" "$made"
    check "$1: its items" "$(times 5 status GET "/$id/input_items")" "5 200"
    check "$1: its cancel" "$(times 5 status POST "/$id/cancel" '{}')" "5 200"
    check "$1: its end" "$(times 5 status DELETE "/$id")" "5 200"
    check "$1: none was asked about at another's" "$(grep -c missing "$work/port")" 0
    check "$1: one that nobody made" "$(times 4 status GET /resp_none)" "4 404"
    #  At once behind the answer: the question may come before what answers it.
    for _ in {1..50}; do
        read -r other _ <<< "$(make hello)"
        status GET "/$other"
    done > "$work/statuses"
    check "$1: asked at once" \
        "$(sort "$work/statuses" | uniq -c | sed 's/^ *//')" "50 200"
}

sed 's/count: auto/count: 4/' "$source/conf/topology/one.yaml" > "$work/shards.yaml"
sed 's/  - name: ingress/&\n    count: 3/' "$source/conf/topology/processes.yaml" \
    > "$work/processes.yaml"
start "$work/shards.yaml"
play shards
stop
start "$work/processes.yaml"
play processes
stop

echo "$passed passed, $failed failed"
[ $failed = 0 ]
