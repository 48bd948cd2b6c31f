#!/usr/bin/env bash
#  Who may ask what over HTTP, by the address that is listened on, the configuration and
#  the credential; and what pages of browsers may. With curl, and a server for each way to
#  listen. BITROUTER names the program.

set -uo pipefail
export LC_ALL=C.UTF-8

bitrouter=${BITROUTER:-./bitrouter}
if [ ! -x "$bitrouter" ] || ! command -v curl > /dev/null; then
    echo "no program $bitrouter, or no curl"
    exit 77
fi
bitrouter=$(realpath "$bitrouter")
work=$(mktemp -d) || exit 99
home=$work/home
server=
passed=0 failed=0
unset "${!BITROUTER_@}" http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY
mkdir -p "$home"
cd "$work" || exit 99

finish () {
    [ -z "$server" ] || kill -KILL "$server" 2> /dev/null
    rm -rf "$work"
}
trap finish EXIT

#  until_true COMMAND...: waits for what must come
until_true () {
    local tries
    for ((tries = 0; tries < 600; tries++)); do
        "$@" && return 0
        sleep 0.05
    done
    return 1
}

is_ready () {
    curl -sf -o /dev/null -m 5 "http://$1/ready"
}

#  serve HOST MEMBERS: starts a server at HOST, another port each time, with these members
#  of `server`; sets url.
serve () {
    local tries address
    for ((tries = 0; tries < 5; tries++)); do
        address=$1:$((20000 + RANDOM % 12000))
        printf 'server: { listen: "%s"%s }\n' "$address" "$2" > "$home/bitrouter.yaml"
        "$bitrouter" --home-dir "$home" serve > out 2> err &
        server=$!
        url=http://${address/0.0.0.0/$elsewhere}
        until_true eval "is_ready '${url#http://}' || ! kill -0 $server 2> /dev/null"
        is_ready "${url#http://}" && return
        wait "$server"
    done
    cat err
    echo "0 passed, 1 failed"
    exit 1
}

end () {
    kill -TERM "$server"
    wait "$server"
    server=
}

#  asks STATUS METHOD PATH CURL-ARGUMENT...: the status of the answer
asks () {
    local wanted=$1 method=$2 path=$3 got
    shift 3
    got=$(curl -s -m 20 -o body -w '%{http_code}' -X "$method" "$@" "$url$path")
    if [ "$got" = "$wanted" ]; then
        passed=$((passed + 1))
        return
    fi
    failed=$((failed + 1))
    # shellcheck disable=SC2001
    printf 'FAIL %s: %s %s %s: %s, not %s: %s\n' "$where" "$method" "$path" \
        "$(sed 's/\(ey\|brvk_\)[A-Za-z0-9_.-]*/\1.../g' <<< "$*")" "$got" "$wanted" \
        "$(head -c 300 body)"
}

says () { #  says TEXT: the body of the last answer
    if grep -qF -- "$1" body; then
        passed=$((passed + 1))
        return
    fi
    failed=$((failed + 1))
    printf 'FAIL %s: no "%s" in: %s\n' "$where" "$1" "$(head -c 300 body)"
}

json=(-H 'content-type: application/json')

#  commands STATUS CURL-ARGUMENT...: everything under /admin; 200 stands for success.
commands () {
    local status=$1 missing=$1
    shift
    [ "$status" != 200 ] || missing=404
    asks "$status" GET /admin/status "$@"
    asks "$status" HEAD /admin/routes --head "$@"
    asks "$status" GET /admin/routes "$@"
    asks "$status" GET /admin/metrics "$@"
    asks "$status" GET /admin/tools "$@"
    asks "$status" GET /admin/tools/upstreams "$@"
    asks "$status" GET /admin/agents "$@"
    asks "$status" GET /admin/mcp/servers "$@"
    asks "$status" POST /admin/reload "$@"
    asks "$status" POST /admin/trace "${json[@]}" -d '{"on":false}' "$@"
    asks "$status" POST /admin/routes "${json[@]}" "$@" \
        -d '{"name":"r","endpoints":[{"provider":"echo","service_id":"echo"}]}'
    asks "$status" DELETE /admin/routes/r "$@"
    asks "$missing" PUT /admin/mcp/servers/none/filter "${json[@]}" -d '{}' "$@"
}

figures () { #  figures STATUS CURL-ARGUMENT...
    local status=$1
    shift
    asks "$status" GET /metrics "$@"
    asks "$status" GET /v1/metrics "$@"
}

calls () { #  calls STATUS CURL-ARGUMENT...
    local status=$1
    shift
    asks "$status" GET /v1/models "$@"
    asks "$status" GET /v1/routes "$@"
    asks "$status" GET /v1/tools "$@"
    asks "$status" POST /v1/chat/completions "${json[@]}" "$@" \
        -d '{"model":"echo:echo","messages":[{"role":"user","content":"x"}]}'
}

