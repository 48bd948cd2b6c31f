#!/usr/bin/env bash
#  Answers that break off behind their first words, for clients that send
#  x-bitrouter-continue: on: what such a client of each protocol hears when a provider of
#  each protocol goes on, what that provider was asked, and what the ledger has. Against a
#  whole bitrouter and the mock provider, in the default placement and with a process for
#  each host. Needs curl, jq; BITROUTER and MOCK name the programs.

set -uo pipefail
export LC_ALL=C.UTF-8

source=${BR_SOURCE_DIR:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${BR_BUILD_DIR:-$PWD}
bitrouter=${BITROUTER:-$build/bitrouter}
mock=${MOCK:-$build/bench/mock}
if [ ! -x "$bitrouter" ] || [ ! -x "$mock" ]; then
    echo "no program $bitrouter or $mock; make bitrouter bench-tools"
    exit 77
fi
for tool in curl jq; do
    command -v $tool > /dev/null || { echo "no $tool"; exit 77; }
done
unset "${!BITROUTER_@}" http_proxy https_proxy all_proxy
work=$(mktemp -d) || exit 99
pids=()
trap 'kill -KILL ${pids[@]+"${pids[@]}"} 2> /dev/null; wait; rm -rf "$work"' EXIT
passed=0 failed=0

check () { #  check WHAT GOT WANTED
    if [ "$2" = "$3" ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'FAIL %s\n  got    %s\n  wanted %s\n' "$1" "$2" "$3"
    fi
}

#  until_true COMMAND...: for at most 60 s
until_true () {
    for _ in {1..1200}; do
        "$@" && return
        sleep 0.05
    done
    echo "did not happen: $*"
    cat "$work/serve.log"
    exit 1
}

#  ---- the world

greeting="Hello, wörld 🌍."
protocols="chat responses messages google"
declare -A word=([chat]=openai [responses]=responses [messages]=anthropic [google]=google)
declare -A root=([chat]=/v1 [responses]=/v1 [messages]="" [google]="")
#  Events of the greeting's stream: when its first words were told, and when all were.
declare -A first=([chat]=4 [responses]=7 [messages]=4 [google]=1)
declare -A most=([chat]=5 [responses]=8 [messages]=5 [google]=2)

provider () { #  provider NAME PROTOCOL
    echo "  $1-$2: { api_protocol: ${word[$2]}, api_key: sk-0123456789,"
    echo "    api_base: \"http://127.0.0.1:$port/$1${root[$2]}\" }"
}

route () { #  route NAME CLIENT WORDS SECOND [SERVICE]: the first one breaks off
    echo "  $1: { strategy: priority, endpoints: ["
    echo "    { provider: bad-$2, service_id: mock-tools-$3-gap2 },"
    echo "    { provider: $4, service_id: ${5:-mock-tools} } ] }"
}

configure () {
    echo "inherit_defaults: false"
    echo "server: { listen: \"127.0.0.1:0\" }"
    echo "upstream: { retries: 0, backoff: { base_ms: 2 }, breaker: { failures: 1000 } }"
    echo "providers:"
    for one in $protocols; do
        provider bad "$one"
        provider good "$one"
    done
    echo "models:"
    for one in $protocols; do
        for other in $protocols; do
            route "$one-$other-first" "$one" "cut${first[$one]}" "good-$other"
            route "$one-$other-most" "$one" "cut${most[$one]}" "good-$other"
        done
        route "$one-stall" "$one" "stallafter${first[$one]}" good-chat
        route "$one-error" "$one" "errorafter${first[$one]}" good-chat
        route "$one-other" "$one" "cut${first[$one]}" good-chat mock-chunks3
        route "$one-fails" "$one" "cut${first[$one]}" good-chat mock-500
    done
}

says () { grep -q "$1" "$2"; }

start () { #  start [OPTION...]
    rm -rf "${work:?}/home"
    mkdir "$work/home"
    : > "$work/mock.out"
    calls=0
    "$mock" --port 0 --record 1000 > "$work/mock.out" 2>&1 &
    pids+=($!)
    until_true says listening "$work/mock.out"
    port=$(sed 's/.*://' "$work/mock.out")
    configure > "$work/home/bitrouter.yaml"
    "$bitrouter" --home-dir "$work/home" serve "$@" > "$work/serve.log" 2>&1 &
    serve=$!
    pids+=("$serve")
    until_true is_ready
    url=http://$(admin calls | jq -r '.. | .listen? // empty | .[0]' | head -n 1)
}

stop () {
    kill -TERM "$serve"
    wait "$serve"
    check "it ends in order" $? 0
    kill -TERM "${pids[0]}"
    wait "${pids[0]}"
    pids=()
}

admin () { "$bitrouter" --home-dir "$work/home" admin "$@" 2> /dev/null; }
is_ready () { [ "$(admin status | jq -r .ready)" = true ]; }
has_rows () { [ "$(admin ledger | jq '[.. | .rows? // empty] | add')" = "$1" ]; }
received () { curl -sS "http://127.0.0.1:$port/mock/last"; }

#  ---- calls

#  ask PROTOCOL MODEL [HEADER...]: the answer is in $work/body, $work/head and, as a list
#  of its events, in $work/events; status is curl's
ask () {
    local protocol=$1 model=$2 path body options=()
    shift 2
    case $protocol in
    chat) path=/v1/chat/completions
        body='{"messages":[{"role":"user","content":"Hi"}]}' ;;
    responses) path=/v1/responses body='{"input":"Hi"}' ;;
    messages) path=/v1/messages
        body='{"max_tokens":99,"messages":[{"role":"user","content":"Hi"}]}' ;;
    google) path="/v1beta/models/$model:streamGenerateContent?alt=sse"
        body='{"contents":[{"role":"user","parts":[{"text":"Hi"}]}]}' ;;
    esac
    [ "$protocol" = google ] \
        || body=$(jq -c --arg model "$model" '. + {model: $model, stream: true}' <<< "$body")
    for header; do options+=(-H "$header"); done
    calls=$((calls + 1))
    curl -sS --max-time 20 -D "$work/head" -o "$work/body" "${options[@]}" \
        -H 'content-type: application/json' -H 'anthropic-version: 2023-06-01' \
        -d "$body" "$url$path" 2> "$work/err"
    status=$?
    sed -n 's/^data: //p' "$work/body" | sed 's/^\[DONE\]$/"[DONE]"/' | tr -d '\r' \
        | jq -cs . > "$work/events"
}

