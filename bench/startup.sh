#!/usr/bin/env bash
#  bench/startup.sh: how long the program takes to begin: `--version`, `serve` until it says
#  that it is ready, `status` against it. Wall time in ms, of ROUNDS runs (31); the least is
#  what the work takes, the median what this machine made of it.
#
#  usage: bench/startup.sh [ROUNDS]
#
#  BITROUTER   the program; else build/bitrouter or ./bitrouter

set -uo pipefail
export LC_ALL=C
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
rounds=${1:-31}
for bitrouter in "${BITROUTER:-}" "$root/build/bitrouter" "$root/bitrouter"; do
    [ -x "$bitrouter" ] && [ ! -d "$bitrouter" ] && break
done
[ -x "$bitrouter" ] || { echo "bench/startup.sh: no program; set BITROUTER" >&2; exit 1; }
#  Those that a provider of the catalogue is active with.
all_keys=(OPENAI_API_KEY ANTHROPIC_API_KEY GOOGLE_API_KEY OPENROUTER_API_KEY DEEPSEEK_API_KEY
          XAI_API_KEY ZAI_API_KEY DASHSCOPE_API_KEY MINIMAX_API_KEY MOONSHOT_API_KEY
          OPENCODE_ZEN_API_KEY OPENCODE_GO_API_KEY)
unset "${!BITROUTER_@}" "${all_keys[@]}"
work=$(mktemp -d) || exit 1
server=
finish () {
    [ -z "$server" ] || kill -KILL "$server" 2> /dev/null
    rm -rf "$work"
}
trap finish EXIT

#  Until the line "ready" of the log; leaves the server running.
serve () {
    local line
    exec {log}< <(exec "$bitrouter" --home-dir "$work" serve 2>&1 > /dev/null)
    server=$!
    while read -r -t 30 -u "$log" line; do
        [[ $line != *": ready"* ]] || return 0
    done
    echo "bench/startup.sh: the server does not start: $line" >&2
    exit 1
}

end () {
    kill -TERM "$server"
    cat <&"$log" > /dev/null #  to its end
    exec {log}<&-
    server=
}

#  measure NAME AFTER COMMAND...: a row; AFTER runs behind each round, and does not count.
measure () {
    local name=$1 after=$2 i from
    shift 2
    "$@" > /dev/null || exit 1 #  files are in memory from here on
    $after
    for ((i = 0; i < rounds; i++)); do
        from=${EPOCHREALTIME/./}
        "$@" > /dev/null
        echo $((${EPOCHREALTIME/./} - from))
        $after
    done | sort -n | awk -v name="$name" '{ us[NR] = $1 }
        END { printf "%-32s %8.1f %8.1f\n", name, us[1] / 1000, us[int ((NR + 1) / 2)] / 1000 }'
}

port=$((20000 + RANDOM % 20000))
echo "server: { listen: 127.0.0.1:$port }" > "$work/bitrouter.yaml"
printf '%-32s %8s %8s\n' 'ms' least median
measure "a program that does nothing" : /bin/true
measure "bitrouter --version" : "$bitrouter" --version
measure "serve, no key" end serve
serve
measure "status" : "$bitrouter" --home-dir "$work" status
end
for key in "${all_keys[@]}"; do
    export "$key=none"
done
measure "serve, ${#all_keys[@]} providers with keys" end serve
serve
measure "status" : "$bitrouter" --home-dir "$work" status
end
