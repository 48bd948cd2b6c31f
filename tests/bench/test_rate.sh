#!/bin/sh
#  The load generator against the mock provider: what it counts must be what happened.
#  Only counts and outcomes are checked, and one latency that a stall makes long for sure.

mock=${MOCK:-./bench/mock}
rate=${RATE:-./bench/rate}
work=$(mktemp -d) || exit 99
"$mock" >"$work/out" &
pid=$!
trap 'kill "$pid" 2>/dev/null; rm -rf "$work"' EXIT
tries=0
until grep -q listening "$work/out"; do
    tries=$((tries + 1))
    test $tries -lt 500 || exit 1
    sleep 0.01
done
url=http://127.0.0.1:$(sed 's/.*://' "$work/out")/v1/chat/completions
failed=0

#  run OPTION...: one short run, its line in the file line.
run ()
{
    "$rate" --url "$url" --warmup 0.05 --seconds 0.3 "$@" | tail -n 1 >"$work/line"
}

field () { sed -n "s/.*\"$1\":\([^,}]*\).*/\1/p" "$work/line"; }

#  holds WHAT EXPRESSION
holds ()
{
    awk "BEGIN { exit !($2) }" && return
    failed=$((failed + 1))
    echo "FAIL $1: $2"
    cat "$work/line"
}

run --connections 8
holds "a closed loop gets answers" "$(field requests) > 10"
holds "without errors" "$(field errors) == 0"
holds "over kept connections" "$(field connects) == 8"
holds "of 820 bytes" "$(field body_bytes) == 820 * $(field requests)"
run --connections 8 --rate 200 --pid "mock=$pid"
holds "a constant rate asks no oftener than it was told" \
    "$(field requests) > 0 && $(field requests) <= 61"
holds "CPU time of the mock is read" "$(field cpu_mock_us) > 0"
run --connections 2 --rate 100 --model mock-first200
holds "a server that is too slow pays for requests that had to wait" \
    "$(field latency_p99_us) > 400000"
holds "and for those that never left" "$(field unfinished) > 0"
run --connections 4 --model mock-500
holds "errors are counted" "$(field errors) > 0 && $(field requests) == 0"
run --connections 4 --stream 1 --model mock-cut2
holds "cut streams are errors" "$(field errors) > 0 && $(field requests) == 0"
run --connections 2 --stream 1 --model mock-chunks60
holds "events are counted" "$(field events) >= 50 * $(field requests) && $(field events) > 60"
run --open 50 --model mock-endless-gap5
holds "held streams give events" "$(field events) > 50 && $(field ended) == 0"
holds "each of them" "$(field least_events) > 5 && $(field failed) == 0"
run --open 5 --model mock-stallafter1
holds "a stream that falls silent is seen" \
    "$(field least_events) == 0 && $(field failed) == 0 && $(field ended) == 0"
run --open 5 --model mock-500
holds "held streams that are refused have failed" "$(field failed) + $(field ended) == 5"
"$rate" --url "$url" --size 5000 --write "$work/body"
holds "a body has its size" "$(wc -c <"$work/body") == 5000"
"$rate" --url "${url%/v1*}/health" --ready 1 >"$work/line"
holds "readiness is told" "$(field ready_ms) >= 0"
"$rate" --nonsense 1 2>/dev/null
holds "unknown options are refused" "$? == 2"
test "$failed" -eq 0
