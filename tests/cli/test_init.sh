#!/usr/bin/env bash
#  The first configuration as a user makes it: starter files, and the wizard on a
#  pseudo-terminal, which python3 drives. BITROUTER and MOCK name the programs.

set -uo pipefail
export LC_ALL=C.UTF-8
export BITROUTER_NO_UPDATE_CHECK=1

bitrouter=${BITROUTER:-./bitrouter}
mock=${MOCK:-$(dirname "$bitrouter")/bench/mock}
here=$(realpath "$(dirname "$0")")
if [ ! -x "$bitrouter" ]; then
    echo "no program $bitrouter"
    exit 77
fi
bitrouter=$(realpath "$bitrouter")
work=$(mktemp -d) || exit 99
provider=
passed=0 failed=0
unset BITROUTER_HOME BITROUTER_LISTEN BITROUTER_DATABASE_URL
[ ! -x "$mock" ] || mock=$(realpath "$mock")
cd "$work" || exit 99

finish () {
    for pid in "$work"/*/run/bitrouter.pid; do
        [ ! -s "$pid" ] || kill -KILL "$(cat "$pid")" 2> /dev/null
    done
    [ -z "$provider" ] || kill -KILL "$provider" 2> /dev/null
    rm -rf "$work"
}
trap 'finish 2> /dev/null' EXIT

#  check WHAT CONDITION...: the condition is a command
check () {
    local what=$1
    shift
    if "$@"; then
        passed=$((passed + 1))
        return
    fi
    failed=$((failed + 1))
    printf 'FAIL %s: %s\n  stdout: %s\n  stderr: %s\n' "$what" "$*" \
        "$(head -c 1000 "$work/out")" "$(head -c 1000 "$work/err")"
}

#  try STATUS ARGUMENT...: runs the program without a terminal; its output is in out and err.
try () {
    local wanted=$1 rc=0
    shift
    timeout 60 "$bitrouter" "$@" > "$work/out" 2> "$work/err" < /dev/null || rc=$?
    check "status of bitrouter $*" [ "$rc" = "$wanted" ]
}

out () { #  out PATTERN: extended
    check "stdout" grep -qE -- "$1" "$work/out"
}

err () {
    check "stderr" grep -qE -- "$1" "$work/err"
}

#  ---- starter files

mkdir here
cd here || exit 99
try 0 init
out '^Wrote \./bitrouter.yaml$'
check "it lets callers in" grep -qx '  skip_auth: true' bitrouter.yaml
try 0 config check
check "without a warning" [ ! -s "$work/err" ]
cp bitrouter.yaml before
try 1 init
err '^Error: \./bitrouter.yaml is there already; --force overwrites it$'
try 1 init --yes
echo '#  mine' > bitrouter.yaml
try 1 init
check "what is there stays" [ "$(cat bitrouter.yaml)" = '#  mine' ]
try 0 init --yes --force
check "unless forced" cmp -s bitrouter.yaml before
cd "$work" || exit 99

try 0 init -c "$work/other.yaml"
check "where -c says" cmp -s other.yaml here/before
try 0 --config-file "$work/other.yaml" config check
try 1 init -c "$work/other.yaml"
try 0 init --config="$work/third.yaml" --json
out '"written":'
try 0 --home-dir "$work/home" init --yes
check "at home" cmp -s home/bitrouter.yaml here/before
try 1 init -c "$work"
err 'is a directory'
try 1 init -c "$work/other.yaml/x"
err "^Error: .*other.yaml"
try 2 init -c
err 'needs a value'
try 2 init surplus
err "takes no argument 'surplus'"
try 2 init -c a --config b
try 0 init --help
out '^Usage: bitrouter init'

#  ---- the wizard

if ! command -v python3 > /dev/null || [ ! -x "$mock" ]; then
    echo "no python3 or no $mock: the wizard is not tried"
else
    "$mock" --port 0 > "$work/mock.out" 2>&1 &
    provider=$!
    for ((i = 0; i < 200; i++)); do
        port=$(grep -oE '127\.0\.0\.1:[0-9]+' "$work/mock.out" | head -1 | cut -d: -f2)
        [ -z "$port" ] || break
        sleep 0.05
    done
    : > "$work/out"
    : > "$work/err"
    check "the wizard" timeout -k 5 300 python3 "$here/wizard.py" "$bitrouter" "$port" "$work"
fi

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
