#!/usr/bin/env bash
#  The terminal view in terminals of several sizes: panes, lists, keys, filter, order, pause,
#  help, details, and other sizes while it runs. With tmux, a server and the mock provider.

#  shellcheck disable=SC2154,SC2016
set -uo pipefail
export LC_ALL=C.UTF-8
source=${BR_SOURCE_DIR:-$(cd "$(dirname "$0")/../.." && pwd)}
# shellcheck source=tests/tui/tmux.sh
. "$source/tests/tui/tmux.sh"
# shellcheck source=tests/tui/world.sh
. "$source/tests/tui/world.sh"

view () { #  view ARGUMENT...
    screen_run "$bitrouter" --home-dir "$home" tui "$@"
}

key () { #  key KEY PATTERN: and then a line is like this
    screen_type "$1"
    check "after the key $1" screen_shows "$2"
}

#  The lines of the list, from the first to the last that has this word.
lines_with () { #  lines_with WORD COUNT
    [ "$(screen_text | grep -c -- "$1")" = "$2" ]
}

world_start
screen_open 80 24

#  ---- the first view, and what is there without any call

view
check "the name" screen_shows '^ bitrouter [0-9.]+ +● 127\.0\.0\.1:[0-9]+ '
check "the dashboard" screen_shows "Daemon running \\(pid $server\\)"
check "providers" screen_shows '3 providers configured: alpha, beta, echo'
check "routes" screen_shows '4 routes active: '
check "keys" screen_shows '^ q quit  \? help '
check "the size" screen_holds 80 24
key 2 'No calls yet'
key 6 'found nothing'
key 7 '^ smart +priority .*config +alpha:mock'

#  ---- calls come while one looks

world_call smart -H 'x-bitrouter-run: run-a'
key 2 ' ok +smart +alpha +mock '
for _ in 1 2 3; do
    world_call cheap -H 'x-bitrouter-run: run-b'
done
world_call second
check "three of cheap" until_true lines_with ' ok       cheap' 3
check "another provider was tried" screen_shows ' ok +second +beta +mock '
check "the price" screen_shows ' ok +smart .*\$0\.0'
timeout 60 curl -s -o "$work/slow" "$url/v1/chat/completions" \
    -d '{"model": "slow", "messages": [{"role": "user", "content": "hello"}]}' &
slow=$!
check "one under way" screen_shows ' (waiting|open|sent|asking|running)[a-z]* +slow '
check "it is counted" screen_shows '^ bitrouter .* 1 open '
kill $slow
check "its caller has left" screen_shows ' left +slow '
check "none is open" screen_shows '^ bitrouter .* 0 open '

#  ---- filter

screen_type /
check "the foot shows what is typed" screen_shows '^ /_ '
screen_type -l chq
screen_type BSpace
screen_type -l ea
check "letters" screen_shows '^ /chea_ '
check "at once" screen_lacks ' smart '
screen_type Enter
check "the filter stays, and is told" screen_shows '^ /chea  3 of 6'
check "keys again" screen_shows '^ q quit '
key Escape ' ok +smart '
screen_type / x y z z y Escape
check "a filter that is given up" screen_shows ' ok +smart '
screen_type / x y z z y Enter
check "nothing is like it" screen_shows 'No line has these words'
key Escape ' ok +smart '

#  ---- order

first_is () { #  first_is PATTERN: the line below the heads
    grep -qE "$1" <<< "$(screen_text | sed -n '/STATE/ { n; p; }')"
}
screen_type G
check "the last line is the oldest" until_true screen_has ' smart '
heads () {
    screen_text | sed -n '/STATE/p'
}
heads_changed () {
    [ "$(heads)" != "$before" ]
}
for _ in 1 2 3 4 5 6 7 8 9; do
    before=$(heads)
    screen_type s
    until_true heads_changed && screen_has 'ROUTE[▲▼]' && break
done
check "by route" screen_shows 'ROUTE[▲▼]'
check "cheap is the first" until_true first_is ' cheap '
screen_type S
check "the other way round: smart" until_true first_is ' (smart|slow) '
check "the mark is turned" screen_shows 'ROUTE▼'

#  ---- details

screen_type g Enter
check "a detail" screen_shows '^ Detail'
key Escape '^ TIME'
screen_type / s e c o n d Enter
check "one line" screen_shows '^ /second  1 of 6'
screen_type Enter
check "its hops" screen_shows '(alpha:|alpha ).*mock-500'
check "... of both providers" screen_shows '(beta:|beta ).*mock'
key Escape '^ /second'
key Escape ' smart '

