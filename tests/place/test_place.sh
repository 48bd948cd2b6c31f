#!/usr/bin/env bash
#  The same scenarios in four placements: all actors fused in one thread, a thread for
#  each, a process for each over ipc, and over tcp with CURVE. What clients get and what
#  goes over each link must be the same. Then a host with keys of somebody else must stay
#  outside, and leave the running system alone.

set -uo pipefail
export LC_ALL=C.UTF-8

source=${BR_SOURCE_DIR:-$(cd "$(dirname "$0")/../.." && pwd)}
export BR_BUILD_DIR=${BR_BUILD_DIR:-$PWD}
place=$BR_BUILD_DIR/tests/place/place
if [ ! -x "$place" ] || [ ! -x "$BR_BUILD_DIR/bench/mock" ]; then
    echo "no program $place; make place-tools bench-tools"
    exit 77
fi
here=$source/tests/place
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

verdict () { #  verdict STATUS WHAT
    if [ "$1" = 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAIL $2"
    fi
}

for topology in fused threads processes tcp; do
    timeout 200 "$place" "$here/topology/$topology.yaml" "$work/$topology" \
        "$here"/scenarios/*.txt > "$work/$topology.log" 2>&1
    rc=$?
    [ $rc = 0 ] || cat "$work/$topology.log"
    verdict $rc "$topology: the answers are as expected"
    [ $topology = fused ] && continue
    for kind in answers bus; do
        diff -u "$work/fused.$kind" "$work/$topology.$kind"
        verdict $? "$topology: the transcript of $kind is that of fused"
    done
done

timeout 60 "$BR_BUILD_DIR/tests/place/stranger" "$here/topology/tcp.yaml"
verdict $? "a host with foreign keys stays outside"

echo "$passed passed, $failed failed"
[ $failed = 0 ]
