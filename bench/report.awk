#  report.awk: medians of what bench/run measured, as tables for people, ratios to nginx
#  first, and as JSON for programs.
#  awk -v json=FILE -v placements="A B" -f report.awk machine failures notes results

BEGIN { FS = "\t" }

FNR == 1 { section = FILENAME; sub (/.*\//, "", section) }
section == "machine" { machine[++machines] = $1; fact[$1] = $2; next }
section == "failures" { failed[++failures] = $1; reason[$1] = $2; next }
section == "notes" { notes[++noted] = $0; next }
$5 ~ /^-?[0-9.]+$/ { take($1, $2, $4, $5 + 0) }

function take(cell, peer, name, value,    key) {
    key = cell SUBSEP peer SUBSEP name
    if (!(cell in seen_cell)) { seen_cell[cell] = 1; cells[++cell_count] = cell }
    if (!(key in size)) keys[++key_count] = key
    values[key, ++size[key]] = value
}

#  The value in the middle of all rounds; of an even number, the mean of the two.
function median(key,    n, i, j, v, list) {
    n = size[key]
    for (i = 1; i <= n; i++) {
        v = values[key, i]
        for (j = i - 1; j > 0 && list[j] > v; j--) list[j + 1] = list[j]
        list[j + 1] = v
    }
    least[key] = list[1]
    most[key] = list[n]
    return n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2
}

function has(cell, peer, name) { return (cell SUBSEP peer SUBSEP name) in size }

function got(cell, peer, name) { return middle[cell SUBSEP peer SUBSEP name] }

#  A figure as text, or "-".
function show(cell, peer, name, form) {
    return has(cell, peer, name) ? sprintf (form, got(cell, peer, name)) : "-"
}

function ratio(cell, peer, name,    base) {
    if (!has(cell, peer, name) || !has(cell, "nginx", name)) return "-"
    base = got(cell, "nginx", name)
    if (base <= 0) return "-"
    save(cell, peer, name, got(cell, peer, name) / base)
    return sprintf ("%.2f", got(cell, peer, name) / base)
}

#  What a peer adds to the direct way, against what nginx adds to it.
function added(cell, peer, name,    base, own) {
    if (!has(cell, peer, name) || !has(cell, "nginx", name) \
        || !has(cell, "direct", name)) return "-"
    base = got(cell, "nginx", name) - got(cell, "direct", name)
    own = got(cell, peer, name) - got(cell, "direct", name)
    if (base <= 0) return "-"
    save(cell, peer, "added_" name, own / base)
    return sprintf ("%.2f", own / base)
}

#  How far apart the rounds of nginx itself lie in CPU time a request.
function noise(cell,    key) {
    key = cell SUBSEP "nginx" SUBSEP "cpu_peer_us_per_request"
    if (size[key] < 2 || middle[key] <= 0) return "-"
    return sprintf ("%.0f %%", (most[key] - least[key]) / middle[key] * 100)
}

function save(cell, peer, name, value) {
    saved[++saves] = sprintf ("{\"cell\":\"%s\",\"peer\":\"%s\",\"figure\":\"%s\"," \
        "\"to_nginx\":%.4g}", cell, peer, name, value)
}

function title(text) { printf "\n%s\n\n", text }

function print_ratios(    i, p, cell, form) {
    form = "%-24s %-11s %8s %8s %8s %8s %8s %8s %8s\n"
    title("RATIOS TO NGINX (1 = as nginx; CPU and latency: less is better)")
    printf form, "cell", "placement", "CPU/req", "p50", "p99", "p99.9", "+p50", "req/s", "noise"
    for (i = 1; i <= cell_count; i++) {
        cell = cells[i]
        if (cell !~ /-(closed|rate)$/) continue
        for (p = 1; p <= placed; p++)
            if (has(cell, place[p], "rps"))
                printf form, cell, place[p], ratio(cell, place[p], "cpu_peer_us_per_request"), \
                    ratio(cell, place[p], "latency_p50_us"), \
                    ratio(cell, place[p], "latency_p99_us"), \
                    ratio(cell, place[p], "latency_p999_us"), \
                    added(cell, place[p], "latency_p50_us"), \
                    ratio(cell, place[p], "rps"), noise(cell)
    }
}

function print_stream_ratios(    i, p, cell, form) {
    form = "%-24s %-11s %9s %9s %9s\n"
    title("RATIOS TO NGINX, open streams (events: 10,000 a second over all)")
    printf form, "cell", "placement", "CPU/event", "delay p50", "delay p99"
    for (i = 1; i <= cell_count; i++)
        for (p = 1; p <= placed && cells[i] ~ /^events-/; p++) {
            cell = cells[i]
            if (has(cell, place[p], "events"))
                printf form, cell, place[p], ratio(cell, place[p], "cpu_peer_us_per_event"), \
                    ratio(cell, place[p], "event_p50_us"), \
                    ratio(cell, place[p], "event_p99_us")
        }
    form = "%-24s %-11s %9s %9s %9s %9s\n"
    printf "\n" form, "cell", "placement", "CPU/req", "to none", "p99", "memory"
    for (i = 1; i <= cell_count; i++)
        for (p = 1; p <= placed && cells[i] ~ /^held-/; p++) {
            cell = cells[i]
            if (has(cell, place[p], "rps"))
                printf form, cell, place[p], ratio(cell, place[p], "cpu_peer_us_per_request"), \
                    to_none(cell, place[p]), ratio(cell, place[p], "latency_p99_us"), \
                    ratio(cell, place[p], "pss_kb")
        }
    if (has("start", "nginx", "ready_ms"))
        for (p = 1; p <= placed; p++)
            printf "%-24s %-11s %9s (exec until /ready)\n", "start", place[p], \
                ratio("start", place[p], "ready_ms")
}

#  The cost of a call with open streams, against the same peer's without any.
function to_none(cell, peer,    base) {
    if (!has("held-0", peer, "cpu_peer_us_per_request") \
        || !has(cell, peer, "cpu_peer_us_per_request")) return "-"
    base = got("held-0", peer, "cpu_peer_us_per_request")
    return base > 0 ? sprintf ("%.2f", got(cell, peer, "cpu_peer_us_per_request") / base) \
        : "-"
}

function print_figures(    i, p, cell, form, peer) {
    form = "%-24s %-9s %8s %8s %8s %8s %8s %8s %6s %6s\n"
    title("FIGURES (medians; microseconds)")
    printf form, "cell", "peer", "req/s", "p50", "p99", "p99.9", "CPU/req", "mock", \
        "errors", "unfin."
    for (i = 1; i <= cell_count; i++)
        for (p = -1; p <= placed && cells[i] ~ /-(closed|rate)$|^held-/; p++) {
            cell = cells[i]
            peer = place[p]
            if (has(cell, peer, "rps"))
                printf form, cell, peer, show(cell, peer, "rps", "%.0f"), \
                    show(cell, peer, "latency_p50_us", "%.0f"), \
                    show(cell, peer, "latency_p99_us", "%.0f"), \
                    show(cell, peer, "latency_p999_us", "%.0f"), \
                    show(cell, peer, "cpu_peer_us_per_request", "%.1f"), \
                    show(cell, peer, "cpu_mock_us_per_request", "%.1f"), \
                    show(cell, peer, "errors", "%d"), \
                    show(cell, peer, "unfinished", "%d")
        }
    print_stream_figures()
}

function print_stream_figures(    i, p, cell, form, peer) {
    form = "%-24s %-9s %9s %8s %8s %8s %9s %8s %6s\n"
    printf "\n" form, "cell", "peer", "events/s", "p50", "p99", "p99.9", "CPU/event", "mock", \
        "ended"
    for (i = 1; i <= cell_count; i++)
        for (p = -1; p <= placed && cells[i] ~ /^events-|^sse60-/; p++) {
            cell = cells[i]
            peer = place[p]
            if (has(cell, peer, "events_per_s"))
                printf form, cell, peer, show(cell, peer, "events_per_s", "%.0f"), \
                    show(cell, peer, "event_p50_us", "%.0f"), \
                    show(cell, peer, "event_p99_us", "%.0f"), \
                    show(cell, peer, "event_p999_us", "%.0f"), \
                    show(cell, peer, "cpu_peer_us_per_event", "%.2f"), \
                    show(cell, peer, "cpu_mock_us_per_event", "%.2f"), \
                    show(cell, peer, "ended", "%d")
        }
}

#  KB that an open stream costs.
function a_stream(cell, peer,    more) {
    if (!has(cell, peer, "open") || got(cell, peer, "open") < 1) return "-"
    more = got(cell, peer, "pss_kb") - got("held-0", peer, "pss_kb")
    return sprintf ("%.1f", more / got(cell, peer, "open"))
}

function print_memory(    i, p, cell, form, peer) {
    form = "%-24s %-11s %10s %10s %12s %12s\n"
    title("MEMORY AND START")
    printf form, "cell", "peer", "RSS KB", "PSS KB", "KB a stream", "start ms"
    for (i = 1; i <= cell_count; i++)
        for (p = 0; p <= placed && cells[i] ~ /^held-/; p++) {
            cell = cells[i]
            peer = place[p]
            if (!has(cell, peer, "pss_kb")) continue
            printf form, cell, peer, show(cell, peer, "rss_kb", "%d"), \
                show(cell, peer, "pss_kb", "%d"), a_stream(cell, peer), \
                (cell == "held-0" ? show("start", peer, "ready_ms", "%.1f") : "")
        }
}

#  Message handlers of bitrouter's hosts: wall time, so at least the CPU time.
function print_handlers(    p, peer) {
    title("HANDLERS (the worst host; microseconds of wall time)")
    printf "%-11s %14s %14s\n", "peer", "p99.9 under", "longest"
    for (p = 1; p <= placed; p++) {
        peer = place[p]
        if (has("handlers", peer, "p999_us"))
            printf "%-11s %14s %14s\n", peer, show("handlers", peer, "p999_us", "%d"), \
                show("handlers", peer, "longest_us", "%d")
    }
}

function quoted(text) {
    gsub (/\\/, "\\\\", text)
    gsub (/"/, "\\\"", text)
    gsub (/[\001-\037]/, " ", text)
    return "\"" text "\""
}

function print_json(    i, part) {
    printf "{\"machine\":{" > json
    for (i = 1; i <= machines; i++)
        printf ("%s%s:%s", (i > 1 ? "," : ""), quoted(machine[i]), \
            quoted(fact[machine[i]])) > json
    printf "},\n\"failures\":{" > json
    for (i = 1; i <= failures; i++)
        printf ("%s%s:%s", (i > 1 ? "," : ""), quoted(failed[i]), \
            quoted(reason[failed[i]])) > json
    printf "},\n\"notes\":[" > json
    for (i = 1; i <= noted; i++) printf ("%s%s", (i > 1 ? "," : ""), quoted(notes[i])) > json
    printf "],\n\"ratios\":[\n" > json
    for (i = 1; i <= saves; i++) printf ("%s%s", saved[i], (i < saves ? ",\n" : "\n")) > json
    printf "],\n\"figures\":[\n" > json
    for (i = 1; i <= key_count; i++) {
        split (keys[i], part, SUBSEP)
        printf ("{\"cell\":\"%s\",\"peer\":\"%s\",\"figure\":\"%s\",\"median\":%.6g," \
            "\"least\":%.6g,\"most\":%.6g,\"rounds\":%d}%s\n", part[1], part[2], part[3], \
            middle[keys[i]], least[keys[i]], most[keys[i]], size[keys[i]], \
            (i < key_count ? "," : "")) > json
    }
    printf "]}\n" > json
    close (json)
}

END {
    placed = split (placements, place, " ")
    place[-1] = "direct"
    place[0] = "nginx"
    for (i = 1; i <= key_count; i++) middle[keys[i]] = median(keys[i])
    for (i = 1; i <= failures; i++) printf "FAILED TO START %s: %s\n", failed[i], reason[failed[i]]
    for (i = 1; i <= noted; i++) printf "note: %s\n", notes[i]
    print_ratios()
    print_stream_ratios()
    print_figures()
    print_memory()
    print_handlers()
    title("MACHINE AND RUN")
    for (i = 1; i <= machines; i++) printf "%-30s %s\n", machine[i], fact[machine[i]]
    print_json()
}