#  ---- pause

screen_type p
check "it says that it holds" screen_shows ' PAUSED$'
world_call cheap
check "the count goes on above" screen_shows '^ bitrouter '
held () {
    world_call cheap
    #  The server has told more than what is shown.
    [ "$("$bitrouter" --home-dir "$home" admin ledger | jq '.rows')" -ge 8 ]
}
check "calls were made meanwhile" until_true held
check "but are not shown" lines_with ' cheap ' 3
screen_type Space
check "and are shown then" screen_lacks ' PAUSED'
four () {
    [ "$(screen_text | grep -c ' cheap ')" -ge 4 ]
}
check "all of them" until_true four

#  ---- the other panes

key 3 ' run-b '
key 4 '^ models  providers  accounts  runs  days  budgets  charges'
check "sums" screen_shows '^ alpha:mock '
key Right '^ PROVIDER'
key ']' '^ ACCOUNT'
key Left '^ PROVIDER'
key '[' '^ MODEL'
key 5 '^ endpoints  configured '
check "states" screen_shows '^ beta .*closed'
key Right 'echo'
key 7 '^ smart +priority '
"$bitrouter" --home-dir "$home" route add dynamic-one beta:mock > "$work/out"
check "a route that comes" screen_shows '^ dynamic-one .* beta:mock'
"$bitrouter" --home-dir "$home" route rm dynamic-one > "$work/out"
check "and goes" screen_lacks '^ dynamic-one '
key 8 'attempt.failed'
key Tab 'Daemon running'
key BTab 'attempt.failed'

#  ---- help

key '?' '^ Keys '
check "the words of it" screen_shows 'filter'
key '?' 'attempt.failed'
key h '^ Keys '
key Escape 'attempt.failed'

#  ---- other sizes while it runs, and each pane in each

for size in '60 16' '200 50' '30 6' '80 24'; do
    # shellcheck disable=SC2086
    screen_resize $size
    # shellcheck disable=SC2086
    check "a screen of $size" screen_holds $size
    for pane in 1 2 3 4 5 6 7 8; do
        screen_type "$pane"
        # shellcheck disable=SC2086
        check "pane $pane in $size" screen_holds $size
    done
    check "the program lives" kill -0 "$(screen_pid)"
done
screen_resize 29 5
check "too small" screen_shows 'too small; q quits'
screen_resize 80 24
check "large enough again" screen_holds 80 24
screen_type q
check "quit restores the terminal" screen_is_restored
check "status 0" screen_shows '^ended 0$'

#  ---- begun in each size, with a pane that is asked for, and with letters of ASCII alone

for size in '60 16' '200 50'; do
    # shellcheck disable=SC2086
    screen_resize $size
    view --pane calls
    check "calls, at once" screen_shows '^ TIME +STATE'
    # shellcheck disable=SC2086
    check "begun in $size" screen_holds $size
    screen_type q
    check "restored in $size" screen_is_restored
done
view --ascii --pane providers
check "ASCII" screen_shows '^ PROVIDER'
is_ascii () {
    ! LC_ALL=C grep -q '[^ -~]' <<< "$(screen_text)"
}
check "no other letters" until_true is_ascii
screen_type q
check "restored" screen_is_restored
screen_run env NO_COLOR=1 "$bitrouter" --home-dir "$home" tui
check "without colours" screen_shows 'Daemon running'
has_no_colours () {
    ! grep -qE $'\e\\[([0-9;]*;)?(3[0-8]|4[0-8]|9[0-7])[;m]' \
        <<< "$(screen_tmux capture-pane -p -e)"
}
check "no colour at all" has_no_colours
screen_type q
check "restored" screen_is_restored
view
check "colours, else" screen_shows 'Daemon running'
has_colours () {
    ! has_no_colours
}
check "a colour" until_true has_colours
screen_type q
check "restored" screen_is_restored

#  ---- where it does not run

screen_run env TERM=dumb "$bitrouter" --home-dir "$home" tui
check "a dumb terminal" screen_shows '^Error: .*dumb'
check "status 1" screen_shows '^ended 1$'
screen_run bash -c "'$bitrouter' --home-dir '$home' tui | cat"
check "no terminal" screen_shows '^Error: .*terminal'
screen_run "$bitrouter" --home-dir "$home" tui --pane nowhere
check "no such pane" screen_shows 'nowhere'
check "usage" screen_shows '^ended 2$'

world_end
