#  tried: what tests of the command line begin with: a folder of their own, the program run
#  in it, and what is said of its output. test_*.sh source it; BITROUTER names the program.

set -uo pipefail
export LC_ALL=C.UTF-8

bitrouter=${BITROUTER:-./bitrouter}
if [ ! -x "$bitrouter" ]; then
    echo "no program $bitrouter"
    exit 77
fi
bitrouter=$(realpath "$bitrouter")
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
home=$work/home
at_home=yes #  runs are told of it; empty, they tell it themselves
passed=0 failed=0
unset BITROUTER_HOME BITROUTER_LISTEN BITROUTER_DATABASE_URL
cd "$work" || exit 99
: > "$work/in"

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

#  try STATUS ARGUMENT...: runs the program on the file "in"; its output is in out and err.
try () {
    local wanted=$1 rc=0
    shift
    timeout 60 "$bitrouter" ${at_home:+--home-dir "$home"} "$@" < "$work/in" \
        > "$work/out" 2> "$work/err" || rc=$?
    check "status of bitrouter $*" [ "$rc" = "$wanted" ]
}

input () { #  input TEXT: of the next runs
    printf '%s' "$1" > "$work/in"
}

out () { #  out PATTERN: extended
    check "stdout" grep -qE -- "$1" "$work/out"
}

no_out () { #  no_out PATTERN
    check "stdout has no $1" [ "$(grep -cE -- "$1" "$work/out")" = 0 ]
}

err () {
    check "stderr" grep -qE -- "$1" "$work/err"
}

says () { #  says TEXT: all of stdout
    check "stdout is $1" [ "$(cat "$work/out")" = "$1" ]
}

silent () { #  silent out|err
    check "$1 is empty" [ ! -s "$work/$1" ]
}

#  is_json [EXPRESSION]: out is JSON, and python says so of it, which is j
is_json () {
    command -v python3 > /dev/null || return 0
    check "stdout is JSON with ${1:-}" python3 -c 'import json, sys
j = json.load(open(sys.argv[1]))
sys.exit(0 if eval(sys.argv[2]) else 1)' "$work/out" "${1:-True}"
}

#  The last line of a test, and its status.
report () {
    printf '%s passed, %s failed\n' "$passed" "$failed"
    [ "$failed" = 0 ]
}
