#!/usr/bin/env bash
#  What the manual promises, line by line: its commands, its flags, its files. Swig and the
#  terminal view are not here. BITROUTER names the program.

set -uo pipefail
export LC_ALL=C.UTF-8

bitrouter=${BITROUTER:-./bitrouter}
source=$(realpath "${BR_SOURCE_DIR:-$(dirname "$0")/../..}")
if [ ! -x "$bitrouter" ]; then
    echo "no program $bitrouter"
    exit 77
fi
bitrouter=$(realpath "$bitrouter")
work=$(mktemp -d) || exit 99
home=$work/home
passed=0 failed=0
unset BITROUTER_HOME BITROUTER_LISTEN BITROUTER_DATABASE_URL
unset OPENAI_API_KEY ANTHROPIC_API_KEY GOOGLE_API_KEY OPENROUTER_API_KEY OPENAI_BASE_URL
export HOME=$work/user
mkdir "$HOME" "$work/here" "$work/other"
cd "$work/here" || exit 99

finish () {
    local folder
    for folder in "$home" "$HOME/.bitrouter" "$work/other"; do
        [ ! -e "$folder/run/bitrouter.pid" ] \
            || "$bitrouter" --home-dir "$folder" stop > "$work/out" 2>&1
    done
    rm -rf "$work"
}
trap finish EXIT

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

#  line STATUS PATTERN ARGUMENT...: a line of the manual, and what must be in its output,
#  stdout and stderr together; an empty pattern asks for nothing.
line () {
    local wanted=$1 pattern=$2 rc=0
    shift 2
    timeout 60 "$bitrouter" "$@" < /dev/null > "$work/out" 2> "$work/err" || rc=$?
    check "status of bitrouter $*" [ "$rc" = "$wanted" ]
    [ -z "$pattern" ] \
        || check "output of bitrouter $*" grep -qE -- "$pattern" <(cat "$work/out" "$work/err")
}

at_home () { #  at_home STATUS PATTERN ARGUMENT...
    local wanted=$1 pattern=$2
    shift 2
    line "$wanted" "$pattern" --home-dir "$home" "$@"
}

until_true () {
    local tries
    for ((tries = 0; tries < 600; tries++)); do
        "$@" && return 0
        sleep 0.05
    done
    return 1
}

#  ---- Verify, and home: the flag, ./bitrouter.yaml, BITROUTER_HOME, ~/.bitrouter

line 0 "^home: +$HOME/\\.bitrouter\$" status
check "the default home is scaffolded" [ -f "$HOME/.bitrouter/bitrouter.yaml" ]
for name in .env logs/ run/ .keys/ bitrouter.db; do
    check ".gitignore has $name" grep -qF "$name" "$HOME/.bitrouter/.gitignore"
done
BITROUTER_HOME=$work/other line 0 "^home: +$work/other\$" status
BITROUTER_HOME=$work/nowhere line 0 "^home: +$HOME/\\.bitrouter\$" status
echo 'server: { listen: 127.0.0.1:0 }' > bitrouter.yaml
BITROUTER_HOME=$work/other line 0 "^home: +$work/here\$" status
line 0 "^home: +$home\$" --home-dir "$home" status
rm bitrouter.yaml

#  ---- Launch

line 0 'bitrouter.yaml' init
check "without a terminal init writes a starter file" [ -s bitrouter.yaml ]
line 0 '^configuration is valid' config check
line 1 'already|exists|--force' init
line 0 '' init --force
rm -f bitrouter.yaml bitrouter.yaml.bak .env .gitignore
rm -rf run logs .keys

#  ---- Zero-config mode

OPENAI_API_KEY=sk-0123456789 line 0 '^providers: .*openai' status
OPENAI_API_KEY=sk-0123456789 line 0 '^openai:gpt-4o ' models
line 1 'set OPENAI_API_KEY' route openai:gpt-4o

#  ---- Environment variables

