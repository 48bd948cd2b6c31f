#!/usr/bin/env bash
#  The terminal view beside a server with thousands of events a second: it hears them all, and
#  paints by the clock, not by the event. What CPU time that took is told, and not judged.

#  shellcheck disable=SC2154,SC2016
set -uo pipefail
export LC_ALL=C.UTF-8
source=${BR_SOURCE_DIR:-$(cd "$(dirname "$0")/../.." && pwd)}
# shellcheck source=tests/tui/tmux.sh
. "$source/tests/tui/tmux.sh"
# shellcheck source=tests/tui/world.sh
. "$source/tests/tui/world.sh"

FRAME_MS=50 #  as in tui/tui.c
SECONDS_LONG=8

rows () {
    "$bitrouter" --home-dir "$home" admin ledger | jq .rows
}

all_settled () {
    calls=$(wc -l < "$work/mock.log")
    [ "$(rows)" = "$calls" ]
}

world_start
screen_open 120 40
screen_run bash -c "exec '$bitrouter' --home-dir '$home' tui --stats 2> '$work/stats'"
check "it runs" screen_shows 'Daemon running'
screen_type 2
check "calls" screen_shows '^ TIME'

#  Five events a call.
"$rate" --url "$url/v1/chat/completions" --connections 8 --rate 300 --warmup 0 \
    --seconds $SECONDS_LONG --model smart > "$work/rate" 2>&1
calls=$(jq .requests "$work/rate")
check "the load ran" test "${calls:-0}" -gt 300
check "the newest are shown" screen_shows ' ok +smart '

#  Keys are taken beside it.
"$rate" --url "$url/v1/chat/completions" --connections 8 --rate 300 --warmup 0 \
    --seconds $SECONDS_LONG --model cheap > "$work/rate" 2>&1 &
load=$!
check "the load is seen" screen_shows ' ok +cheap '
screen_type 4
check "a key in the load" screen_shows '^ MODEL'
screen_type 2 / c h e a p Enter
check "a filter in the load" screen_shows '^ /cheap '
screen_type p
check "a pause in the load" screen_shows 'PAUSED'
screen_type p Escape
screen_resize 60 16
check "another size in the load" screen_holds 60 16
wait $load
check "all that the provider was asked is settled" until_true all_settled
screen_type r 1
check "none is open in the end" screen_shows ' 0 open'
screen_type 4
check "sums" screen_shows "ledger: .* in "
screen_type q
check "restored" screen_is_restored
check "it told what it did" jq -e .pictures "$work/stats"

#  Started, attempt started, attempt begun or none, ended, settled: at the least four.
check "it heard the events of $calls calls" \
    jq -e --argjson calls "$calls" '.news >= 4 * $calls' "$work/stats"
#  A key may be answered with a picture before it is time.
check "not a picture for each event" jq -e --argjson frame $FRAME_MS \
    '.pictures <= .ms / $frame + .keys + 1' "$work/stats"
check "turns are heaps of events" jq -e '.turns < .news' "$work/stats"
printf 'beside %s calls: ' "$calls"
cat "$work/stats"
world_end
