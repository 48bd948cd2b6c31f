#  cells.sh: the single measurements of bench/run. Each adds lines to $results:
#  cell, peer, round, name of the figure, value; separated by tabs.

#  field JSON NAME: a number out of one flat line of JSON.
field () {
    sed -n "s/.*\"$2\":\([^,}]*\).*/\1/p" <<<"$1"
}

put () {
    printf '%s\t%s\t%s\t%s\t%s\n' "$1" "$peer_name" "$round" "$2" "$3" >>"$results"
}

#  put_line CELL JSON: every number of the line.
put_line () {
    test -n "$2" || { note "$1 of $peer_name gave nothing"; return; }
    tr -d '{}"' <<<"$2" | tr ',' '\n' | while IFS=: read -r name value; do
        put "$1" "$name" "$value"
    done
}

#  Options for rate: whose CPU time to read.
pids () {
    printf -- '--pid mock=%s' "$mock_pid"
    test -z "$peer_pid" || printf -- ' --pid peer=%s' "$(tree "$peer_pid")"
}

#  cpu_us PID,PID: CPU time of processes so far, in microseconds.
cpu_us () {
    local pid
    for pid in ${1//,/ }; do
        cat "/proc/$pid/task/"*/schedstat 2>/dev/null
    done | awk '{ sum += $1 } END { printf "%.0f\n", sum / 1000 }'
}

#  memory PIDS: "rss pss" in KB, summed; pss counts shared pages once.
memory () {
    local pid
    for pid in ${1//,/ }; do
        cat "/proc/$pid/smaps_rollup" 2>/dev/null
    done | awk '/^Rss:/ { r += $2 } /^Pss:/ { p += $2 } END { print r + 0, p + 0 }'
}

model_of () {
    test "$1" = sse60 && echo "$model-chunks60" || echo "$model"
}

is_stream () {
    test "$1" = sse60 && echo 1 || echo 0
}

#  body_file MODEL SIZE STREAM: wrk wants the body in a file; the same text as rate makes.
body_file () {
    local file=$work/body.$2
    test -f "$file" || "$tools/rate" --url http://127.0.0.1:1/ --model "$1" --size "$2" \
        --stream "$3" --write "$file" || die "cannot write $file"
    echo "$file"
}

#  wrk on one cell, with CPU time read around it.
closed_wrk () {
    local cell=$1 size=$2 connections=$3 file peer_pids before after line
    file=$(body_file "$model" "$size" 0)
    peer_pids=$(test -z "$peer_pid" || tree "$peer_pid")
    wrk -t1 -c"$connections" -d1s -s "$bench/wrk.lua" "$peer_url" -- "$file" \
        >/dev/null 2>&1
    before=$(cpu_us "$peer_pids") mock_before=$(cpu_us "$mock_pid")
    line=$(wrk -t1 -c"$connections" -d"${seconds}s" -s "$bench/wrk.lua" "$peer_url" -- \
        "$file" 2>/dev/null | grep '^{')
    after=$(cpu_us "$peer_pids") mock_after=$(cpu_us "$mock_pid")
    local requests
    requests=$(field "$line" requests)
    put_line "$cell" "$line"
    test "${requests:-0}" -gt 0 || return 0
    put "$cell" cpu_mock_us_per_request \
        "$(awk "BEGIN { print ($mock_after - $mock_before) / $requests }")"
    test -z "$peer_pid" || put "$cell" cpu_peer_us_per_request \
        "$(awk "BEGIN { print ($after - $before) / $requests }")"
}

#  closed CELL REPLY SIZE CONNECTIONS: each connection asks again when it was answered.
closed () {
    if test "$2" = plain && test "$load" = wrk; then
        closed_wrk "$1-closed" "$3" "$4"
        return
    fi
    put_line "$1-closed" "$("$tools/rate" --url "$peer_url" --model "$(model_of "$2")" \
        --stream "$(is_stream "$2")" --size "$3" --connections "$4" \
        --warmup "$warmup" --seconds "$seconds" $(pids))"
}

#  constant CELL REPLY SIZE CONNECTIONS RATE
constant () {
    put_line "$1-rate" "$("$tools/rate" --url "$peer_url" --model "$(model_of "$2")" \
        --stream "$(is_stream "$2")" --size "$3" --connections "$4" --rate "$5" \
        --warmup "$warmup" --seconds "$seconds" $(pids))"
}

#  events COUNT: that many streams, 10,000 events a second in all.
events () {
    local gap_ms=$(($1 / 10))
    put_line "events-$1" "$("$tools/rate" --url "$peer_url" --open "$1" \
        --model "$model-endless-gap$gap_ms" --rate 10000 --warmup 1 \
        --seconds "$seconds" $(pids) | tail -n 1)"
}

#  held COUNT: memory and the cost of a call while that many streams are open and quiet.
held () {
    local holder='' line='' pair
    if test "$1" -gt 0; then
        exec {ask}< <(exec "$tools/rate" --url "$peer_url" --open "$1" --rate 5000 \
            --model "$model-endless-gap600000" --seconds 0)
        holder=$!
        read -r -t 90 -u "$ask" line
        put "held-$1" open "$(field "$line" open)"
        sleep 0.3
    fi
    if test -n "$peer_pid"; then
        pair=$(memory "$(tree "$peer_pid")")
        put "held-$1" rss_kb "${pair% *}"
        put "held-$1" pss_kb "${pair#* }"
    fi
    put_line "held-$1" "$("$tools/rate" --url "$peer_url" --model "$model" --size 2048 \
        --connections 16 --rate 2000 --warmup "$warmup" --seconds "$seconds" $(pids))"
    if test -n "$holder"; then
        kill -TERM "$holder"
        exec {ask}<&-
    fi
}
