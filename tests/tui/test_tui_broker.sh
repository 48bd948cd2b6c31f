#!/usr/bin/env bash
#  A bitrouter of another machine, by its admin door and events over tcp with CURVE: the view,
#  and the commands that ask. A second home stands for the other machine.

#  shellcheck disable=SC2154
set -uo pipefail
export LC_ALL=C.UTF-8
source=${BR_SOURCE_DIR:-$(cd "$(dirname "$0")/../.." && pwd)}
# shellcheck source=tests/tui/tmux.sh
. "$source/tests/tui/tmux.sh"
# shellcheck source=tests/tui/world.sh
. "$source/tests/tui/world.sh"

far=$work/far

there () { #  there ARGUMENT...: on the machine without a server
    "$bitrouter" --home-dir "$far" "$@"
}

view () {
    screen_run "$bitrouter" --home-dir "$far" tui "$@"
}

refused () { #  refused PATTERN HOME ARGUMENT...: one line on standard error, and nothing else
    local pattern=$1 rc=0
    shift
    timeout 30 "$bitrouter" --home-dir "$@" > "$work/refused.out" 2> "$work/refused.err" || rc=$?
    cat "$work/refused.out" "$work/refused.err"
    [ $rc = 1 ] && [ ! -s "$work/refused.out" ] && [ "$(wc -l < "$work/refused.err")" = 1 ] \
        && grep -qE "^Error: .*$pattern" "$work/refused.err"
}

take_keys () { #  take_keys NAME
    cp "$home/curve/clients/$1.key" "$far/curve/client.key"
    cp "$home/curve/clients/$1.pub" "$far/curve/client.pub"
    cp "$home/curve/broker.pub" "$far/curve/broker.pub"
}

bound () { #  bound NAME: where the server listens to other machines
    "$bitrouter" --home-dir "$home" status --json | jq -r ".remote.$1"
}

#  ---- keys

mkdir -p "$far/curve"
world_provide
#  shellcheck disable=SC2034
world_server='remote: { admin: "tcp://127.0.0.1:*", events: "tcp://127.0.0.1:*" }'
world_conf
check "no keys" refused 'server.remote needs keys .*bitrouter topology keygen --client NAME' \
    "$home" serve
"$bitrouter" --home-dir "$home" topology keygen --client ann > "$work/keygen.out"
check "what goes where" grep -q '^  clients/ann.key as client.key$' "$work/keygen.out"
check "a secret is private" [ "$(stat -c %a "$home/curve/clients/ann.key")" = 600 ]
"$bitrouter" --home-dir "$far" topology keygen --client stranger > /dev/null
world_start
admin=$(bound admin) events=$(bound events)
check "no keys here" refused 'keygen --client NAME' "$far" status --broker "$admin"

#  ---- commands

take_keys ann
check "status" [ "$(there status --broker "$admin" --json | jq -r '"\(.running) \(.pid)"')" \
    = "true $server" ]
check "for people" grep -q "^broker:    $admin$" <(there status --broker "$admin")
check "routes" grep -q '^  smart ' <(there --broker "$admin" route list)
check "a route" grep -q 'alpha:mock' <(there route smart --broker "$admin")
check "any question" [ "$(there admin calls --broker "$admin" | jq .open_calls)" = 0 ]
check "a reload" there reload --broker "$admin"
there events --broker "$admin" --since-start --count 1 call.ended > "$work/events.out" &
listener=$!
check "what is so already" until_true grep -q '"event":"snapshot"' "$work/events.out"
world_call smart
check "the listener ends" wait $listener
check "an event" [ "$(sed 1d "$work/events.out" | jq -r .event)" = call.ended ]
check "not for what works here alone" grep -q 'serve works on this machine alone' \
    <(there serve --broker "$admin" 2>&1)

#  ---- the view

screen_open 80 24
view --broker "$admin"
check "the name" screen_shows '^ bitrouter [0-9.]+ +● 127\.0\.0\.1:[0-9]+ '
check "the dashboard" screen_shows "Daemon running \\(pid $server\\)"
screen_type 2
check "calls" screen_shows '^ TIME|No calls yet'
world_call second -H 'x-bitrouter-run: run-far'
check "a call on the server" screen_shows ' ok +second +beta +mock '
world_kill
screen_type 1
check "the server is gone" screen_shows 'nothing listens at '
world_server="remote: { admin: \"$admin\", events: \"$events\" }"
world_start
check "it is back" screen_shows '^ bitrouter [0-9.]+ +● '
screen_type 2
heard () {
    world_call cheap
    screen_has ' ok +cheap +beta +mock '
}
check "its events too" until_true heard
screen_type q
check "the terminal" screen_is_restored

#  ---- strangers, and who is not there

cp "$far/curve/clients/stranger.key" "$far/curve/client.key"
cp "$far/curve/clients/stranger.pub" "$far/curve/client.pub"
for command in status "admin calls" "route list" providers reload events; do
    # shellcheck disable=SC2086
    check "$command" refused "$admin does not know our key; take " "$far" $command --broker "$admin"
done
view --broker "$admin"
check "the view says so" screen_shows 'does not know our key'
check "and shows nothing" screen_lacks '●'
cp "$far/curve/clients/stranger.pub" "$home/curve/clients/"
check "let in, it goes on by itself" screen_shows '^ bitrouter [0-9.]+ +● '
rm "$home/curve/clients/stranger.pub"
screen_type q
check "the terminal once more" screen_is_restored
take_keys ann
cp "$far/curve/clients/stranger.pub" "$far/curve/broker.pub"
check "another server" refused 'is no bitrouter with the key in curve/broker.pub' \
    "$far" status --broker "$admin"
take_keys ann
rm "$home/curve/clients/ann.pub"
check "a key that is taken away" refused 'does not know our key' "$far" status --broker "$admin"
check "nobody" refused 'nothing listens at tcp://127.0.0.1:1; start ' \
    "$far" status --broker tcp://127.0.0.1:1
check "no address" refused '--broker: expected tcp://ADDRESS:PORT' \
    "$far" status --broker 127.0.0.1:1
check "the local door is as it was" "$bitrouter" --home-dir "$home" admin calls

#  ---- a token in clear

screen_run "$bitrouter" --home-dir "$far" tui --url http://192.0.2.1:8787 --token hidden-word
check "to another machine" screen_shows 'would go in clear to another machine; use https'
check "it failed" screen_shows '^ended 1'
check "and is not told" screen_has_not 'hidden-word'

world_end