on="x-bitrouter-continue: on"

declare -A texts=(
    [chat]='[.[] | objects | .choices[]?.delta.content // empty]'
    [responses]='[.[] | select(.type == "response.output_text.delta").delta]'
    [messages]='[.[] | .delta?.text // empty]'
    [google]='[.[] | .candidates[]?.content.parts[]? | select(.thought | not).text // empty]')

#  What a stream of the protocol is: one start, one open block after the other, one end.
declare -A grammars=(
    [chat]='(.[-1] == "[DONE]") and ([.[] | select(. == "[DONE]")] | length == 1)
        and ([.[] | objects.id] | unique | length == 1)
        and ([.[] | objects.choices[]?.delta.role // empty] | length == 1)
        and ([.[] | objects.choices[]?.finish_reason // empty] == ["stop"])'
    [responses]='([.[].sequence_number] == [range(length)])
        and (.[0].type == "response.created") and (.[-1].type == "response.completed")
        and ([.[].response // empty | .id] | unique | length == 1)
        and ([.[] | select(.type == "response.completed")] | length == 1)
        and ([.[] | select(.type == "response.output_item.added").item.id]
            == [.[] | select(.type == "response.output_item.done").item.id])
        and ([.[] | select(.type == "response.output_text.delta").delta] | join(""))
            == (.[-1].response.output | map(.content[]?.text) | join(""))'
    [messages]='([.[].type] | .[0] == "message_start" and .[-1] == "message_stop"
            and .[-2] == "message_delta")
        and ([.[] | select(.type == "message_start")] | length == 1)
        and ([.[] | select(.type == "content_block_start").index]
            == [.[] | select(.type == "content_block_stop").index])
        and ([.[] | select(.type == "content_block_start").index]
            | . == [range(length)])
        and ([.[] | select(.type == "content_block_start"
            and .content_block.type == "text")] | length == 1)'
    [google]='([.[].responseId] | unique | length == 1)
        and ([.[].candidates[]?.finishReason // empty] == ["STOP"])')

text () { jq -r "${texts[$1]} | join(\"\")" "$work/events"; }
keeps () { jq "${grammars[$1]}" "$work/events"; }
tells_error () { grep -cE '"error": ?\{|"type": ?"error"' "$work/body"; }
comments () { grep -c "^: bitrouter continued $1\$" "$work/body"; }

#  The last turn of what the provider of the protocol received.
declare -A turns=(
    [chat]='.messages[-1] | [.role, .content]'
    [responses]='.input[-1] | [.role, (.content | if type == "string" then . else .[0].text end)]'
    [messages]='.messages[-1] | [.role, (.content | if type == "string" then . else .[0].text end)]'
    [google]='.contents[-1] | [.role, .parts[0].text]')
turn () { received | jq -r ".body | fromjson | ${turns[$1]} | join(\" \")"; }

goes_on () { #  goes_on NAME CLIENT SECOND MODEL TOLD
    local role=assistant commented=1
    [ "$3" = google ] && role=model
    [ "$2" = google ] && commented=0
    ask "$2" "$4" "$on"
    check "$1: it ends well" "$status" 0
    check "$1: its text is whole" "$(text "$2")" "$greeting"
    check "$1: it is one stream" "$(keeps "$2")" true
    check "$1: no error is told" "$(tells_error)" 0
    check "$1: it is told who went on" "$(comments "good-$3")" $commented
    check "$1: the second one got what was told" "$(turn "$3")" "$role $5"
    check "$1: it is announced" "$(grep -ci '^x-bitrouter-continue: on' "$work/head")" 1
}

play () { #  play PLACEMENT
    local one other
    for one in $protocols; do
        for other in $protocols; do
            goes_on "$1, $one to $other" "$one" "$other" "$one-$other-first" "Hello,"
            goes_on "$1, $one to $other, late" "$one" "$other" "$one-$other-most" \
                "$greeting"
        done
        goes_on "$1, $one, an error" "$one" chat "$one-error" "Hello,"

        ask "$one" "$one-stall" "$on" "x-bitrouter-idle-timeout: 0.3"
        check "$1, $one: it goes on behind a silence" "$(text "$one")" "$greeting"

        ask "$one" "$one-other" "$on"
        check "$1, $one: other words follow" "$(text "$one" | head -c 7)" "Hello,@"
        check "$1, $one: to a whole stream" "$(keeps "$one")" true

        ask "$one" "$one-fails" "$on"
        check "$1, $one: nobody goes on: the words so far" "$(text "$one")" "Hello,"
        check "$1, $one: nobody goes on: an error event" "$(tells_error)" 1
        check "$1, $one: nobody goes on: it is cut" "$status" 18

        ask "$one" "$one-chat-first"
        check "$1, $one: not asked for: the words so far" "$(text "$one")" "Hello,"
        check "$1, $one: not asked for: an error event" "$(tells_error)" 1
        check "$1, $one: not asked for: nothing is announced" \
            "$(grep -ci '^x-bitrouter-continue' "$work/head")" 0
    done
    until_true has_rows $calls #  one for each call, however many attempts
}

start
play one
stop
start --topology "$source/conf/topology/processes.yaml"
play processes
stop

echo "$passed passed, $failed failed"
[ $failed = 0 ]
