#!/usr/bin/env bash
#  The command line as a user has it: every command, with and without a running server,
#  help at each level, and wrong usage. BITROUTER names the program.

set -uo pipefail
# shellcheck source=tests/cli/tried.sh
. "${BR_SOURCE_DIR:-$(cd "$(dirname "$0")/../.." && pwd)}/tests/cli/tried.sh"
server=
at_home=

finish () {
    [ -z "$server" ] || kill -KILL "$server" 2> /dev/null
    rm -rf "$work"
}
trap finish EXIT

at_home () { #  at_home STATUS ARGUMENT...
    local wanted=$1
    shift
    try "$wanted" --home-dir "$home" "$@"
}

#  until_true COMMAND...: waits for what must come
until_true () {
    local tries
    for ((tries = 0; tries < 600; tries++)); do
        "$@" && return 0
        sleep 0.05
    done
    return 1
}

#  ---- help and wrong usage

try 0 --help
silent err
for command in serve start stop restart reload status logs doctor launch route config events admin account keygen keys key \
    spend trace ledger receipt topology actor version; do
    out "^  $command "
done
for words in -V --version 'status -V'; do
    # shellcheck disable=SC2086
    try 0 $words
    out '^bitrouter [0-9.]+$'
done
try 0 help
out '^Usage: bitrouter COMMAND'
out '^  -V, --version '
try 0 help route add
out '^Usage: bitrouter route add '
try 2 help routes
err "no command 'routes'; did you mean 'route'\?"
try 2 -x
err "^Error: no option '-x' here\$"
try 0 admin --help
check "help fits into a usual terminal" [ "$(grep -c '.\{81\}' "$work/out")" = 0 ]
try 0 wallet --help
out '^Usage: bitrouter account '
for path in serve start stop restart reload status logs doctor launch route 'route list' config 'config check' 'config show' \
    'config schema' 'route add' 'route rm' 'route show' providers tools 'tools list' 'tools status' \
    agents 'agents list' 'agents status' completions 'completions bash' 'completions words' \
    events admin 'admin status' topology 'topology show' 'topology check' \
    'topology keygen' actor version; do
    # shellcheck disable=SC2086
    try 0 $path --help
    out "^Usage: bitrouter $path( |\$)"
    out '^  --home-dir PATH'
    silent err
done
for path in route config admin topology tools agents completions; do
    try 2 $path
    silent out
    err "^Usage: bitrouter $path"
done
for path in serve start stop restart reload status logs doctor 'route list' 'config check' 'config show' \
    'config schema' providers 'tools list' 'tools status' 'agents list' 'agents status' \
    'completions bash' 'completions zsh' 'completions fish' \
    'topology keygen' version; do
    # shellcheck disable=SC2086
    try 2 $path surplus
    err "takes no argument 'surplus'"
    err "^Try .bitrouter $path --help"
done
try 2 srve
err "^Error: no command 'srve'; did you mean 'serve'\\?"
err '^Try .bitrouter --help'
try 2 route lst
err "did you mean 'route list'"
try 2 admin statsu
err "did you mean 'admin status'"
try 2 --frob
err "no option '--frob'"
try 2 status --frob
err "takes no option '--frob'"
try 2 status --home-dir
err '^Error: --home-dir needs a value'
try 2 --headless
err 'has been removed; use `bitrouter serve`'
try 2 events call.endd
err "did you mean 'call.ended'"
try 2 events --count 0
err 'a number from 1'
try 2 admin trace 'on'
err 'must be a JSON object'
try 2 topology show
err 'name a topology'
try 2 actor
err 'name one host'
try 2 actor x --broker http://a
err 'must be ipc'
try 0 admin --help
while read -r command; do
    out "^  $command "
done < <(sed -nE 's/^BR_ADMIN \(([a-z_]+),.*/\1/p' "${BR_SOURCE_DIR:-.}/broker/core/br_admin.def" \
    2> /dev/null)

#  ---- what needs no server

try 0 version
out '^bitrouter [0-9]+\.[0-9]+\.[0-9]+$'
try 0 --version
out '^bitrouter [0-9]'
try 0 version --json
is_json
rc=0
"$bitrouter" version > /dev/full 2> "$work/err" || rc=$?
check "a full disk is an error" [ $rc = 1 ]
err '^Error: cannot write'