mkdir -p "$home"
printf 'PORT_OF_FILE=7001\nPORT_OF_BOTH=7002\nOPENAI_API_KEY=sk-from-the-file\n' > "$home/.env"
cat > "$home/bitrouter.yaml" << 'END'
server:
  listen: 127.0.0.1:${PORT_OF_BOTH}
providers:
  mine:
    derives: openai
    api_base: http://127.0.0.1:${PORT_OF_FILE}/v1
    api_key: ${NOT_THERE_AT_ALL}
END
PORT_OF_BOTH=7003 at_home 0 '^listen: +127\.0\.0\.1:7003$' status
at_home 0 '^listen: +127\.0\.0\.1:7002$' status
at_home 0 'http://127\.0\.0\.1:7001/v1' config show
at_home 0 '^mine +- ' providers
at_home 0 '^openai +active' providers
echo PORT_OF_BOTH=7004 > "$work/ports.env"
at_home 0 '^listen: +127\.0\.0\.1:7004$' --env-file "$work/ports.env" status
OPENAI_BASE_URL=http://127.0.0.1:7005/v1 at_home 0 '^openai +active .* 127\.0\.0\.1:7005 ' providers
BITROUTER_DATABASE_URL=sqlite://$work/env.db at_home 0 '' config check

#  ---- Configuration: what the manual shows is valid

for file in "$source"/tests/data/conf/manual_*.yaml; do
    line 0 '^configuration is valid' --home-dir "$home" --config-file "$file" config check
done

#  ---- Global flags

cat > "$work/flags.yaml" << 'END'
server: { listen: 127.0.0.1:0 }
END
echo 'A=b' > "$work/flags.env"
line 0 "^runtime: +$work/flags-run\$" --home-dir "$home" --config-file "$work/flags.yaml" \
    --env-file "$work/flags.env" --run-dir "$work/flags-run" --logs-dir "$work/flags-logs" \
    --db "sqlite://$work/flags.db" status
line 0 "^config: +$work/flags.yaml\$" status --config-file "$work/flags.yaml" --home-dir "$home"
line 2 'needs a value' status --db
line 0 '^bitrouter [0-9]' --version
line 0 '^Usage: bitrouter' --help
line 2 'has been removed; use `bitrouter serve`' --headless

#  ---- Server lifecycle

cat > "$home/bitrouter.yaml" << 'END'
server:
  listen: 127.0.0.1:0
models:
  my-model:
    strategy: load_balance
    endpoints:
      - provider: echo
        model_id: one
      - provider: echo
        service_id: two
END
at_home 0 '^daemon: +stopped$' status
at_home 1 'not running' stop
at_home 1 'not running' reload
OPENAI_API_KEY=sk-0123456789 ANTHROPIC_API_KEY=sk-0123456789 at_home 0 '' start
at_home 0 '^daemon: +running \(pid [0-9]+\)$' status
at_home 1 'already running \(pid [0-9]+\)' start
at_home 1 'already running \(pid [0-9]+\)' serve
check "the layout: run" [ -f "$home/run/bitrouter.pid" ]
check "the layout: logs" [ -d "$home/logs" ]
check "the layout: the control socket" [ -S "$home/run/bitrouter.sock" ]
until_true test -f "$home/bitrouter.db"
check "the layout: the database" [ -f "$home/bitrouter.db" ]

#  ---- Route management

at_home 0 '^  my-model  →  echo:one, echo:two \(load_balance\)  \[config\]$' route list
at_home 0 "^route 'research' added\$" route add research openai:o3 \
    anthropic:claude-sonnet-4-20250514 --strategy priority
at_home 0 '^  research  →  openai:o3, anthropic:claude-sonnet-4-20250514 \(priority\)  \[dynamic\]$' route list
at_home 0 "^route 'my-model' added\$" route add my-model openai:gpt-4o \
    anthropic:claude-sonnet-4-20250514 --strategy priority
at_home 0 '' reload
at_home 0 '\[dynamic\]$' route list
at_home 0 "^route 'my-model' removed\$" route rm my-model
at_home 0 '^  my-model  →  echo:one' route list
kill -HUP "$(cat "$home/run/bitrouter.pid")"
at_home 0 "^route 'research' removed\$" route rm research
at_home 0 "^route 'research' added\$" route add research echo:o3
at_home 0 '' restart
at_home 0 '^daemon: +running' status
check "dynamic routes do not survive a restart" \
    [ "$("$bitrouter" --home-dir "$home" route list | grep -c research)" = 0 ]

