#!/usr/bin/env bash
#  The scripts of docs/examples as they stand, against a real server in one process and in
#  several, open and with credentials; what they say when something is wrong. BITROUTER names
#  the program.

set -uo pipefail
export LC_ALL=C.UTF-8
source=${BR_SOURCE_DIR:-$(cd "$(dirname "$0")/../.." && pwd)}

bitrouter=${BITROUTER:-./bitrouter}
for program in curl jq node "$bitrouter"; do
    if ! command -v "$program" > /dev/null; then
        echo "needs $program"
        exit 77
    fi
done
bitrouter=$(realpath "$bitrouter")
work=$(mktemp -d) || exit 99
home=$work/home
server=
passed=0 failed=0 skipped=0
limits=() #  words before a script
unset "${!BITROUTER_@}" http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY
export HOME=$work/nobody BITROUTER=$bitrouter BITROUTER_HOME=$home
mkdir "$home" "$HOME"
cd "$work" || exit 99

finish () {
    [ -z "$server" ] || kill -KILL "$server" 2> /dev/null
    rm -rf "$work"
}
trap finish EXIT

verdict () { #  verdict RC WHAT
    if [ "$1" = 0 ]; then
        passed=$((passed + 1))
        return
    fi
    failed=$((failed + 1))
    printf 'FAIL %s\n' "$2"
    head -n 20 out err
}

until_true () {
    local tries
    for ((tries = 0; tries < 600; tries++)); do
        "$@" && return 0
        sleep 0.05
    done
    return 1
}

is_ready () {
    kill -0 "$server" 2> /dev/null || return 0
    "$bitrouter" status --json 2> /dev/null | jq -e .ready > /dev/null
}

start () { #  start TOPOLOGY MEMBERS-OF-SERVER
    cat > "$home/bitrouter.yaml" << END
server: { listen: 127.0.0.1:0$2 }
models: { fixed: { endpoints: [{ provider: echo, service_id: echo }] } }
END
    "$bitrouter" serve --topology "$1" > serve.out 2> serve.err &
    server=$!
    if ! until_true is_ready || ! kill -0 "$server"; then
        cat serve.err
        echo "$passed passed, $((failed + 1)) failed"
        exit 1
    fi
    BITROUTER_URL=http://$("$bitrouter" status --json | jq -r '.listen[0]')
    export BITROUTER_URL
}

stop () {
    kill -TERM "$server"
    wait "$server"
    server=
}

#  What each needs to be run here; a python3 that has zmq need not be the first one.
runner () { #  runner SCRIPT: sets run
    local python
    run=()
    case $1 in
    *.py)
        for python in python3 /usr/bin/python3; do
            "$python" -c 'import zmq' 2> /dev/null && run=("$python" "$source/docs/examples/$1") && return
        done
        echo "SKIPPED $1: no python3 with zmq (python3-zmq)"
        skipped=$((skipped + 1))
        return 1
        ;;
    *) run=("$source/docs/examples/$1") ;;
    esac
}

has_none () {
    [ "$("$bitrouter" admin routes | jq -r '.[].name')" = fixed ]
}

example () { #  example SCRIPT [WORD]
    local leads_to=${2:-echo:echo} name
    runner "$1" || return
    timeout 120 "${limits[@]}" "${run[@]}" ${2+"$2"} > out 2> err
    verdict $? "$where: $1 ends well"
    name=$(sed -n 's/^added \(example-[0-9]*\)$/\1/p' out)
    diff out - > differences << END
routes: fixed
added $name
a call over $name: ok, $leads_to
removed $name
END
    verdict $? "$where: what $1 says"
    has_none
    verdict $? "$where: nothing is left of $1"
}

refused () { #  refused SCRIPT PATTERN [WORD...]
    local script=$1 pattern=$2
    shift 2
    runner "$script" || return
    timeout 120 "${run[@]}" "$@" > out 2> err
    [ $? != 0 ] && grep -qE "$pattern" err && ! grep -q '^added' out
    verdict $? "$where: $script says: $pattern"
}

for where in one processes; do
    start $where ''
    for script in admin.py admin.mjs admin.sh; do
        example $script
        example $script echo:some:model
        refused $script 'there is no provider "nobody"' nobody:x
    done
    has_none
    verdict $? "$where: nothing is left of what was refused"
    stop
done

#  ---- without socat: python3 stands in for it

where='without socat'
start one ''
mkdir few
for program in bash env curl jq mktemp rm sleep; do
    ln -s "$(command -v $program)" few/
done
ln -s "$(python3 -c 'import sys; print (sys.executable)')" few/python3
limits=(env "PATH=$work/few")
example admin.sh
limits=()
stop

#  ---- where a credential is wanted

where='with credentials'
start one ', require_auth: true'
for script in admin.mjs admin.sh; do
    refused $script '401'
done
"$bitrouter" account -g > out 2> err
verdict $? "$where: an account"
BITROUTER_ADMIN_TOKEN=$("$bitrouter" keygen --scope admin --exp 1h)
BITROUTER_TOKEN=$("$bitrouter" keygen --exp 1h)
export BITROUTER_ADMIN_TOKEN BITROUTER_TOKEN
for script in admin.py admin.mjs admin.sh; do
    example $script
done
stop
unset BITROUTER_ADMIN_TOKEN BITROUTER_TOKEN

echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ]
