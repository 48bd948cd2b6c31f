#!/usr/bin/env bash
#  guard_first.sh: what rules that only warn cost a call: its time to the first byte, and
#  CPU. One bitrouter without guardrails, one as it is configured by default, and a second
#  one without, which shows how far two equal ones lie apart.
#
#    bench/guard_first.sh BITROUTER [CALLS [PAUSE_MS]]
#
#  Wants bench/mock, bench/rate and bench/guard_first beside BITROUTER's own bench folder:
#  "make bench-tools". BENCH_TOOLS=DIR says where else they are.

set -euo pipefail
bitrouter=${1:?usage: guard_first.sh BITROUTER [CALLS [PAUSE_MS]]}
calls=${2:-2000}
pause=${3:-3}
bench=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tools=${BENCH_TOOLS:-$(dirname "$bitrouter")/bench}
work=$(mktemp -d)
pids=()
peers=()

finish () {
    local pid
    for pid in "${pids[@]}"; do
        kill "$pid" 2> /dev/null || true
    done
    wait
    rm -rf "$work"
}
trap finish EXIT

free_port () {
    python3 -c 'import socket; s = socket.socket (); s.bind (("127.0.0.1", 0)); print (s.getsockname ()[1])'
}

start_mock () {
    "$tools/mock" --port 0 --log "$work/mock.log" > "$work/mock.out" &
    pids+=($!)
    for _ in $(seq 100); do
        mock_port=$(sed -n 's/^listening on 127.0.0.1://p' "$work/mock.out")
        test -z "$mock_port" || return 0
        sleep 0.05
    done
    echo "guard_first.sh: the mock provider does not start" >&2
    exit 1
}

#  start NAME [LINES]: a bitrouter with these lines of configuration more.
start () {
    local port home=$work/$1
    port=$(free_port)
    mkdir "$home"
    sed "s/@PORT@/$port/; s/@MOCK@/$mock_port/" "$bench/bitrouter.yaml.in" > "$home/bitrouter.yaml"
    printf '%b' "${2-}" >> "$home/bitrouter.yaml"
    "$bitrouter" serve --home-dir "$home" > "$home/log" 2>&1 &
    pids+=($!)
    peers+=("$1=$port=$!")
    "$tools/rate" --url "http://127.0.0.1:$port/ready" --ready 1 > "$home/ready"
}

first () { #  first OPTIONS...
    "$tools/guard_first" --pause "$pause" "$@" "${peers[@]%=*}"
}

#  CPU of a call, 16 at a time: three rounds of each in turn.
cpu () {
    local peer name port pid
    echo "microseconds of CPU for a call of 2048 bytes, 16 at a time, three rounds"
    for peer in "${peers[@]}"; do
        echo "${peer%%=*}" > "$work/${peer%%=*}/cpu"
    done
    for _ in 1 2 3; do
        for peer in "${peers[@]}"; do
            IFS='=' read -r name port pid <<< "$peer"
            "$tools/rate" --url "http://127.0.0.1:$port/v1/chat/completions" --model mock:mock \
                --size 2048 --connections 16 --seconds 1 --pid "peer=$pid" \
                | sed -n 's/.*"cpu_peer_us_per_request":\([0-9.]*\).*/\1/p' >> "$work/$name/cpu"
        done
    done
    for peer in "${peers[@]}"; do
        paste -sd ' ' "$work/${peer%%=*}/cpu"
    done
}

start_mock
start off 'guardrails:\n  enabled: false\n'
start warn
start off-again 'guardrails:\n  enabled: false\n'
first --calls "$calls"
first --calls "$calls" --stream 0
first --calls $((calls / 2)) --size 100000
cpu
