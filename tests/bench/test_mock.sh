#!/bin/sh
#  The mock provider is what other tests lean on, so each thing that it can be told is
#  told to it here, over a real socket, and its log is read. Needs curl; TAP-free: prints
#  what failed and ends with 1. MOCK names the program (bench/mock by default).

mock=${MOCK:-./bench/mock}
work=$(mktemp -d) || exit 99
pid=
trap 'test -z "$pid" || kill "$pid" 2>/dev/null; rm -rf "$work"' EXIT
command -v curl >/dev/null || { echo "SKIP: no curl"; exit 77; }
failed=0
checked=0

#  start OPTION...: starts the mock, sets pid and url.
start ()
{
    : >"$work/log"
    : >"$work/out"
    "$mock" --log "$work/log" --files "$work" "$@" >"$work/out" 2>"$work/err" &
    pid=$!
    tries=0
    until grep -q listening "$work/out"; do
        tries=$((tries + 1))
        test $tries -lt 500 && kill -0 "$pid" 2>/dev/null || { cat "$work/err"; exit 1; }
        sleep 0.01
    done
    url=http://127.0.0.1:$(sed 's/.*://' "$work/out")
}

stop ()
{
    kill -TERM "$pid"
    wait "$pid"
    rc=$?
    pid=
    check "SIGTERM ends it with 0" "$rc" 0
}

#  check WHAT GOT WANTED
check ()
{
    checked=$((checked + 1))
    test "$2" = "$3" && return
    failed=$((failed + 1))
    printf 'FAIL %s\n  got    %s\n  wanted %s\n' "$1" "$2" "$3"
}

#  matches WHAT FILE PATTERN
matches ()
{
    checked=$((checked + 1))
    grep -q -e "$3" "$2" && return
    failed=$((failed + 1))
    printf 'FAIL %s: no %s in\n' "$1" "$3"
    head -c 600 "$2"
    echo
}

#  logged WHAT PATTERN: the last line of the log, once the request has ended.
logged ()
{
    tries=0
    until tail -n 1 "$work/log" | grep -q -e "$2"; do
        tries=$((tries + 1))
        test $tries -lt 300 || break
        sleep 0.01
    done
    tail -n 1 "$work/log" >"$work/line"
    matches "log: $1" "$work/line" "$2"
}

#  call SCRIPT BODY [curl option...]: answer in body, headers in head, rc is curl's
call ()
{
    script=$1
    data=$2
    shift 2
    : >"$work/head"
    : >"$work/body"
    curl -sS --max-time 5 -D "$work/head" -o "$work/body" -H "x-mock: $script" \
        -H 'content-type: application/json' -d "$data" "$@" \
        "$url/v1/chat/completions" 2>"$work/curl"
    rc=$?
}

size () { wc -c <"$1" | tr -d ' '; }
count () { grep -c -e "$2" "$1"; }

plain='{"model":"mock","messages":[]}'
stream='{"model":"mock","stream" : true,"messages":[]}'
start

#  ---- answers
call "" "$plain"
check "a plain answer is 820 bytes" "$(size "$work/body")" 820
matches "it carries usage" "$work/body" '"total_tokens":120'
matches "it names the model" "$work/body" '"model":"mock"'
call "size=5000" "$plain"
check "size is the size of the answer" "$(size "$work/body")" 5000
call "no_usage" "$plain"
check "no usage where none is wanted" "$(count "$work/body" usage)" 0
curl -sS "$url/v1/models" >"$work/body"
matches "models are listed" "$work/body" '"id":"mock"'
check "other paths are 404" \
    "$(curl -sS -o /dev/null -w '%{http_code}' "$url/nowhere")" 404

#  ---- streams
call "chunks=60" "$stream"
matches "a stream is an event stream" "$work/head" 'text/event-stream'
check "60 chunks, finish, usage and DONE" "$(count "$work/body" '^data: ')" 63
check "a chunk is 190 bytes" "$(sed -n 3p "$work/body" | wc -c | tr -d ' ')" 189
matches "a chunk tells when it was sent" "$work/body" '"content":"@[0-9]\{16\} '
check "the end mark is last" "$(grep -v '^$' "$work/body" | tail -n 1)" "data: [DONE]"
call "" '{"model":"mock-chunks5-nodone","messages":[{"stream":true}],"stream":true}'
check "the model's name steers it too" "$(count "$work/body" '^data: ')" 7
check "no end mark where none is wanted" "$(count "$work/body" DONE)" 0
call "" '{"model":"x","messages":[{"stream":true}],"s":"\"stream\":true"}'
check "only a top-level stream counts" "$(size "$work/body")" 820
call "chunks=3;bad_chunk=1" "$stream"
check "a chunk of broken JSON" "$(count "$work/body" 'bro$')" 1
call "chunks=4;gap_ms=20" "$stream"
logged "gaps take time" '"ms":[8-9][0-9]\.\|"ms":[1-9][0-9][0-9]'
call "first_ms=60" "$plain"
logged "the first byte is delayed" '"ms":[6-9][0-9]\.\|"ms":[1-9][0-9][0-9]'

