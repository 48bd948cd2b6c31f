#!/usr/bin/env bash
#  Lists the routes of a running bitrouter, adds one, hears a call over it, removes it: over
#  HTTP, the control socket and the command line, as docs/rfc/6-ADMIN.md and 11-CONTROL.md
#  tell. Needs curl, jq, and socat or python3.
#
#      admin.sh [PROVIDER:MODEL]
#
#  BITROUTER_HOME tells which bitrouter, ~/.bitrouter by default; BITROUTER_URL is
#  http://127.0.0.1:8787 by default. BITROUTER_ADMIN_TOKEN, of the scope admin, and
#  BITROUTER_TOKEN, for the call, are sent when they are set.

set -euo pipefail

bitrouter=${BITROUTER:-bitrouter}
url=${BITROUTER_URL:-http://127.0.0.1:8787}
socket=${BITROUTER_HOME:-$HOME/.bitrouter}/run/bitrouter.sock
leads_to=${1:-echo:echo}
name=example-$$
heard=$(mktemp)
events=
is_added=no

#  http TOKEN CURL-ARGUMENT...
http () {
    local token=$1
    shift
    curl --silent --show-error --fail-with-body --max-time 60 \
        ${token:+--header "authorization: Bearer $token"} \
        --header 'content-type: application/json' "$@"
}

#  control LINE: a line goes in, a line comes out
control () {
    if command -v socat > /dev/null; then
        printf '%s\n' "$1" | socat -t 35 - "UNIX-CONNECT:$socket"
    else
        python3 -c '
import socket, sys
peer = socket.socket (socket.AF_UNIX)
peer.connect (sys.argv[1])
peer.sendall (sys.argv[2].encode () + b"\n")
print (peer.makefile ().readline (), end="")' "$socket" "$1"
    fi
}

remove () {
    "$bitrouter" admin route_remove "{\"name\": \"$name\"}" \
        | jq --raw-output '"removed \(.name)"'
}

finish () {
    [ -z "$events" ] || kill "$events"
    [ $is_added = no ] || remove
    rm -f "$heard"
}
trap finish EXIT

http "${BITROUTER_ADMIN_TOKEN-}" "$url/admin/routes" \
    | jq --raw-output 'if .error then error (.error.message) else . end
        | "routes: " + (.routes | map (.name) | join (", "))'

line=$(jq --null-input --compact-output --arg name "$name" --arg to "$leads_to" \
    '($to | index (":")) as $at
     | { cmd: "route_add",
         args: { $name, endpoints: [{ provider: $to[:$at], service_id: $to[$at + 1:] }] } }')
answer=$(control "$line")
[ -n "$answer" ] || { echo "no answer from $socket" >&2; exit 1; }
jq <<< "$answer" --raw-output --exit-status \
    'if .resp == "ok" then "added \(.result.name)" else error (.message) end'
is_added=yes

#  A subscription takes a moment to begin, and what is told before is not heard: so there is
#  another call until one is.
"$bitrouter" events call.ended > "$heard" &
events=$!
for ((i = 0; i < 40; i++)); do
    http "${BITROUTER_TOKEN-}" --output /dev/null "$url/v1/chat/completions" \
        --data "{\"model\": \"$name\", \"messages\": [{\"role\": \"user\", \"content\": \"hello\"}]}"
    sleep 0.25
    jq --raw-output --arg name "$name" --null-input --exit-status 'first (inputs
        | select (.route == $name)
        | "a call over \($name): \(.outcome), \(.provider):\(.model)")' "$heard" && exit 0
done
echo "no event came" >&2
exit 1
