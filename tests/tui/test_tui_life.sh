#!/usr/bin/env bash
#  How the terminal view begins and ends: without a server, with one that dies and comes
#  again, by keys, by signals, by crashes, stopped and gone on with, and when its terminal is
#  gone. With tmux, a server and the mock provider.

#  shellcheck disable=SC2154
set -uo pipefail
export LC_ALL=C.UTF-8
source=${BR_SOURCE_DIR:-$(cd "$(dirname "$0")/../.." && pwd)}
# shellcheck source=tests/tui/tmux.sh
. "$source/tests/tui/tmux.sh"
# shellcheck source=tests/tui/world.sh
. "$source/tests/tui/world.sh"

view () {
    screen_run "$bitrouter" --home-dir "$home" tui
}

is_gone () { #  is_gone PID
    ! kill -0 "$1" 2> /dev/null
}

world_provide
world_conf
screen_open 80 24

#  ---- the server comes, dies, and comes again

view
check "it waits for a server" screen_shows '^ bitrouter .*stopped'
check "and says so" screen_shows 'Daemon stopped'
world_start
check "it finds the server" screen_shows "Daemon running \\(pid $server\\)"
screen_type 2
world_call smart
check "and hears its calls" screen_shows ' ok +smart '
timeout 60 curl -s -o "$work/slow" "$url/v1/chat/completions" \
    -d '{"model": "slow", "messages": [{"role": "user", "content": "hello"}]}' &
check "one is under way" screen_shows ' 1 open '
world_kill
check "the server is dead" screen_shows '^ bitrouter .*stopped'
check "what was known stays" screen_shows ' ok +smart '
check "the call is lost" screen_shows ' lost +slow '
screen_type 1
check "it says so" screen_shows 'Daemon stopped'
wait $! 2> /dev/null
world_start
check "the next server" screen_shows "Daemon running \\(pid $server\\)"
screen_type 2
heard () {
    world_call cheap
    screen_has ' ok +cheap '
}
check "is heard" until_true heard
check "nothing is open" screen_shows ' 0 open '
screen_type q
check "the terminal after all that" screen_is_restored

#  ---- ends of all kinds

for key in q C-c; do
    view
    check "it runs" screen_shows 'Daemon running'
    screen_type $key
    check "restored after $key" screen_is_restored
    check "status 0 after $key" screen_shows '^ended 0$'
done
for signal in TERM INT HUP; do
    view
    check "it runs" screen_shows 'Daemon running'
    kill -"$signal" "$(screen_pid)"
    check "restored after SIG$signal" screen_is_restored
    check "status 0 after SIG$signal" screen_shows '^ended 0$'
done
for signal in SEGV BUS ABRT FPE ILL QUIT; do
    view
    check "it runs" screen_shows 'Daemon running'
    kill -"$signal" "$(screen_pid)"
    check "restored after SIG$signal" screen_is_restored
    check "and it is told" screen_shows "^ended $((128 + $(kill -l "$signal")))\$"
done
screen_run "$bitrouter" --home-dir "$home" tui --mouse
check "it runs" screen_shows 'Daemon running'
kill -SEGV "$(screen_pid)"
check "the mouse is given back too" screen_is_restored

#  ---- stopped, and gone on with: a shell with job control

screen_tmux respawn-pane -k "exec env PS1='ready> ' bash --norc --noprofile -i"
check "a shell" screen_shows '^ready>'
screen_type -l "'$bitrouter' --home-dir '$home' tui"
screen_type Enter
check "it runs" screen_shows 'Daemon running'
screen_type C-z
check "it is stopped" screen_shows 'Stopped'
is_shown () {
    screen_has '^ready> fg$' || screen_has 'Daemon running'
}
check "the shell's own screen" screen_lacks 'Daemon running'
screen_type -l 'fg'
check "letters are shown" until_true is_shown
screen_type Enter
check "it goes on" screen_shows 'Daemon running'
screen_type 7
check "with keys" screen_shows '^ ROUTE'
screen_resize 100 30
check "and another size" screen_holds 100 30
screen_type q
check "back in the shell" screen_shows '^ready> *$'
screen_type -l 'exit'
screen_type Enter
screen_resize 80 24

#  ---- the terminal is gone

view
check "it runs" screen_shows 'Daemon running'
pid=$(screen_pid)
screen_close
check "it ends with its terminal" until_true is_gone "$pid"

#  ---- bitrouter alone: the view, and a server that ends with it

kill -TERM "$server"
wait "$server"
server=
screen_open 80 24
screen_run "$bitrouter" --home-dir "$home"
check "bitrouter alone shows it" screen_shows 'Daemon running \(pid [0-9]+\)'
child=$(screen_text | sed -n 's/.*Daemon running (pid \([0-9]*\)).*/\1/p')
check "with a server of its own" test "$child" != "$(screen_pid)"
screen_type q
check "restored" until_true test -s "$work/stty.after"
check "modes" cmp "$work/stty.before" "$work/stty.after"
check "its server has ended" until_true is_gone "$child"
screen_run "$bitrouter" --home-dir "$home"
check "once more" screen_shows 'Daemon running \(pid [0-9]+\)'
child=$(screen_text | sed -n 's/.*Daemon running (pid \([0-9]*\)).*/\1/p')
kill -KILL "$(screen_pid)"
check "its server ends with it, however it ends" until_true is_gone "$child"

world_end
