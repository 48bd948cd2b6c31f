#  soak.sh: many streams for a long time, each with a chunk now and then; or, with --slow,
#  many endless ones whose clients do not read on. Sourced by bench/run, with peers.sh and
#  cells.sh.

SOAK_GAP_MS=2000  #  between two chunks of a stream
SLOW_CHUNK_BYTES=16000
SOAK_SETTLE_S=0.5 #  for memory, after streams were opened or closed

#  soak_hold: opens the streams over one gap, so that their chunks do not come at once;
#  reads memory while they are open; leaves the last line of rate in soak_line.
soak_hold () {
    local opened pids_now
    pids_now=$(test -z "$peer_pid" || tree "$peer_pid")
    exec {ask}< <(exec "$tools/rate" --url "$peer_url" --open "$streams" \
        --rate $((streams * 1000 / SOAK_GAP_MS + 1)) \
        $(soak_kind) --warmup 2 --seconds "$seconds" $(pids))
    read -r -t 90 -u "$ask" opened
    put soak open "$(field "$opened" open)"
    put soak refused "$(field "$opened" failed)"
    sleep "$SOAK_SETTLE_S"
    soak_memory early "$pids_now"
    sleep "$seconds"
    soak_memory late "$pids_now"
    read -r -t 60 -u "$ask" soak_line
    exec {ask}<&-
}

soak_kind () {
    if test $mode = slow; then
        echo --unread 1 --model "$model-endless-size$SLOW_CHUNK_BYTES"
    else
        echo --model "$model-endless-gap$SOAK_GAP_MS"
    fi
}

#  soak_memory WHEN PIDS
soak_memory () {
    local pair
    test -n "$2" || return 0
    pair=$(memory "$2")
    put soak "rss_${1}_kb" "${pair% *}"
    put soak "pss_${1}_kb" "${pair#* }"
}

#  A stream that fell behind by more than two chunks has lost some, or stands still.
soak_one () {
    local soak_line='' least
    test -z "$peer_pid" || soak_memory before "$(tree "$peer_pid")"
    soak_hold
    put_line soak "$soak_line"
    test -z "$peer_pid" || {
        sleep "$SOAK_SETTLE_S"
        soak_memory after "$(tree "$peer_pid")"
    }
    least=$(awk "BEGIN { print int ($seconds * 1000 / $SOAK_GAP_MS) - 2 }")
    test $mode = slow || test "$(field "$soak_line" least_events)" -ge "$least" 2>/dev/null ||
        put soak behind 1
}

#  One line for each peer, and 1 when a stream had an error: it was refused, it ended, an
#  event of it was an error, or, for one of them at least, chunks are missing.
soak_report () {
    awk -F'\t' -v streams="$streams" -v seconds="$seconds" '
        $1 == "soak" { got[$2, $4] = $5; if (!($2 in seen)) { seen[$2] = 1; peer[++n] = $2 } }
        function kb(name, when, kind) {
            if (!((name, kind "_before_kb") in got) || got[name, "open"] < 1) return "-"
            return sprintf ("%.2f", (got[name, kind "_" when "_kb"] \
                - got[name, kind "_before_kb"]) / got[name, "open"])
        }
        function ms(name, figure) {
            return (name, figure) in got ? sprintf ("%.2f", got[name, figure] / 1000) : "-"
        }
        END {
            form = "%-11s %7s %7s %9s %9s %9s %9s %8s %8s %8s %8s %10s\n"
            printf "%d streams for %s s\n\n", streams, seconds
            printf form, "peer", "open", "errors", "events", "PSS KB", "late", "RSS KB", \
                "p50 ms", "p99", "p99.9", "longest", "KB left"
            for (i = 1; i <= n; i++) {
                p = peer[i]
                never_asked = streams - got[p, "open"] - got[p, "refused"]
                errors = never_asked + got[p, "failed"] + got[p, "ended"] + got[p, "behind"]
                if (!((p, "events") in got)) errors = streams
                bad += errors
                left = (p, "pss_after_kb") in got \
                    ? got[p, "pss_after_kb"] - got[p, "pss_before_kb"] : "-"
                printf form, p, got[p, "open"], errors, got[p, "events"], \
                    kb(p, "early", "pss"), kb(p, "late", "pss"), kb(p, "late", "rss"), \
                    ms(p, "event_p50_us"), ms(p, "event_p99_us"), ms(p, "event_p999_us"), \
                    ms(p, "event_max_us"), left
            }
            exit bad > 0
        }' "$results"
}

#  Returns 1 when a peer did not start or a stream had an error.
measure_soak () {
    local name rc
    for name in $placements; do
        echo "$streams streams for $seconds s, $name" >&2
        with_peer "$name" soak_one
    done
    mkdir -p "$out" || exit 1
    cp "$results" "$out/$mode.tsv"
    soak_report >"$out/$mode.txt"
    rc=$?
    cat "$out/$mode.txt" "$work/failures" "$work/notes"
    echo "written: $out/$mode.txt $out/$mode.tsv"
    test $rc = 0 && test ! -s "$work/failures"
}