#  ---- Inspect upstreams

at_home 0 '^  \(no tools available\)$' tools list
at_home 0 '^  \(no upstreams configured\)$' tools status
at_home 0 '^  \(no agents configured\)$' agents list
at_home 0 '^  \(no agents configured\)$' agents status

at_home 0 '' stop
at_home 0 '^daemon: +stopped$' status
check "the pid file is gone, or nobody's" \
    [ "$("$bitrouter" --home-dir "$home" status --json | grep -c '"pid"')" = 0 ]

#  ---- serve in the foreground, and no command without a terminal

is_running () {
    "$bitrouter" --home-dir "$home" status | grep -q "running (pid $server)"
}
for words in serve ''; do
    # shellcheck disable=SC2086
    "$bitrouter" --home-dir "$home" $words < /dev/null > "$work/out" 2> "$work/err" &
    server=$!
    check "bitrouter $words runs" until_true is_running
    kill -TERM $server
    wait $server
    check "bitrouter $words ends with 0" [ $? = 0 ]
done

#  ---- Account management

at_home 0 'No accounts found|^  \[0\]' account -l
at_home 0 '^Generated web3 master key' account -g
at_home 0 '^  active: +yes' account --generate-key
at_home 0 '^  \[1\] ' account -l
at_home 0 '^       sol: ' account --list
at_home 0 '^       evm: ' account
at_home 0 '' account --set 0
at_home 0 '^  \[0\] .* \*$' account -l
at_home 1 'out of range' account --set 9
check "keys are in .keys" [ -d "$home/.keys" ]

#  ---- Token generation

token='^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$'
at_home 0 "$token" keygen --scope api --exp 30d --models 'openai:*,anthropic:claude-*'
for words in '--chain solana' '--chain base' '--scope api' '--scope admin --exp 5m' '--exp 5m' \
    '--exp 1h' '--exp 30d' '--exp never' '--models openai:*' '--tools github/*,jira/search' \
    '--budget 1000000' '--budget 1000 --budget-scope session' '--budget 1000 --budget-scope account' \
    '--budget 1000 --budget-range rounds:10' '--budget 1000 --budget-range duration:3600s'; do
    set -f
    # shellcheck disable=SC2086
    at_home 0 "$token" keygen $words
    set +f
done
at_home 0 'Saved to: ' keygen --exp 1h --name mine
at_home 1 'Admin-scope tokens require --exp' keygen --scope admin
at_home 1 'unsupported chain "x" — use "solana" or "base"' keygen --chain x
at_home 0 '^  \[0\] mine$' keys -l
at_home 0 'scope=api' keys --list
at_home 0 'Raw JWT:' keys --show 0
at_home 0 '^Removed token: mine' keys --rm 0

#  ---- bitrouter(1) has every command and option of the program's own tables

page=$source/docs/man/bitrouter.1
offered () { #  offered WORD...: what may stand behind them, with a line about it
    "$bitrouter" completions words -- "$@" 2> /dev/null
}
documented () { #  documented OPTION
    grep -qE "^\\.(Fl|[A-Z].*\bFl) (.*[ ,|] *)?${1#-}( |\$)" "$page"
}
for command in $(offered '' | cut -f 1); do
    check "bitrouter(1) has $command" grep -qE "^\\.(Cm|[A-Z].*\bCm) (.* )?$command\b" "$page"
    for below in '' $(offered "$command" '' | sed -n 's/\t.*//p'); do
        [ "$command" != admin ] || continue
        # shellcheck disable=SC2086
        for option in $(offered "$command" $below - | grep '^-' | cut -f 1); do
            check "bitrouter(1) has $option of $command $below" documented "$option"
        done
    done
done

echo "$passed passed, $failed failed"
[ $failed = 0 ]