everybody () {
    asks 200 GET /health
    asks 200 GET /ready
    asks 200 GET /openapi.json
}

#  known: who shows a credential is known by it, wherever it is.
known () {
    local key
    for key in "$api" "$api_key"; do
        commands 403 -H "Authorization: Bearer $key"
        figures 403 -H "Authorization: Bearer $key"
        calls 200 -H "Authorization: Bearer $key"
    done
    says '"choices"'
    for key in "$admin" "$admin_key"; do
        commands 200 -H "Authorization: Bearer $key"
        figures 200 -H "Authorization: Bearer $key"
        calls 200 -H "Authorization: Bearer $key"
    done
    asks 200 GET /admin/status -H "x-api-key: $admin"
    asks 200 GET /admin/status -H "x-goog-api-key: $admin"
    asks 200 GET "/admin/status?key=$admin"
    asks 403 GET /admin/status -H "x-api-key: $api"
    asks 401 GET /admin/status -H "Authorization: Bearer ${admin%?????}AAAAA"
    asks 401 GET /admin/status -H "Authorization: Bearer brvk_nobody"
}

#  ---- credentials

where=credentials
"$bitrouter" --home-dir "$home" account -g > out 2> err || { cat err; exit 99; }
api=$("$bitrouter" --home-dir "$home" keygen) || exit 99
admin=$("$bitrouter" --home-dir "$home" keygen --scope admin --exp 1h) || exit 99
api_key=$("$bitrouter" --home-dir "$home" key sign 2> err | grep -o 'brvk_[A-Za-z0-9_-]*') || exit 99
admin_key=$("$bitrouter" --home-dir "$home" key sign --scope admin --exp 1h 2> err \
    | grep -o 'brvk_[A-Za-z0-9_-]*') || exit 99
elsewhere=$(hostname -I 2> /dev/null | tr ' ' '\n' | grep -m 1 '^[0-9.]*$')

#  ---- an open gate on this machine

for host in 127.0.0.1 127.0.0.2; do
    where="open, $host"
    serve "$host" ''
    everybody
    commands 200
    figures 200
    calls 200
    commands 200 -H 'Authorization: Bearer sk-of-somebody-else'
    known
    end
done

#  ---- an open gate in a browser

serve 127.0.0.1 ', cors: { origins: ["https://app.example"] }'
where="pages, open, 127.0.0.1"
for origin in https://evil.example null http://127.0.0.1.evil.example file://; do
    commands 403 -H "Origin: $origin"
    figures 403 -H "Origin: $origin"
    calls 403 -H "Origin: $origin"
    asks 403 GET /health -H "Origin: $origin"
    asks 403 OPTIONS /admin/stop -H "Origin: $origin" \
        -H 'Access-Control-Request-Method: POST'
    commands 403 -H "Origin: $origin" -H "Authorization: Bearer $admin"
done
says 'pages of this origin may not call'
for host in evil.example evil.example:8787 127.0.0.1.evil.example; do
    commands 403 -H "Host: $host"
    calls 403 -H "Host: $host"
    commands 403 -H "Host: $host" -H "Origin: http://$host"
done
says 'this host name is not ours'
calls 200 -H 'Origin: https://app.example'
commands 200 -H 'Origin: https://app.example'
commands 200 -H "Origin: $url"
asks 204 OPTIONS /admin/routes -H 'Origin: https://app.example' \
    -H 'Access-Control-Request-Method: POST'
for type in application/x-www-form-urlencoded text/plain 'multipart/form-data; boundary=x'; do
    asks 400 POST /admin/trace -H "content-type: $type" -d '{"on":false}'
    asks 400 POST /admin/routes -H "content-type: $type" -d '{"name":"r"}'
    asks 400 POST /admin/stop -H "content-type: $type" -d ''
done
says 'content-type: application/json'
asks 405 GET /admin/stop
asks 405 GET /admin/reload
end

#  ---- a closed gate on this machine

where="closed, 127.0.0.1"
serve 127.0.0.1 ', require_auth: true'
everybody
commands 401
figures 401
calls 401
commands 401 -H 'Authorization: Bearer sk-of-somebody-else'
known
end

#  ---- addresses that others reach

if [ -z "$elsewhere" ]; then
    echo "this machine has no other address: not all was tried"
else
    where="closed, $elsewhere"
    serve 0.0.0.0 ''
    everybody
    commands 401
    figures 401
    calls 401
    known
    end
    where="skip_auth, $elsewhere"
    serve "$elsewhere" ', skip_auth: true'
    everybody
    commands 401
    says 'scope is admin'
    figures 200
    calls 200
    commands 401 -H 'Authorization: Bearer sk-of-somebody-else'
    known
    commands 403 -H 'Origin: https://evil.example'
    end
fi

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
