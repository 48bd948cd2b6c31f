#!/usr/bin/env bash
#  Logging in as a user does: keys, a browser, a device, and what the server makes of it,
#  against an issuer in python3. BITROUTER names the program.

set -uo pipefail
export LC_ALL=C.UTF-8
export BITROUTER_NO_UPDATE_CHECK=1

bitrouter=${BITROUTER:-./bitrouter}
here=$(realpath "$(dirname "$0")")
if [ ! -x "$bitrouter" ] || ! command -v python3 curl > /dev/null; then
    echo "no program $bitrouter, no python3 or no curl"
    exit 77
fi
bitrouter=$(realpath "$bitrouter")
work=$(mktemp -d) || exit 99
home=$work/home
keys=$home/.keys/login
passed=0 failed=0
issuer='' server=''
unset BITROUTER_HOME BITROUTER_LISTEN BITROUTER_DATABASE_URL DISPLAY WAYLAND_DISPLAY
unset ANTHROPIC_API_KEY OPENAI_API_KEY
cd "$work" || exit 99

finish () {
    [ -z "$server" ] || kill -KILL "$server" 2> /dev/null
    [ -z "$issuer" ] || kill -KILL "$issuer" 2> /dev/null
    rm -rf "$work"
}
trap 'finish 2> /dev/null' EXIT

#  check WHAT CONDITION...: the condition is a command
check () {
    local what=$1
    shift
    if "$@"; then
        passed=$((passed + 1))
        return
    fi
    failed=$((failed + 1))
    printf 'FAIL %s: %s\n  stdout: %s\n  stderr: %s\n' "$what" "$*" \
        "$(head -c 1000 "$work/out")" "$(head -c 1000 "$work/err")"
}

#  try STATUS ARGUMENT...: runs the program at home; its output is in out and err.
try () {
    local wanted=$1 rc=0
    shift
    timeout 60 "$bitrouter" --home-dir "$home" "$@" > "$work/out" 2> "$work/err" || rc=$?
    check "status of bitrouter $*" [ "$rc" = "$wanted" ]
}

out () { #  out PATTERN: extended
    check "stdout" grep -qE -- "$1" "$work/out"
}

err () {
    check "stderr" grep -qE -- "$1" "$work/err"
}

#  until_true COMMAND...: waits for what must come
until_true () {
    local tries
    for ((tries = 0; tries < 600; tries++)); do
        "$@" && return 0
        sleep 0.05
    done
    return 1
}

lacks () { #  lacks PATTERN FILE...
    ! grep -q -- "$@"
}

mode () { #  mode FILE: octal
    stat -c %a "$1"
}

#  asked PATTERN: whether the issuer has such a line
asked () {
    curl -sS "$at/log" | grep -qE -- "$1"
}

#  call PATTERN: asks through the server
call () {
    curl -sS -m 30 "http://$listen/v1/chat/completions" -H 'Content-Type: application/json' \
        -d '{"model":"sub:m","messages":[{"role":"user","content":"hi"}]}' > "$work/answer"
    grep -qE -- "$1" "$work/answer"
}

#  begin_issuer SECONDS
begin_issuer () {
    [ -z "$issuer" ] || { kill -KILL "$issuer"; wait "$issuer" 2> /dev/null; }
    : > "$work/port"
    python3 "$here/issuer.py" "$1" > "$work/port" &
    issuer=$!
    until_true test -s "$work/port"
    at=http://127.0.0.1:$(cat "$work/port")
    mkdir -p "$home"
    cat > "$home/bitrouter.yaml" <<END
providers:
  sub:
    api_protocol: openai
    api_base: $at/v1
    env_prefix: SUB
    login:
      authorize_url: $at/authorize
      device_url: $at/device
      token_url: $at/token
      client_id: the-client
      scope: a b
END
}

#  log_in_by_browser: comes back with the code, as a browser would
log_in_by_browser () {
    timeout 60 "$bitrouter" --home-dir "$home" login sub --browser > "$work/out" \
        2> "$work/err" &
    local login=$! url
    until_true grep -q '^Waiting at' "$work/err"
    url=$(grep -oE "$at/authorize[^ ]*" "$work/err")
    curl -sSL "$url" > "$work/page"
    wait "$login"
}

#  ---- keys

