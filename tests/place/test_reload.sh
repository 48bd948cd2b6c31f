#!/usr/bin/env bash
#  Reload of the configuration. First under load, in the default placement and with a
#  process for each host: CALLS calls while it is switched SWITCHES times between two, see
#  reload.c. Then every way to ask for it: what a wrong file does, what survives, what is
#  read again, what needs a restart, and the watch over the files. Needs curl, jq, python3;
#  BITROUTER and MOCK name the programs.

set -uo pipefail
export LC_ALL=C.UTF-8

source=${BR_SOURCE_DIR:-$(cd "$(dirname "$0")/../.." && pwd)}
export BR_BUILD_DIR=${BR_BUILD_DIR:-$PWD}
build=$BR_BUILD_DIR
bitrouter=${BITROUTER:-$build/bitrouter}
mock=${MOCK:-$build/bench/mock}
if [ ! -x "$bitrouter" ] || [ ! -x "$mock" ] || [ ! -x "$build/tests/place/reload" ]; then
    echo "no program $bitrouter, $mock or $build/tests/place/reload;" \
        "make bitrouter bench-tools place-tools"
    exit 77
fi
for tool in curl jq python3; do
    command -v $tool > /dev/null || { echo "no $tool"; exit 77; }
done
unset "${!BITROUTER_@}" http_proxy https_proxy all_proxy
work=$(mktemp -d) || exit 99
home=$work/home
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

#  until_true COMMAND...: for at most 20 s
until_true () {
    for _ in {1..400}; do
        "$@" && return
        sleep 0.05
    done
    echo "did not happen: $*"
    cat "$work/serve.log"
    exit 1
}

says () { grep -q -- "$1" "$2"; }
now_says () { [ "$(count "$1")" = "$2" ]; } #  now_says PATTERN COUNT: lines of the log
count () { grep -c -- "$1" "$work/serve.log"; }

#  ---- under load

for topology in one processes; do
    timeout 300 "$build/tests/place/reload" "$source/conf/topology/$topology.yaml" \
        "${CALLS:-10000}" "${SWITCHES:-50}"
    check "$topology: no call fails, none is a mixture" $? 0
done

#  ---- each way to ask

: > "$work/log"
"$mock" --port 0 --log "$work/log" > "$work/mock.out" 2>&1 &
pids+=($!)
until_true says listening "$work/mock.out"
port=$(sed 's/.*://' "$work/mock.out")

configure () { #  configure [SERVER [MORE]]: SERVER is more members of server
    cat > "$home/next" << END
inherit_defaults: false
server: { listen: "127.0.0.1:0", drain_secs: 1${1:+, $1} }
providers:
  one: { api_protocol: openai, api_base: "http://127.0.0.1:$port/v1", api_key: "\${KEY}" }
models:
  file: { endpoints: [{ provider: one, service_id: mock-tag1 }] }
${2:-}
END
    mv "$home/next" "$home/bitrouter.yaml"
}

admin () { "$bitrouter" --home-dir "$home" admin "$@" 2> /dev/null; }
is_ready () { [ "$(admin status | jq -r .ready)" = true ]; }
generation () { admin status | jq -r .generation; }
has_generation () { [ "$(generation)" = "$1" ]; }
more_generations () { [ "$(generation)" -gt "$1" ]; }
more_refused () { [ "$(count "configuration refused")" -gt "$1" ]; }

ask () { #  ask MODEL: the status
    wc -l < "$work/log" > "$work/asked"
    curl -sS --max-time 20 -o "$work/answer" -w '%{http_code}' \
        -H 'content-type: application/json' \
        -d "{\"model\":\"$1\",\"messages\":[]}" "$url/v1/chat/completions"
}

#  What the provider got last: it may tell after it has answered.
has_told () { [ "$(wc -l < "$work/log")" -gt "$(cat "$work/asked")" ]; }
told () { until_true has_told; tail -n 1 "$work/log" | jq -r "$1"; }
key () { told .authorization; }