at_home 0 status
out '^daemon:    stopped$'
out "^home:      $home\$"
out "^config:    $home/bitrouter.yaml\$"
out "^runtime:   $home/run\$"
out '^listen:    127\.0\.0\.1:8787$'
out '^providers: '
at_home 0 status --json
out '"running":	*false'
is_json
at_home 1 stop
silent out
err '^Error: daemon is not running$'
for command in reload 'route list' events 'admin calls'; do
    # shellcheck disable=SC2086
    at_home 1 $command
    silent out
    err '^Error: bitrouter is not running \(no answer at .*\.sock\); start it with `bitrouter serve`$'
done

at_home 0 models
out '^MODEL +CONTEXT +OUTPUT '
out '^echo:echo +- +- +0 +0 +- +-$'
at_home 0 models --provider echo --json
out '"provider":	*"echo"'
is_json
at_home 1 models --provider nobody
err "^Error: provider 'nobody' is not active"
try 2 models surplus
err "takes no argument 'surplus'"

at_home 2 spend --by colour
err "not 'colour'"
at_home 2 spend --since never
err "not 'never'"
at_home 2 trace
err 'needs the name of a run'
at_home 2 ledger verify surplus
err "takes no argument 'surplus'"

at_home 0 config check
out "^configuration is valid: $home/bitrouter.yaml"
at_home 0 config check --json
out '"valid":	*true'
is_json
at_home 0 config show
out '^#  home: '
at_home 0 config show --json
is_json
echo 'server: { listen: 7, log_level: loud }' > "$work/wrong.yaml"
at_home 1 --config-file "$work/wrong.yaml" config check
silent out
err "^Error: $work/wrong.yaml:1:[0-9]+: .*log_level"
check "one line of error" [ "$(wc -l < "$work/err")" = 1 ]
at_home 2 serve --log-format xml
err "^Error: --log-format is text or json, not 'xml'"
at_home 1 --config-file "$work/wrong.yaml" config check --json
out '"valid":	*false'
is_json
at_home 1 --config-file "$work/wrong.yaml" config show
at_home 1 --config-file "$work/wrong.yaml" status
out '^daemon:    stopped$'
err '^Error: '
printf 'provders: {}\nproviders: { mine: { api_base: "http://127.0.0.1:9/v1", api_key: sk-1234567890abcdef } }\n' \
    > "$work/odd.yaml"
at_home 0 --config-file "$work/odd.yaml" config check
err '^Warning: .*provders'
at_home 0 --config-file "$work/odd.yaml" config show
check "no secret is shown" [ "$(grep -cF sk-1234567890abcdef "$work/out")" = 0 ]

for topology in one processes hosts; do
    try 0 topology show $topology
    out '^HOST +PLACE'
    try 0 topology check $topology
    out "^topology is valid: $topology"
    silent err
done
try 0 topology show hosts --json
is_json
try 1 topology check nosuch
err 'built in are one, processes, hosts'
printf 'bus: ipc\nhosts:\n  - { name: a, place: remote, actors: [meter] }\n' > "$work/bad.yaml"
try 1 topology check "$work/bad.yaml"
err 'remote, so the bus must be tcp'
printf 'bus: tcp\nbroker: tcp://127.0.0.1:7700\nhosts:\n  - { name: far, place: remote, actors: [ingress] }\n' \
    > "$work/far.yaml"
try 0 topology check "$work/far.yaml"
err '^Warning: no host runs the actor'
at_home 0 topology keygen --topology "$work/far.yaml"
out '^  far.key, far.pub  made'
out '^  far:  far.key and every'
check "a secret key is private" [ "$(stat -c %a "$home/curve/far.key")" = 600 ]
cp "$home/curve/far.key" "$work/far.key"
at_home 0 topology keygen --topology "$work/far.yaml"
out '^  far.key, far.pub  kept'
check "a key that exists is kept" cmp -s "$home/curve/far.key" "$work/far.key"
at_home 0 topology keygen --json
is_json
printf 'bus: inproc\nhosts:\n  - { name: a, place: thread, actors: [ingres] }\n' > "$work/bad.yaml"
try 1 topology check "$work/bad.yaml"
err 'bad\.yaml:3:40: actors: .*not "ingres"; did you mean "ingress"\?$'
at_home 1 serve --topology "$work/bad.yaml"
err 'bad\.yaml:3:40: actors: .*not "ingres"; did you mean "ingress"\?$'

