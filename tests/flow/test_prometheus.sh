#!/usr/bin/env bash
#  What Prometheus reads: GET /metrics of a server that has answered, failed and refused
#  calls, read by promtool. BITROUTER names the program.

set -uo pipefail
export LC_ALL=C.UTF-8

bitrouter=${BITROUTER:-./bitrouter}
for program in "$bitrouter" curl python3 promtool; do
    if ! command -v "$program" > /dev/null; then
        echo "no program $program (promtool is in Debian's package prometheus)"
        exit 77
    fi
done
bitrouter=$(realpath "$bitrouter")
work=$(mktemp -d) || exit 99
server=''
passed=0 failed=0
unset BITROUTER_HOME BITROUTER_LISTEN BITROUTER_DATABASE_URL
cd "$work" || exit 99
mkdir -p home

finish () {
    [ -z "$server" ] || { kill -KILL "$server" && wait "$server"; } 2> /dev/null
    rm -rf "$work"
}
trap finish EXIT

#  check WHAT COMMAND...
check () {
    local what=$1
    shift
    if "$@"; then
        passed=$((passed + 1))
        return
    fi
    failed=$((failed + 1))
    printf 'FAIL %s: %s\n' "$what" "$*"
    tail -n 20 "$work"/*.out "$work/log"
}

until_true () {
    local tries
    for ((tries = 0; tries < 600; tries++)); do
        "$@" && return 0
        sleep 0.05
    done
    return 1
}

#  ask MODEL [MEMBERS [TEXT]]
ask () {
    curl -s -o answer.out -H 'content-type: application/json' \
        -d "{\"model\":\"$1\",\"messages\":[{\"role\":\"user\",\"content\":\"${3-hi}\"}]${2-}}" \
        "$url/v1/chat/completions"
}

is_ready () {
    "$bitrouter" --home-dir home status --json 2> /dev/null \
        | grep -qE '"ready":[[:space:]]*true'
}

reads () { #  reads PATTERN: of the figures
    curl -s -o metrics.out "$url/metrics" && grep -qE -- "$1" metrics.out
}

#  A port that was free a moment ago.
port=$(python3 -c 'import socket
s = socket.socket (); s.bind (("127.0.0.1", 0)); print (s.getsockname ()[1])')
url=http://127.0.0.1:$port
cat > home/bitrouter.yaml << X
server: { listen: "127.0.0.1:$port" }
providers:
  dead: { api_protocol: openai, api_base: "http://127.0.0.1:9/v1", models: { gone: {} } }
models:
  'odd "name" \\ of a route':
    endpoints: [{ provider: echo, service_id: echo }]
X
"$bitrouter" --home-dir home serve 2> log &
server=$!
until_true is_ready || { cat log; echo "0 passed, 1 failed"; exit 1; }

check "single" ask echo:echo
check "stream" ask echo:echo ',"stream":true'
check "a name with quotes" ask 'odd \"name\" \\ of a route'
check "nobody there" ask dead:gone
check "what guardrails find" ask echo:echo '' 'mail to jane.roe@corp.example.org'
check "it is counted" until_true reads 'route="echo:echo".*outcome="ok"\} 3$'
check "a name is escaped" reads 'route="odd \\"name'
check "failures too" until_true reads '^bitrouter_errors_total\{.*provider="dead"'
check "findings are told" until_true reads \
    '^bitrouter_guard_findings_total\{.*family="pii_emails".*\} 1$'
check "hosts are told" until_true reads '^bitrouter_host_messages_total\{host="'
promtool check metrics < metrics.out > promtool.out 2>&1
check "promtool" test $? = 0
check "promtool says nothing" test ! -s promtool.out
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