by_command () { "$bitrouter" --home-dir "$home" reload 2>&1; }
by_http () {
    curl -sS --max-time 20 -X POST -H 'content-type: application/json' -d '{}' \
        "$url/admin/reload"
}
by_socket () {
    python3 - "$home/run/bitrouter.sock" << 'END'
import socket, sys
door = socket.socket(socket.AF_UNIX)
door.connect(sys.argv[1])
door.sendall(b'{"cmd":"reload"}\n')
print(door.makefile().readline(), end="")
END
}
by_signal () { #  what the log says of it
    local lines before
    lines=$(wc -l < "$work/serve.log")
    before=$(count "configuration")
    kill -HUP "$serve"
    until_true more_says "$before"
    tail -n "+$((lines + 1))" "$work/serve.log"
}
more_says () { [ "$(count "configuration")" -gt "$1" ]; }

mkdir "$home"
echo KEY=sk-0123456789aaaa > "$home/.env"
configure
"$bitrouter" --home-dir "$home" serve > "$work/serve.log" 2>&1 &
serve=$!
pids+=("$serve")
until_true is_ready
url=http://$(admin calls | jq -r '.. | .listen? // empty | .[0]' | head -n 1)
check "a call before" "$(ask file) $(key)" "200 Bearer ***aaaa"
admin route_add '{"name":"mine","endpoints":[{"provider":"one","service_id":"mock-tag2"}]}' \
    > "$work/out"
check "a route that is added" "$(ask mine)" 200
generation=$(generation)

#  a file that is wrong in its syntax, and one that is wrong in what it says
position='bitrouter.yaml:[0-9]+:[0-9]+'
for way in by_command by_http by_socket by_signal; do
    configure "" "models: [" #  twice, and never closed
    said=$($way)
    check "$way: syntax: file, line, column: $said" \
        "$(grep -cE "$position" <<< "$said")" 1
    configure "calls_max: many"
    said=$($way)
    check "$way: value: file, line, column: $said" \
        "$(grep -cE "$position: server.calls_max" <<< "$said")" 1
    check "$way: the old one is in use" "$(generation)" "$generation"
    check "$way: calls go on" "$(ask file) $(ask mine)" "200 200"
done
check "a refusal has an exit status" "$(by_command > /dev/null; echo $?)" 1

#  .env is read again; routes that were added survive
for way in by_command by_http by_socket by_signal; do
    configure
    echo "KEY=sk-0123456789$way" > "$home/.env"
    $way > "$work/out"
    generation=$(generation)
    check "$way: calls go on" "$(ask file) $(ask mine)" "200 200"
    check "$way: with the new key" "$(key)" "Bearer ***${way: -4}"
done

#  what needs a restart is named, as long as it is so
configure "extra_listen: \"127.0.0.1:1\", log_level: debug"
for _ in 1 2; do
    said=$(by_command)
    check "the command names what needs a restart: $said" \
        "$(grep -c "restart: server.extra_listen, server.log_level" <<< "$said")" 1
done
check "HTTP names it" "$(by_http | jq -r '.. | .needs_restart? // empty' | head -n 1)" \
    "server.extra_listen, server.log_level"
check "the log names it" "$(by_signal | grep -c "need a restart")" 1

#  a route that was added when its provider goes, and when it is back
configure
by_command > "$work/out"
sed -i 's/  one:/  two:/; s/provider: one/provider: two/' "$home/bitrouter.yaml"
by_command > "$work/out"
check "without its provider" "$(ask file) $(ask mine)" "200 404"
check "the log says so" "$(count "models.mine: no endpoint of it is active")" 1
configure
by_command > "$work/out"
check "with it again" "$(ask file) $(ask mine)" "200 200"

#  ---- the log of requests, on and off while it runs

configure "" "request_log: { enabled: true, path: calls.jsonl }"
by_command > "$work/out"
ask file > "$work/out"
log=$home/logs/calls.jsonl
until_true test -s "$log"
check "a call has a line" "$(jq -r '"\(.route) \(.provider) \(.status)"' "$log")" \
    "file one 200"
