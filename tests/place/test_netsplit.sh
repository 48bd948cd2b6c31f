#!/usr/bin/env bash
#  Hosts on three machines, as network namespaces, over tcp with CURVE: broker, ledger and
#  control on the first, ingress and router on the second, the providers on the third.
#  Each machine's link is cut under load, and healed: every call ends, and calls are served
#  again. Remote hosts that have lost their broker join it again in the same process, and
#  take what the ledger was not told along: no call is without a row. An init stands by for
#  those that do end. Needs root. CUTS is how often each link is cut.

set -uo pipefail
export LC_ALL=C.UTF-8

source=${BR_SOURCE_DIR:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${BR_BUILD_DIR:-$PWD}
bitrouter=${BITROUTER:-$build/bitrouter}
mock=$build/bench/mock
netsplit=$build/tests/place/netsplit
topology=${TOPOLOGY:-$source/tests/place/topology/netsplit.yaml}
cuts=${CUTS:-1}
[ "${BR_DEEP:-no}" = yes ] && cuts=${CUTS:-3}
port=8787
heal_seconds=40

skip () {
    echo "SKIPPED: $*"
    exit 77
}

for program in "$bitrouter" "$mock" "$netsplit"; do
    [ -x "$program" ] || skip "no program $program; make place-tools bench-tools"
done
[ "$(id -u)" = 0 ] || skip "network namespaces need root"
command -v ip > /dev/null || skip "there is no ip; install iproute2"

id=$$
hub=br$id-hub
work=$(mktemp -d) || exit 99
pids=()
finish () {
    [ ${#pids[@]} = 0 ] || kill -KILL "${pids[@]}"
    for name in 1 2 3 hub; do
        ip netns pids "br$id-$name" | xargs -r kill -KILL
        ip netns delete "br$id-$name"
    done
    wait
    rm -rf "$work"
}
trap 'finish 2> /dev/null' EXIT

die () {
    echo "FAIL: $*"
    tail -n 20 "$work"/*.out
    echo "0 passed, 1 failed"
    exit 1
}

#  until_true SECONDS COMMAND...: waits for what must come
until_true () {
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        [ $SECONDS -lt $end ] || return 1
        sleep 0.05
    done
}

#  ---- machines

ip netns add "$hub" 2> "$work/ip.err" \
    || skip "no network namespaces: $(cat "$work/ip.err")"

network () {
    ip -n "$hub" link add bridge type bridge &&
        ip -n "$hub" link set bridge up || return 1
    local n
    for n in 1 2 3; do
        ip netns add "br$id-$n" &&
            ip -n "$hub" link add "to$n" type veth peer name eth0 netns "br$id-$n" &&
            ip -n "$hub" link set "to$n" master bridge &&
            ip -n "$hub" link set "to$n" up &&
            ip -n "br$id-$n" address add "10.77.0.$n/24" dev eth0 &&
            ip -n "br$id-$n" link set lo up &&
            ip -n "br$id-$n" link set eth0 up || return 1
    done
}
network 2> "$work/ip.err" || skip "cannot make the network: $(cat "$work/ip.err")"

become () { #  become MACHINE COMMAND...: in place of this shell
    local n=$1
    shift
    exec ip netns exec "br$id-$n" env -i PATH="$PATH" HOME="$work/home$n" "$@"
}

on () { #  on MACHINE COMMAND...
    (become "$@")
}

#  ---- programs

mkdir "$work"/home{1,2,3}
cat > "$work/home1/bitrouter.yaml" << END
inherit_defaults: false
server: { listen: "127.0.0.1:$port" }
upstream: { backoff: { base_ms: 20, max_ms: 500 } }
providers:
  one: { api_protocol: openai, api_base: "http://127.0.0.1:9000/v1" }
END
on 1 "$bitrouter" --home-dir "$work/home1" topology keygen --topology "$topology" \
    > "$work/keygen.out" 2>&1 || die "no keys"
for name in ingress router providers; do
    n=2
    [ $name = providers ] && n=3
    mkdir -p "$work/home$n/curve"
    cp "$work"/home1/curve/*.pub "$work/home1/curve/$name.key" "$work/home$n/curve/"
done

#  Starts a remote host again and again.
keep () { #  keep MACHINE NAME
    while sleep 0.1; do
        echo "$2" >> "$work/starts"
        on "$1" "$bitrouter" --home-dir "$work/home$1" actor "$2" \
            --broker tcp://10.77.0.1:7700 --bind "tcp://10.77.0.$1:*" \
            >> "$work/$2.out" 2>&1
    done
}

become 3 "$mock" --port 9000 --log "$work/mock.log" > "$work/mock.out" 2>&1 &
pids+=($!)
become 1 "$bitrouter" --home-dir "$work/home1" serve --topology "$topology" \
    > "$work/serve.out" 2>&1 &
server=$!
pids+=("$server")
keep 2 ingress &
pids+=($!)
keep 2 router &
pids+=($!)
keep 3 providers &
pids+=($!)

is_ready () {
    on 1 "$bitrouter" --home-dir "$work/home1" status --json 2> /dev/null \
        | grep -qE '"ready":[[:space:]]*true'
}
until_true 30 is_ready || die "it does not get ready"

coproc CALLS { become 2 "$netsplit" $port 200000 2>&1; }
calls_pid=$CALLS_PID
exec 3<&"${CALLS[0]}" 4>&"${CALLS[1]}"

say () {
    echo "$*" >&4
}

complete=0 broken=0 wrong=0
count () {
    say count
    local line
    while read -r -t 60 line <&3; do
        if [[ $line =~ ^([0-9]+)\ ([0-9]+)\ ([0-9]+)$ ]]; then
            complete=${BASH_REMATCH[1]} broken=${BASH_REMATCH[2]} wrong=${BASH_REMATCH[3]}
            return
        fi
        echo "$line"
    done
}

is_served () { #  is_served COUNT: more calls than that are complete
    count
    [ "$complete" -gt "$1" ]
}

#  ---- cuts

passed=0 failed=0
verdict () { #  verdict STATUS WHAT
    if [ "$1" = 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAIL: $2"
    fi
}

cut_and_heal () { #  cut_and_heal MACHINE SECONDS
    local before=$complete lost=$broken start
    say cut
    ip -n "$hub" link set "to$1" down
    sleep "$2"
    ip -n "$hub" link set "to$1" up
    start=$EPOCHREALTIME
    sleep 1.5 #  what a short cut has broken shows only now
    until_true $heal_seconds is_ready
    verdict $? "machine $1: it is not ready again"
    say heal
    count
    until_true $heal_seconds is_served $((complete + 20))
    verdict $? "machine $1: calls are not served again"
    printf '%s %s cut for %s s: %d complete, %d failed clearly; served again after %d ms\n' \
        machine "$1" "$2" $((complete - before)) $((broken - lost)) \
        $(((${EPOCHREALTIME/[.,]/} - ${start/[.,]/}) / 1000))
}

say go
until_true 20 is_served 50
verdict $? "no calls are served"
for ((round = 0; round < cuts; round++)); do
    for machine in 3 2 1; do
        cut_and_heal $machine 2     #  longer than it takes to be noticed
        cut_and_heal $machine 0.2   #  shorter
    done
done

say rest
until_true 30 read -r -t 30 line <&3
[ "$line" = rests ]
verdict $? "calls do not end: $line"
count
[ "$wrong" = 0 ]
verdict $? "$wrong calls hung, or looked complete and were not"

is_quiet () {
    on 1 "$bitrouter" --home-dir "$work/home1" admin routing | tr -d ' \n\t' \
        | grep -q '"open":0,"unsettled":0'
}
until_true 20 is_quiet
verdict $? "calls are left over"
[ "$(wc -l < "$work/starts")" = 3 ]
verdict $? "a cut has ended a process: $(sort "$work/starts" | uniq -c | tr -s ' \n' ' ')"
kill -TERM "$server"
wait "$server"
verdict $? "the server does not end well"
say "judge $work/mock.log $work/home1/bitrouter.db"
exec 4>&-
cat <&3
wait "$calls_pid"
verdict $? "the ledger does not fit"

[ $failed = 0 ] || tail -n 40 "$work"/*.out
echo "$passed passed, $failed failed"
[ $failed = 0 ]
