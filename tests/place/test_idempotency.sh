#!/usr/bin/env bash
#  Calls with an Idempotency-Key, against a whole bitrouter and the mock provider: what
#  clients get, and how often the provider was asked. In the default placement and with a
#  process for each host. Needs curl, jq; BITROUTER and MOCK name the programs.

set -uo pipefail
export LC_ALL=C.UTF-8

source=${BR_SOURCE_DIR:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${BR_BUILD_DIR:-$PWD}
bitrouter=${BITROUTER:-$build/bitrouter}
mock=${MOCK:-$build/bench/mock}
if [ ! -x "$bitrouter" ] || [ ! -x "$mock" ]; then
    echo "no program $bitrouter or $mock; make bitrouter bench-tools"
    exit 77
fi
for tool in curl jq; do
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

says () { grep -q "$1" "$2"; }

start () { #  start [OPTION...]
    rm -rf "${work:?}/home"
    mkdir "$work/home"
    : > "$work/log"
    : > "$work/mock.out"
    "$mock" --port 0 --log "$work/log" > "$work/mock.out" 2>&1 &
    pids+=($!)
    until_true says listening "$work/mock.out"
    local port
    port=$(sed 's/.*://' "$work/mock.out")
    cat > "$work/home/bitrouter.yaml" << EOF
inherit_defaults: false
server: { listen: "127.0.0.1:0" }
upstream: { retries: 0, finish_unattended: true }
providers:
  one: { api_protocol: openai, api_base: "http://127.0.0.1:$port/v1", api_key: sk-0123456789 }
EOF
    "$bitrouter" --home-dir "$work/home" serve "$@" > "$work/serve.log" 2>&1 &
    serve=$!
    pids+=("$serve")
    until_true is_ready
    url=http://$(admin calls | jq -r '.. | .listen? // empty | .[0]' | head -n 1)
}

stop () {
    kill -TERM "$serve"
    wait "$serve"
    check "it ends in order" $? 0
    kill -TERM "${pids[0]}"
    wait "${pids[0]}"
    pids=()
}

admin () { "$bitrouter" --home-dir "$work/home" admin "$@" 2> /dev/null; }
is_ready () { [ "$(admin status | jq -r .ready)" = true ]; }
asked () { grep -c "\"$1\"" "$work/log"; }

#  ask NAME KEY MODEL [STREAM]: the answer is in $work/NAME.body and .head; via=exec: as
#  the process that it is called in
ask () {
    ${via:-} curl -sS --max-time 20 -D "$work/$1.head" -o "$work/$1.body" \
        -H 'content-type: application/json' -H "Idempotency-Key: $2" \
        -d "{\"model\":\"one:$3\",\"stream\":${4:-false},\"messages\":[]}" \
        "$url/v1/chat/completions" 2> "$work/$1.err"
}

status () { sed -n '1s/HTTP[^ ]* \([0-9]*\).*/\1/p' "$work/$1.head"; }
replayed () { grep -ci '^x-bitrouter-replayed: true' "$work/$1.head"; }
same () { cmp -s "$work/$1.body" "$work/$2.body" && [ -s "$work/$1.body" ] && echo same; }
runs () { [ "$(admin idempotency | jq '[.. | .running? // empty] | add')" = "$1" ]; }
has_rows () { [ "$(admin ledger | jq '[.. | .rows? // empty] | add')" = "$1" ]; }
runs_or_ended () { runs 1 || ! kill -0 "$1" 2> /dev/null; }

#  two CASE MODEL STREAM: two calls in flight with one key; which one is first is open
two () {
    ask "$1-a" "$1" "$2" "$3" &
    local a=$!
    ask "$1-b" "$1" "$2" "$3" &
    wait "$a" $!
}

#  each COMMAND CASE: what it says of both, in order
each () { { "$1" "$2-a"; "$1" "$2-b"; } | sort | paste -sd ' '; }

play () { #  play PLACEMENT
    two plain mock-first300-tag1 false
    check "$1: both get the answer" "$(same plain-a plain-b)" same
    check "$1: the provider was asked once" "$(asked mock-first300-tag1)" 1
    check "$1: one of them is marked" "$(each replayed plain)" "0 1"

    two stream mock-chunks30-gap10-tag2 true
    check "$1: both get the stream" "$(same stream-a stream-b)" same
    check "$1: the stream is whole" "$(tail -c 14 "$work/stream-a.body")" "data: [DONE]"
    check "$1: the provider streamed once" "$(asked mock-chunks30-gap10-tag2)" 1

    ask again stream mock-chunks30-gap10-tag2 true
    check "$1: a third one later gets it too" "$(same stream-a again)" same
    ask other stream mock-tag3 true
    check "$1: another body is a conflict" "$(status other)" 409
    ask bad "two words" mock-tag4
    check "$1: a key that is none is refused" "$(status bad)" 400

    two fails mock-503-first300-times1-tag5 false
    check "$1: after a failure the other one runs" "$(each status fails)" "200 503"
    check "$1: the provider was asked again" "$(asked mock-503-first300-times1-tag5)" 2

    ask large-a large mock-size700000-tag6
    ask large-b large mock-size700000-tag6
    check "$1: an answer beyond the window comes again" "$(same large-a large-b)" same
    check "$1: the provider made it once" "$(asked mock-size700000-tag6)" 1

    via="exec" ask gone-a gone mock-first700-tag7 &
    local client=$!
    until_true runs_or_ended "$client"
    kill -KILL "$client" 2> /dev/null
    wait "$client" 2> /dev/null
    ask gone-b gone mock-first700-tag7
    check "$1: a client that came back gets the answer" \
        "$(status gone-b) $(replayed gone-b)" "200 1"
    check "$1: its call was made once" "$(asked mock-first700-tag7)" 1
    until_true has_rows "$(grep -c . "$work/log")" #  one for each that was made
}

start
play one
stop
start --topology "$source/conf/topology/processes.yaml"
play processes
stop

echo "$passed passed, $failed failed"
[ $failed = 0 ]