check "without its key" "$(grep -c sk-0123456789 "$log")" 0
mv "$log" "$log.old"
ask file > "$work/out"
until_true test -s "$log"
check "a file that was renamed is made anew" "$(wc -l < "$log.old") $(wc -l < "$log")" "1 1"
configure "" "request_log: { enabled: true, path: /nowhere/at/all }"
check "a path that cannot be is refused" \
    "$(by_command | grep -c "request_log.path: cannot open /nowhere/at/all")" 1

#  ---- the watch

#  nobody looks before it is asked for
configure "" "# written, and not watched"
generation=$(generation)
sleep 0.5
check "without the watch nothing is read" "$(generation)" "$generation"
configure "watch: true"
by_command > "$work/out"
generation=$(generation)
sed -i 's/mock-tag1/mock-tag3/' "$home/bitrouter.yaml" #  in a file that takes its place
until_true has_generation $((generation + 1))
ask file > "$work/out"
check "a new file is used" "$(told .model)" mock-tag3
echo KEY=sk-0123456789cccc > "$home/.env" #  written in its place
until_true has_generation $((generation + 2))
check "so is .env" "$(ask file) $(key)" "200 Bearer ***cccc"
rm "$home/.env"
sleep 0.5
check "a file that is gone is no change" "$(generation)" $((generation + 2))
echo KEY=sk-0123456789dddd > "$home/.env"
until_true has_generation $((generation + 3))
check "one that is there again is" "$(ask file) $(key)" "200 Bearer ***dddd"
refused=$(count "configuration refused")
echo "models: [" >> "$home/bitrouter.yaml"
until_true now_says "configuration refused" $((refused + 1))
sleep 0.5
check "a wrong one is told once" "$(count "configuration refused")" $((refused + 1))
check "and the old one is in use" "$(ask file)" 200
configure "watch: true"
until_true has_generation $((generation + 5)) #  the refused one has a number too

#  a file that is emptied before it is written, and one that is gone, take nothing away
generation=$(generation)
refused=$(count "configuration refused")
: > "$home/bitrouter.yaml"
until_true now_says "configuration refused" $((refused + 1))
check "a file that was emptied is told" "$(count "bitrouter.yaml:1:1: the file is empty")" 1
check "and the old one is in use" "$(generation) $(ask file) $(ask mine)" "$generation 200 200"
rm "$home/bitrouter.yaml"
said=$(by_command)
check "without its file: $said" "$(grep -c "not there any more; what it said stays" <<< "$said")" 1
check "the old one is in use" "$(generation) $(ask file) $(ask mine)" "$generation 200 200"

#  a route is added to what is in use, whatever the file says meanwhile
sleep 0.5 #  the watch rests
generation=$(generation)
configure "watch: true" "models: ["
refused=$(count "configuration refused")
admin route_add '{"name":"meanwhile","endpoints":[{"provider":"one","service_id":"mock-tag2"}]}' \
    > "$work/out"
check "a route is added while the file is broken" "$(ask meanwhile)" 200

#  a link to a file in another folder, which is written there
until_true more_refused "$refused"
mkdir "$work/there"
configure "watch: true"
generation=$(generation)
mv "$home/bitrouter.yaml" "$work/there/real.yaml"
ln -s "$work/there/real.yaml" "$home/bitrouter.yaml"
until_true more_generations "$generation"
generation=$(generation)
sed -i 's/mock-tag1/mock-tag4/' "$work/there/real.yaml"
until_true more_generations "$generation"
ask file > "$work/out"
check "what a link leads to is watched" "$(told .model)" mock-tag4

generation=$(generation)
configure "watch: false"
until_true more_generations "$generation"
generation=$(generation)
configure "" "# written, and not watched any more"
sleep 0.5
check "the watch ends" "$(generation)" "$generation"

kill -TERM "$serve"
wait "$serve"
check "it ends in order" $? 0
kill -TERM "${pids[0]}"
wait "${pids[0]}"
pids=()
echo "$passed passed, $failed failed"
[ $failed = 0 ]
