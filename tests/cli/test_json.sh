#!/usr/bin/env bash
#  --json on every command there is: the list is the program's own, so a new command fails
#  here until it has a row. What comes out must be JSON, on stdout alone. BITROUTER names
#  the program.

set -uo pipefail
export LC_ALL=C.UTF-8

bitrouter=${BITROUTER:-./bitrouter}
if [ ! -x "$bitrouter" ]; then
    echo "no program $bitrouter"
    exit 77
fi
if ! command -v jq > /dev/null; then
    echo "needs jq"
    exit 77
fi
bitrouter=$(realpath "$bitrouter")
work=$(mktemp -d) || exit 99
home=$work/home
server=
passed=0 failed=0
unset BITROUTER_HOME BITROUTER_DATABASE_URL
export BITROUTER_LISTEN=127.0.0.1:0 HOME=$work/nobody
mkdir "$home" "$HOME"
cd "$work" || exit 99

finish () {
    [ -z "$server" ] || kill -KILL "$server" 2> /dev/null
    rm -rf "$work"
}
trap finish EXIT

complain () {
    failed=$((failed + 1))
    printf 'FAIL %s\n' "$*"
}

run () {
    timeout 60 "$bitrouter" --home-dir "$home" "$@" < /dev/null
}

#  ---- the arguments of each command; "-" and why, for those that have no answer

declare -A row=(
    [account]='-l'
    [actor]='- runs until it is ended'
    [agents list]=''
    [agents status]=''
    [completions bash]='- a script'
    [completions fish]='- a script'
    [completions words]='- words for scripts'
    [completions zsh]='- a script'
    [config check]=''
    [config schema]=''
    [config show]=''
    [doctor]=''
    [events]='- waits; lines of JSON, see test_route.sh'
    [guard list]=''
    [guard test]='--file text'
    [init]="-c $work/starter.yaml"
    [key list]=''
    [key revoke]='0'
    [key rotate]='1'
    [key sign]='--name one'
    [keygen]='--exp 1h --name two'
    [keys]='-l'
    [launch]='--print claude'
    [ledger status]=''
    [ledger verify]=''
    [login]='- asks; see its own tests'
    [logs]='- the log itself, as it was written'
    [models]=''
    [providers]=''
    [receipt key]=''
    [receipt verify]='- needs a receipt, see test_receipt.sh'
    [reload]=''
    [restart]='- ends the server of this test; see test_manual.sh'
    [route]='smart'
    [route add]='mine echo:echo'
    [route list]=''
    [route rm]='mine'
    [route show]='smart'
    [serve]='- runs until it is ended'
    [spend]=''
    [start]='- one runs; see test_manual.sh'
    [status]=''
    [stop]='- last'
    [tools list]=''
    [tools status]=''
    [topology check]='one'
    [topology keygen]=''
    [topology show]='one'
    [trace]='some-run'
    [tui]='- a screen'
    [version]=''
)
#  Those of the admin door are JSON anyway.
declare -A admin=(
    [stop]='-' [reload]='' [trace]='{"on": false}' [resolve]='{"model": "smart"}'
    [route_add]='{"name": "x", "endpoints": [{"provider": "echo", "service_id": "a"}]}'
    [route_remove]='{"name": "x"}'
)

#  ---- every command by its words

#  below WORD...: names of the commands below; values have no line about them
below () {
    "$bitrouter" completions words -- "$@" '' 2> /dev/null | sed -n 's/\t.*//p'
}

#  held WORD...: one command with its arguments
held () {
    if ! run "$@" --json > "$work/out" 2> "$work/err"; then
        complain "bitrouter $* --json: $(head -c 300 "$work/err")"
    elif ! jq -es 'length == 1' "$work/out" > "$work/jq.out" 2>&1; then
        complain "bitrouter $* --json is no JSON: $(head -c 300 "$work/out")"
    else
        passed=$((passed + 1))
    fi
}

visit () { #  visit WORD...
    local path=$* arguments
    local -a words=()
    if [ -z "${row[$path]+there}" ]; then
        complain "bitrouter $path has no row in this test"
        return
    fi
    arguments=${row[$path]}
    [[ $arguments != -\ * && $arguments != - ]] || return
    read -ra words <<< "$arguments"
    held "$@" "${words[@]}"
}

visit_admin () {
    local name=$1
    local arguments=${admin[$name]-}
    [ "$arguments" != - ] || return
    if [ -n "$arguments" ]; then
        held admin "$name" "$arguments"
    else
        held admin "$name"
    fi
}

cat > "$home/bitrouter.yaml" << 'END'
server: { listen: 127.0.0.1:0 }
models: { smart: { endpoints: [{ provider: echo, service_id: one }] } }
END
echo hello > text
run account -g > "$work/out" 2>&1 || complain "account -g: $(head -c 300 "$work/out")"
run key sign --name zero > "$work/out" 2>&1 || complain "key sign: $(head -c 300 "$work/out")"
run serve > "$work/serve.log" 2>&1 &
server=$!
for ((tries = 0; tries < 600; tries++)); do
    run status --json 2> /dev/null | jq -e .ready > "$work/jq.out" 2>&1 && break
    sleep 0.05
done

for name in $(below); do
    commands=$(below "$name")
    case $name in
    admin) continue ;;
    events | login) commands= ;; #  values that have a line about them
    esac
    if [ -z "$commands" ] || [ -n "${row[$name]+there}" ]; then
        visit "$name"
    fi
    for below in $commands; do
        visit "$name" "$below"
    done
done
for name in $(below admin); do
    visit_admin "$name"
done

#  Errors are a line on stderr, and nothing on stdout that a program may take for an answer.
if run route nothing-like-it --json > "$work/out" 2> "$work/err" || [ -s "$work/out" ]; then
    complain "an error is an answer: $(head -c 300 "$work/out")"
fi
held stop
wait $server
server=
held status
echo "$passed passed, $failed failed"
[ $failed = 0 ]