begin_issuer 3600
: > out
: > err
printf 'sk-key\n' | try 0 login sub --stdin
out "^✓ SUB_API_KEY of sub saved to $home/.env$"
check "the key is in .env" grep -qx 'SUB_API_KEY=sk-key' "$home/.env"
check "for nobody else" [ "$(mode "$home/.env")" = 600 ]
check "and not shown" lacks sk-key "$work/out" "$work/err"
printf 'sk-two\n' | try 0 login sub --stdin --json
out '"saved":.*"SUB_API_KEY"'
check "once" [ "$(grep -c SUB_API_KEY "$home/.env")" = 1 ]
printf 'sk-o\n' | try 0 login openai --stdin
check "of a built-in one" grep -qx 'OPENAI_API_KEY=sk-o' "$home/.env"
try 1 login sub --stdin < /dev/null
err 'there is no key on standard input'
try 1 login openai < /dev/null
err 'give the key on standard input, with --stdin'
try 1 login opneai --stdin < /dev/null
err 'did you mean "openai"'
try 2 login
err 'name a provider'
try 2 login sub --stdin --device
try 2 login sub surplus
for bad in 'a\033b\n' 'sk one\n' 'sk-\303\244\n'; do
    # shellcheck disable=SC2059
    printf "$bad" | try 1 login sub --stdin
    err 'a key is one word'
done
printf ' \t sk-three \r\n' | try 0 login sub --stdin
check "white space around it is not of it" grep -qx 'SUB_API_KEY=sk-three' "$home/.env"
sed -i /SUB_API_KEY/d "$home/.env"

#  ---- a browser

check "the login by a browser" log_in_by_browser
out "^✓ Login of sub saved to $keys/sub.json$"
check "the browser is told" grep -q 'You are logged in' "$work/page"
check "the issuer gave a token" asked 'authorization_code 200'
check "the token is for nobody else" [ "$(mode "$keys/sub.json")" = 600 ]
check "nor its folder" [ "$(mode "$keys")" = 700 ]
check "it is not shown" lacks secret- "$work/out" "$work/err"
try 0 login sub --refresh
check "renewed" asked 'refresh_token 200'
check "and kept" grep -q secret-access-2 "$keys/sub.json"
try 0 config show
check "configuration does not have it" lacks secret- "$work/out"
try 0 status --json

#  ---- a device

timeout 60 "$bitrouter" --home-dir "$home" login sub --device > out 2> err &
login=$!
check "the code is shown" until_true grep -q '^  WXYZ-1234$' err
err '^Open https://issuer.example/device in any browser'
check "somebody waits" until_true asked 'device_code 400'
curl -sS "$at/approve" > page
wait $login
check "the login by a device" [ $? = 0 ]
check "and kept" grep -q secret-access-3 "$keys/sub.json"

#  ---- the server

begin_issuer 6
rm -rf "$keys"
check "a login" log_in_by_browser
listen=127.0.0.1:$((20000 + RANDOM % 20000))
BITROUTER_LISTEN=$listen "$bitrouter" --home-dir "$home" serve > serve.out 2> serve.err &
server=$!
check "the server runs" until_true grep -q 'running' <(until_true curl -sf "http://$listen/health" \
    && echo running)
check "a call has the token" call 'token 1'
check "which is renewed before its end" until_true asked 'refresh_token 200'
check "and kept" until_true grep -qE 'secret-access-([2-9]|..)' "$keys/sub.json"
check "calls go on" until_true call 'token [0-9]'
curl -sS "$at/revoke" > page
call 'token' && call 'token'
check "one that is refused is renewed" until_true call 'token [0-9]'
check "no token is in the log" lacks secret- serve.out serve.err
printf 'sk-key\n' | try 0 login sub --stdin
out 'the server uses it'
check "a key wins" call 'token key'
sed -i /SUB_API_KEY/d "$home/.env"
check "another login" log_in_by_browser
out 'the server uses it'
check "is used" call 'token [0-9]'
try 0 login sub --rm
check "the token is gone" [ ! -e "$keys/sub.json" ]
try 1 login sub --rm
err 'nobody has logged in to sub'
try 1 login sub --refresh
err 'run .bitrouter login sub'
kill -TERM $server
wait $server
server=

#  ---- built-in subscriptions

try 1 login anthropic --no-open
err 'set providers.anthropic.login.client_id'
try 1 login openai --device < /dev/null
err 'has no login'
try 0 login --help
out '^Usage: bitrouter login PROVIDER'

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