#  ---- errors
call "status=429;retry_after_s=7" "$plain"
matches "status" "$work/head" '^HTTP/1.1 429'
matches "retry-after" "$work/head" '^retry-after: 7'
matches "an error body" "$work/body" '"code":"rate_limit_exceeded"'
call "" '{"model":"mock:mock-503","stream":true}'
matches "a prefix of the model is skipped" "$work/head" '^HTTP/1.1 503'
call "error_in_200;chunks=9" "$stream"
matches "an error inside a 200" "$work/body" '^data: {"error":'
check "and nothing after it" "$(count "$work/body" '^data: ')" 1
call "html=1;status=502" "$plain"
matches "a page instead of JSON" "$work/head" 'text/html'
call "nonsense=1" "$plain"
matches "unknown words are refused" "$work/body" 'unknown word: nonsense'
call "status=500;times=1" "$plain"
matches "the first time" "$work/head" '^HTTP/1.1 500'
call "status=500;times=1" "$plain"
matches "and not again" "$work/head" '^HTTP/1.1 200'
call "status=400;context" "$plain"
matches "too long an input" "$work/body" '"code":"context_length_exceeded"'
call "status=500;should_retry=0" "$plain"
matches "not to be tried again" "$work/head" '^x-should-retry: false'
call "status=503;no_retry_after" "$plain"
check "no word of when to come back" "$(count "$work/head" '^retry-after')" 0
call "mistyped" "$plain"
matches "a wrong content type" "$work/head" '^content-type: text/plain'

#  ---- ends
call "reset=1" "$plain"
check "a reset" "$rc" 56
logged "reset" '"ended":"reset".*"status":0'
call "empty" "$plain"
check "nothing at all" "$rc" 52
call "cut=2;chunks=9" "$stream"
check "a stream is cut without its end" "$rc" 18
check "after two chunks" "$(count "$work/body" '^data: ')" 2
logged "cut" '"ended":"cut".*"chunks":2'
call "cut=1" "$plain"
check "an answer is cut in the middle" "$rc" 18
check "half of it came" "$(size "$work/body")" 410
call "cut=1;reset;chunks=9" "$stream"
check "a stream is reset" "$rc" 56
call "stall" "$plain" --max-time 0.3
check "no answer" "$rc" 28
logged "the client's close is seen" '"ended":"client_closed".*"status":0'
call "stall_after=2" "$stream" --max-time 0.3
check "a stall after two chunks" "$(count "$work/body" '^data: ')" 2
logged "the client's close is seen in a stall" '"ended":"client_closed".*"chunks":2'
call "endless;gap_ms=5" "$stream" --max-time 0.3
check "an endless stream" "$rc" 28
logged "the close of an endless stream" '"ended":"client_closed"'
call "endless" "$plain" --max-time 0.3
check "an endless answer" "$rc" 28
check "of many bytes" "$(test "$(size "$work/body")" -gt 100000 && echo yes)" yes

#  ---- bytes
head -c 3000000 /dev/urandom | od -An -tx1 | tr -d ' \n' | head -c 2000000 >"$work/big"
sum=$(sha256sum <"$work/big" | cut -d' ' -f1)
call "echo_body" "@$work/big"
matches "the digest of the body" "$work/body" "\"body_sha256\":\"$sum\""
matches "its size" "$work/body" '"body_bytes":2000000'
call "echo_body" "@$work/big" -H 'transfer-encoding: chunked' -H 'expect: 100-continue'
matches "the same for a chunked body" "$work/body" "\"body_sha256\":\"$sum\""
logged "the digest" "\"body_sha256\":\"$sum\""
call "echo_body" "$stream"
matches "an echo in a stream" "$work/body" '"mock":{"body_bytes":46,'
call "gzip" "$plain" --compressed
check "a packed answer" "$(size "$work/body")" 820
matches "which says so" "$work/head" '^content-encoding: gzip'
call "gzip;chunks=5" "$stream" --compressed
check "a packed stream" "$(count "$work/body" '^data: ')" 8

#  ---- recorded answers, credentials, keep-alive
printf 'event: a\ndata: 1\n\nevent: b\ndata: 2\n\n' >"$work/two.sse"
printf '{"any":"thing"}' >"$work/any.json"
call "file=two.sse" "$plain"
check "a recorded stream" "$(cat "$work/body")" "$(cat "$work/two.sse")"
call "file=two.sse;cut=1" "$plain"
check "cut after one event" "$(count "$work/body" '^data: ')" 1
call "" '{"model":"mock-file.any.json"}'
check "a recorded answer" "$(cat "$work/body")" '{"any":"thing"}'
curl -sS -d '{}' -o "$work/body" "$url/v1beta/models/mock-429:generateContent"
matches "a model in the path" "$work/body" RESOURCE_EXHAUSTED
call "" "$plain" -H 'authorization: Bearer sk-0123456789abcdef' -H 'x-api-key: short'
logged "credentials are masked" '"authorization":"Bearer \*\*\*cdef","api_key":"\*\*\*"'
check "and stand nowhere" "$(count "$work/log" 0123456789)" 0
curl -sS -o /dev/null -o /dev/null -w '%{num_connects} ' "$url/v1/models" "$url/v1/models" \
    >"$work/body"
