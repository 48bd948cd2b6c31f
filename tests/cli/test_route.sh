#!/usr/bin/env bash
#  What can be asked for, and where it goes: route, providers, models, tools, agents and
#  events, with and without a server. BITROUTER names the program.

set -uo pipefail
export LC_ALL=C.UTF-8

bitrouter=${BITROUTER:-./bitrouter}
if [ ! -x "$bitrouter" ]; then
    echo "no program $bitrouter"
    exit 77
fi
if ! command -v curl > /dev/null || ! command -v jq > /dev/null; then
    echo "needs curl and jq"
    exit 77
fi
bitrouter=$(realpath "$bitrouter")
work=$(mktemp -d) || exit 99
home=$work/home
server=
listener=
passed=0 failed=0
unset BITROUTER_HOME BITROUTER_LISTEN BITROUTER_DATABASE_URL OPENAI_API_KEY EXA_API_KEY
export HOME=$work/nobody
mkdir "$home" "$HOME"
cd "$work" || exit 99

finish () {
    [ -z "$listener" ] || kill -KILL "$listener" 2> /dev/null
    [ -z "$server" ] || kill -KILL "$server" 2> /dev/null
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

#  try STATUS ARGUMENT...: runs the program at home; its output is in out and err.
try () {
    local wanted=$1 rc=0
    shift
    last=$*
    timeout 60 "$bitrouter" --home-dir "$home" "$@" > "$work/out" 2> "$work/err" || rc=$?
    check "status of bitrouter $*" [ "$rc" = "$wanted" ]
}

out () { #  out PATTERN: extended
    check "stdout of $last" grep -qE -- "$1" "$work/out"
}

err () {
    check "stderr of $last" grep -qE -- "$1" "$work/err"
}

holds () { #  holds FILTER: of jq, on the output
    check "JSON of $last" jq -e "$1" "$work/out" > "$work/jq.out"
}

until_true () {
    local tries
    for ((tries = 0; tries < 600; tries++)); do
        "$@" && return 0
        sleep 0.05
    done
    return 1
}

config () { #  config LINE...: added to what all have
    cat > "$home/bitrouter.yaml" << 'END'
server: { listen: 127.0.0.1:0 }
upstream: { retries: 0, breaker: { failures: 2, open_secs: 60 } }
providers:
  priced:
    api_base: http://user:secret-word@127.0.0.1:9/v1
    api_key: k-123456
    api_protocol: openai
    rate_limits: { "*": { requests_per_minute: 60 }, "big*": { concurrency: 4 } }
    models:
      big:
        max_input_tokens: 1000
        input_modalities: [text, image]
        output_modalities: [text]
        capabilities: { json: true }
        pricing: { input_tokens: { no_cache: 3, cache_read: 0.3 }, output_tokens: { text: 15 } }
      renamed: { provider_model_id: theirs, max_input_tokens: 7 }
models:
  smart:
    strategy: load_balance
    endpoints:
      - { provider: echo, service_id: one }
      - { provider: priced, service_id: big }
      - { provider: openai, service_id: gpt-4o }
  cheap:
    strategy: cheapest
    endpoints:
      - { provider: priced, service_id: big }
      - { provider: echo, service_id: echo }
  ordered:
    endpoints:
      - { provider: priced, service_id: big }
      - { provider: echo, service_id: echo }
  dead: { endpoints: [{ provider: openai, service_id: gpt-4o }] }
END
    printf '%s\n' "$@" >> "$home/bitrouter.yaml"
}
config

#  ---- wrong usage

try 2 route
err '^Usage: bitrouter route'
try 2 route --frob
err "no option '--frob'"
try 2 route a b
err "takes no argument 'b'"
try 2 route lis
err "did you mean 'route list'\\?"
try 2 route add
err 'name the route'
try 2 route add only-a-name
err 'at least one endpoint'
try 2 route add x nothing
err "PROVIDER:MODEL, not 'nothing'"
try 2 route add x :m
try 2 route add x p:
try 2 route add x --endpoint
err -- '--endpoint needs a value'
try 2 route add x p:m --strategy lod_balance
err "did you mean 'load_balance'\\?"
try 2 route add x p:m --strategy dice
err 'priority, load_balance'
try 2 route add x p:m --frob
err "no option '--frob'"
try 2 route rm
err 'name the route'
try 2 route rm a b
try 2 route show
try 2 providers surplus
try 2 models --input-modality smell
err "text, image, audio, video and file, not 'smell'"
try 2 tools
try 2 tools list surplus
try 2 agents status surplus
try 2 events --call
err -- '--call needs a value'

#  ---- by the files

for command in 'route list' 'route add x echo:echo' 'route rm x'; do
    # shellcheck disable=SC2086
    try 1 $command
    err '^Error: bitrouter is not running'
done
try 0 route smart
out '^smart: route, load_balance \(by the files: bitrouter is not running\)$'
out '^1  echo:one +- '
out '^2  priced:big +- +1000 +3 +15 +4 at once +takes its turn by weight$'
out '^left out: openai:gpt-4o: provider is not active: set OPENAI_API_KEY$'
try 0 route cheap
out '^1  echo:echo .*the lowest price$'
try 0 route show ordered --json
holds '.endpoints[0].why == "first in order" and .endpoints[1].why == "asked when those before it fail"'
holds '.running == false and .left_out == [] and .endpoints[0].state == "unknown"'
try 0 route priced:renamed
out '^1  priced:theirs +- +7 .*60/min +the only one$'
try 0 route priced/big
out '^priced/big: provider:model'
try 0 route priced:other
out '^priced:other: unlisted model'
try 0 route echo
out '^echo: catalogue name'
try 1 route openai:gpt-4o
err '^Error: provider .openai. is not active: set OPENAI_API_KEY'
try 1 route nothing-of-that-name
err 'no active provider has the model .nothing-of-that-name.; `bitrouter models`'
try 0 route dead
out '\(no endpoint can be asked\)'

try 0 providers
out '^PROVIDER +STATE +PROTOCOL +HOST +MODELS +AUTH +BREAKER +WHAT TO DO$'
out '^priced +active +chat_completions +127\.0\.0\.1:9 +2 +protocol +-'
out '^openai +- .*api\.openai\.com .*set OPENAI_API_KEY$'
check "no secret is shown" [ "$(grep -cE 'secret-word|k-123456' "$work/out")" = 0 ]
try 0 providers --active --json
holds 'length == 2 and all(.[]; .active) and (map(.name) | sort) == ["echo", "priced"]'
OPENAI_API_KEY=sk-a-key-of-a-test try 0 providers --json
holds '.[] | select(.name == "openai") | .active and .models > 10 and .protocols == ["chat_completions", "responses"]'

try 0 models --supports images,prompt_caching
out '^priced:big '
check "one model" [ "$(wc -l < "$work/out")" = 2 ]
try 0 models --supports json --json
holds 'map(.id) == ["priced:big"] and .[0].capabilities.json'
try 0 models --input-modality image --json
holds 'map(.id) == ["priced:big"]'
try 0 models --output-modality text --id ECHO --json
holds 'map(.id) == ["echo:echo"]'
try 0 models --id nothing-like-it
out 'no model is like that'

try 0 tools list
out '^  \(no tools available\)$'
try 0 tools status
out '^  \(no upstreams configured\)$'
try 0 agents list
out '^  \(no agents configured\)$'
try 0 agents status
out '^  \(no agents configured\)$'
config 'tools:' \
    '  create_issue: { endpoints: [{ provider: forge, service_id: x }], description: Makes one }' \
    'mcp_servers: { files: { command: run-files } }' \
    'guardrails: { tools: { providers: { files: { filter: { deny: [rm] } } } } }' \
    'agents: { helper: { url: "http://127.0.0.1:7/a" } }' \
    'a2a_agents: [{ name: other, url: "http://127.0.0.1:8/b" }]'
try 0 tools list
out '^  create_issue  \[forge\]  — Makes one$'
out 'this version does not serve tools'
try 0 tools status
out '^  files    0 tools \(filtered\)$'
try 0 agents list
out '^  helper  http://127.0.0.1:7/a$'
try 0 agents status
out '^  other    disconnected    http://127.0.0.1:8/b$'
for command in 'tools list' 'tools status' 'agents list' 'agents status'; do
    # shellcheck disable=SC2086
    try 0 $command --json
    holds 'length > 0 and all(.[]; .served == false)'
done
config
echo '  broken: [' >> "$home/bitrouter.yaml"
for command in 'route smart' providers models 'tools list' 'agents list'; do
    # shellcheck disable=SC2086
    try 1 $command
    err "^Error: $home/bitrouter.yaml:[0-9]+:[0-9]+: "
    check "one line of error" [ "$(wc -l < "$work/err")" = 1 ]
done
config

#  ---- with a server

#  Whoever waits since before the start hears it.
timeout 60 "$bitrouter" --home-dir "$home" events --since-start --count 2 ready host.up \
    > "$work/early" 2>&1 &
listener=$!
"$bitrouter" --home-dir "$home" serve > "$work/serve.out" 2> "$work/serve.err" &
server=$!
is_ready () {
    kill -0 $server 2> /dev/null || return 0
    "$bitrouter" --home-dir "$home" status --json 2> /dev/null | jq -e .ready > "$work/jq.out"
}
until_true is_ready
kill -TERM $listener 2> /dev/null
wait $listener
check "--since-start waits, and ends cleanly" [ $? = 0 ]
listener=
port=$("$bitrouter" --home-dir "$home" status --json | jq -r '.listen[0]')

try 0 route list
out '^  smart  →  echo:one, priced:big \(load_balance\)  \[config\]$'
out '^  dead  →  no active provider \(priority\)  \[config\]$'
try 0 route add research echo:o3 priced:big --strategy priority
out "^route 'research' added\$"
try 0 route list
out '^  research  →  echo:o3, priced:big \(priority\)  \[dynamic\]$'
try 0 route research
out '^research: dynamic route, priority$'
out '^1  echo:o3 +closed'
try 0 route add research --endpoint echo:a --endpoint=echo:b --strategy=balance --json
holds '.name == "research" and .status == "ok"'
try 0 route list --json
holds '.[] | select(.name == "research") | .strategy == "load_balance" and (.endpoints | length) == 2'
try 0 reload
try 0 route research
out '^research: dynamic route, load_balance$'
try 0 route add smart echo:mine
try 0 route smart
out '^smart: dynamic route'
try 0 route rm smart
out "^route 'smart' removed\$"
try 0 route smart
out '^smart: route, load_balance$'
try 0 route rm research --json
holds '.removed'
try 1 route rm research
err '^Error: no dynamic route found for model: research'
try 1 route add x echa:y
err 'did you mean "echo"'
try 1 route add x openai:gpt-4o
err 'set OPENAI_API_KEY'
try 2 route lis
err "did you mean 'route list'"
try 1 route smrt
err "near names: 'smart'"
try 0 providers --json
holds '.[] | select(.name == "priced") | .breaker == "closed"'

#  An endpoint that fails is put last, and it is told why.
say () { #  say MODEL HEADER
    curl -s -o "$work/answer" -m 20 "http://$port/v1/chat/completions" -H "$2" \
        -d '{"model": "'"$1"'", "messages": [{"role": "user", "content": "hello"}]}'
}
timeout 60 "$bitrouter" --home-dir "$home" events --run run-7 > "$work/of-run" 2>&1 &
listener=$!
heard () {
    say echo:echo 'x-bitrouter-run: run-7'
    grep -q '"call.settled"' "$work/of-run"
}
check "the events of a run are heard" until_true heard
say echo:echo 'x-bitrouter-run: run-8'
until_true heard
kill -INT $listener
wait $listener
check "Ctrl-C ends it cleanly" [ $? = 0 ]
listener=
check "lines of JSON" jq -e . "$work/of-run" > "$work/jq.out"
check "of this run alone" [ "$(grep -c run-8 "$work/of-run")" = 0 ]
check "with what has no run in it" grep -q '"attempt.started"' "$work/of-run"

timeout 60 "$bitrouter" --home-dir "$home" events --provider priced --count 3 '*.failed' \
    'breaker.*' attempt.started > "$work/of-provider" 2>&1 &
listener=$!
failed_enough () {
    say priced:big 'x-a: b'
    ! kill -0 $listener 2> /dev/null
}
check "the events of a provider are heard" until_true failed_enough
wait $listener
check "--count ends it" [ $? = 0 ]
listener=
check "all of that provider" [ "$(grep -c '"provider":"priced"' "$work/of-provider")" = 3 ]
is_open () {
    say priced:big 'x-a: b'
    "$bitrouter" --home-dir "$home" admin breakers | grep -q '"open"'
}
until_true is_open
try 0 route ordered
out '^1  echo:echo '
out '^2  priced:big +open [0-9]+ s: .*its breaker is open: asked last$'
try 0 providers
out '^priced +active .* open'

timeout 60 "$bitrouter" --home-dir "$home" events --since-start --count 1 conf.taken \
    > "$work/late" 2>&1 &
listener=$!
taken () {
    "$bitrouter" --home-dir "$home" reload > /dev/null
    ! kill -0 $listener 2> /dev/null
}
until_true taken
listener=
check "what is so already comes first" jq -se '.[0].event == "snapshot" and .[0].status.ready and .[1].event == "conf.taken"' "$work/late" > "$work/jq.out"

"$bitrouter" --home-dir "$home" stop > "$work/out" 2> "$work/err"
wait $server
server=
check "no home was made elsewhere" [ -z "$(ls -A "$HOME")" ]
echo "$passed passed, $failed failed"
[ $failed = 0 ]