#  Who waits says for what: a broker for its hosts, a host for its broker.
printf 'bus: tcp\nbroker: tcp://127.0.0.1:*\nhosts:\n  - { name: far, place: remote, actors: ["*"] }\n' \
    > "$work/far.yaml"
BITROUTER_LISTEN=127.0.0.1:0 "$bitrouter" --home-dir "$home" serve --topology "$work/far.yaml" \
    > "$work/out" 2> "$work/err" &
server=$!
check "serve says who is missing" until_true grep -q 'warn .*waiting for hosts: far' "$work/err"
kill -TERM $server
wait $server
server=
"$bitrouter" actor lonely --broker "ipc://$work/none.sock" > "$work/out" 2> "$work/err" &
server=$!
check "a host says that there is no broker" until_true grep -qF \
    "no broker answers at ipc://$work/none.sock" "$work/err"
check "its process has its name" [ "$(cat /proc/$server/comm)" = br-lonely ]
{ kill -KILL $server && wait $server; } 2> /dev/null
server=

#  ---- with a server

cat > "$home/bitrouter.yaml" << 'END'
server:
  listen: 127.0.0.1:0
models:
  smart:
    strategy: load_balance
    endpoints:
      - { provider: echo, service_id: one }
      - { provider: echo, service_id: two }
END
"$bitrouter" --home-dir "$home" serve > "$work/serve.out" 2> "$work/serve.err" &
server=$!
is_ready () {
    kill -0 $server 2> /dev/null || return 0
    "$bitrouter" --home-dir "$home" status --json 2> /dev/null | grep -qE '"ready":	*true'
}
until_true is_ready
if ! kill -0 $server 2> /dev/null; then
    cat "$work/serve.err"
    check "the server runs" false
    echo "$passed passed, $failed failed"
    exit 1
fi

at_home 0 status
out "^daemon:    running \\(pid $server\\)\$"
out "^home:      $home\$"
out "^runtime:   $home/run\$"
out '^listen:    127\.0\.0\.1:[1-9][0-9]*$'
out '^providers: .*echo'
out '^HOST +PLACE +STATE'
at_home 0 status --json
out '"running":	*true'
out "\"pid\":	*$server,"
is_json
at_home 1 serve
err "already running \\(pid $server\\)"

at_home 0 route list
out '^  smart  →  echo:one, echo:two \(load_balance\)  \[config\]$'
at_home 0 route list --json
is_json

for command in status hosts config providers snapshot routes calls health routing upstreams ledger breakers limits idempotency; do
    at_home 0 admin $command
    is_json
    silent err
done
at_home 0 admin trace '{"on": true}'
out '^true$'
at_home 0 admin trace '{"on": false}'
out '^false$'

#  Events are heard from the moment the subscription has arrived; so reload until then.
timeout 60 "$bitrouter" --home-dir "$home" events --count 1 conf.taken > "$work/events" 2>&1 &
listener=$!
heard () {
    "$bitrouter" --home-dir "$home" reload > /dev/null
    ! kill -0 $listener 2> /dev/null
}
check "an event is heard" until_true heard
check "it is one line of JSON" grep -qE '^\{"event":"conf\.taken",.*"generation":[0-9]+\}$' \
    "$work/events"
check "--count ends it" [ "$(wc -l < "$work/events")" = 1 ]

at_home 0 reload
out '^configuration [0-9]+ is in use$'
at_home 0 reload --json
is_json
cp "$home/bitrouter.yaml" "$work/good.yaml"
echo 'models: 7' > "$home/bitrouter.yaml"
at_home 1 reload
err "^Error: $home/bitrouter.yaml:1:[0-9]+: "
at_home 0 route list
out '^  smart  →'
echo 'server: { listen: 127.0.0.1:0 }' > "$home/bitrouter.yaml"
at_home 0 reload
at_home 0 route list
out '^  \(no routes configured\)$'

at_home 0 stop
out '^bitrouter has stopped$'
wait $server
rc=$?
server=
check "the server ends with 0" [ $rc = 0 ]
at_home 0 status
out '^daemon:    stopped$'

report