check "connections are kept" "$(cat "$work/body")" "1 0 "
check "HTTP/1.0 is closed" "$(curl -sS -0 -D - -o /dev/null "$url/v1/models" |
    grep -c '^connection: close')" 1
stop

#  ---- four protocols, recordings, and what was received
mkdir -p "$work/corpus/openai-chat" "$work/corpus/google-generate"
printf 'data: {"n":1}\n\ndata: {"n":2}\n\ndata: [DONE]\n\n' >"$work/corpus/openai-chat/two.sse"
printf '{"error":{"code":404}}\n' >"$work/corpus/google-generate/none.json"
printf '{"status":404}' >"$work/corpus/google-generate/none.meta.json"
start --corpus "$work/corpus" --record 3
call "" '{"model":"replay/chat/two"}'
check "a recorded stream of the corpus" "$(cat "$work/body")" \
    "$(cat "$work/corpus/openai-chat/two.sse")"
call "" '{"model":"a:replay/openai-chat/two@split3-gapus10"}'
check "in small writes" "$(cat "$work/body")" "$(cat "$work/corpus/openai-chat/two.sse")"
call "" '{"model":"replay/chat/two"}' -H 'x-mock-cut: 1'
check "cut after one event of it" "$rc $(count "$work/body" '^data: ')" "18 1"
call "" '{"model":"replay/chat/two"}' -H 'x-mock-error-after: 1'
matches "an error after one event of it" "$work/body" '^data: {"error":'
check "and no end mark" "$(count "$work/body" DONE)" 0
check "a recorded status" "$(curl -sS -d '{}' -o "$work/body" -w '%{http_code}' \
    "$url/v1beta/models/replay%2Fgoogle%2Fnone:generateContent")" 404
check "with its body" "$(cat "$work/body")" '{"error":{"code":404}}'
call "" '{"model":"replay/chat/../two"}'
matches "no other recording" "$work/head" '^HTTP/1.1 500'
curl -sS -o "$work/body" -H 'anthropic-version: 1' "$url/v1/models"
matches "models as Anthropic lists them" "$work/body" '"has_more":false'
curl -sS -o "$work/body" "$url/v1beta/models"
matches "models as Google lists them" "$work/body" '"name":"models/mock"'
curl -sS -o "$work/body" -d '{}' "$url/v1/messages/count_tokens"
check "tokens are counted" "$(cat "$work/body")" '{"input_tokens":42}'
curl -sS -o "$work/body" -d '{"input":"a","encoding_format":"base64"}' "$url/v1/embeddings"
matches "an embedding" "$work/body" '"embedding":"AAAAPwAAgL4AAAAA"'
curl -sS -o /dev/null -H 'x-one: 1' -H 'anthropic-version: 1' \
    -d '{"model":"mock-tools","messages":[{"role":"user","content":"q"}]}' "$url/v1/messages"
curl -sS -o "$work/body" "$url/mock/last"
matches "what was received last" "$work/body" '"path":"/v1/messages"'
matches "its headers" "$work/body" '"x-one":"1"'
matches "its body" "$work/body" '"body":"{\\"model\\":\\"mock-tools'
curl -sS -o "$work/body" "$url/mock/calls"
check "and before" "$(count "$work/body" '"method":')" 3
curl -sS -o /dev/null -X DELETE "$url/mock/calls"
check "and is forgotten" "$(curl -sS -o /dev/null -w '%{http_code}' "$url/mock/last")" 404
stop

#  ---- flags as defaults, threads, TLS
start --status 418 --threads 2
call "" "$plain"
matches "a flag is the default" "$work/head" '^HTTP/1.1 418'
stop
if command -v openssl >/dev/null && openssl req -x509 -newkey rsa:2048 -nodes -days 2 \
    -subj /CN=localhost -keyout "$work/key" -out "$work/cert" 2>/dev/null; then
    start --tls "$work/cert" "$work/key"
    url=https${url#http}
    call "chunks=20" "$stream" -k
    check "a stream over TLS" "$(count "$work/body" '^data: ')" 23
    call "echo_body" "@$work/big" -k
    matches "a big body over TLS" "$work/body" "$sum"
    call "cut=2" "$stream" -k
    check "a cut over TLS" "$(count "$work/body" '^data: ')" 2
    stop
fi
"$mock" --nonsense 1 2>/dev/null
check "an unknown option is refused" $? 2

echo "$checked checked, $failed failed"
test "$failed" -eq 0
