#!/usr/bin/env bash
#  Losses of hosts, in small: ./check --deep does more of it with tests/chaos, and not this.
#  And a cancel that passes sixteen large uploads. BR_SEED repeats the choices of a storm.

set -uo pipefail
source=${BR_SOURCE_DIR:-$(cd "$(dirname "$0")/../.." && pwd)}
export BR_SOURCE_DIR=$source BR_BUILD_DIR=${BR_BUILD_DIR:-$PWD}
if [ ! -x "$BR_BUILD_DIR/tests/chaos/kill" ] || [ ! -x "$BR_BUILD_DIR/bench/mock" ]; then
    echo "no program $BR_BUILD_DIR/tests/chaos/kill; make place-tools bench-tools"
    exit 77
fi
passed=0 failed=0

try () { #  try SECONDS COMMAND...
    local limit=$1
    shift
    if timeout --kill-after=10 "$limit" "$@"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAIL $*"
    fi
}

if [ "${BR_DEEP:-no}" = no ]; then
    ROUNDS=5 try 120 "$source/tests/chaos/kill.sh"
    ROUNDS=20 try 120 "$source/tests/chaos/fence.sh"
    CALLS=1000 try 240 "$source/tests/chaos/storm.sh"
fi
try 180 "$BR_BUILD_DIR/tests/chaos/cancel" "$source/conf/topology/processes.yaml"
echo "$passed passed, $failed failed"
[ $failed = 0 ]
