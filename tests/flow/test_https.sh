#!/usr/bin/env bash
#  TLS for clients, the whole program: curl over https (kept connections, streams, a large
#  body, a wrong name), and a certificate that is changed while a stream is open.
#  BITROUTER names the program.

set -uo pipefail
export LC_ALL=C.UTF-8

bitrouter=${BITROUTER:-./bitrouter}
for program in "$bitrouter" curl openssl python3; do
    if ! command -v "$program" > /dev/null; then
        echo "no program $program"
        exit 77
    fi
done
bitrouter=$(realpath "$bitrouter")
work=$(mktemp -d) || exit 99
home=$work/home
server='' provider='' client=''
passed=0 failed=0
unset BITROUTER_HOME BITROUTER_LISTEN BITROUTER_DATABASE_URL
cd "$work" || exit 99
mkdir -p "$home"

finish () {
    local pid
    for pid in $server $provider $client; do
        { kill -KILL "$pid" && wait "$pid"; } 2> /dev/null
    done
    rm -rf "$work"
}
trap finish EXIT

#  check WHAT CONDITION...: the condition is a command
check () {
    local what=$1
    shift
    if "$@"; then
        passed=$((passed + 1))
        return
    fi
    failed=$((failed + 1))
    printf 'FAIL %s: %s\n  out: %s\n  log: %s\n' "$what" "$*" \
        "$(head -c 1000 "$work/out" 2> /dev/null)" "$(tail -c 1000 "$work/log")"
}

has () { #  has FILE PATTERN: extended
    grep -qE -- "$2" "$work/$1"
}

until_true () {
    local tries
    for ((tries = 0; tries < 600; tries++)); do
        "$@" && return 0
        sleep 0.05
    done
    return 1
}

certify () { #  certify SERIAL [CERT [KEY]]
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
        -subj /CN=router.test -addext subjectAltName=DNS:router.test,IP:127.0.0.1 \
        -set_serial "$1" -out "$work/${2:-cert.pem}" -keyout "$work/${3:-key.pem}" \
        2> /dev/null
}

serial () { #  of the certificate that is shown to a new connection
    openssl s_client -connect "127.0.0.1:$port" -servername router.test < /dev/null \
        2> /dev/null | openssl x509 -noout -serial 2> /dev/null
}

shows () { #  shows SERIAL
    [ "$(serial)" = "serial=$1" ]
}

ask () { #  ask ARGUMENT...: of curl; output in out, what it says of the connection in err
    curl -sS -v --noproxy '*' --max-time 30 --cacert "$work/cert.pem" \
        --resolve "router.test:$port:127.0.0.1" "$@" > "$work/out" 2> "$work/err"
}

is_open () {
    ask -o /dev/null "$url/health"
}

fails_with () { #  fails_with STATUS COMMAND...
    local wanted=$1 rc=0
    shift
    "$@" || rc=$?
    [ "$rc" = "$wanted" ]
}

#  ---- a provider whose stream waits for a file, and a server

cat > provider.py << 'END'
import http.server, json, os, socketserver, sys, time

WORD = 'data: {"id":"1","object":"chat.completion.chunk","created":1,"model":"m",' \
       '"choices":[{"index":0,"delta":{"content":"%s"},"finish_reason":%s}]}\n\n'

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    def log_message(self, *args):
        pass
    def part(self, text):
        self.wfile.write(b'%x\r\n%s\r\n' % (len(text), text.encode()))
        self.wfile.flush()
    def do_POST(self):
        size = int(self.headers['Content-Length'])
        body = json.loads(self.rfile.read(size))
        self.send_response(200)
        if not body.get('stream'):
            text = json.dumps({'id': '1', 'object': 'chat.completion', 'created': 1,
                'model': 'm', 'choices': [{'index': 0, 'finish_reason': 'stop',
                'message': {'role': 'assistant', 'content': 'bytes %d' % size}}],
                'usage': {'prompt_tokens': 1, 'completion_tokens': 1, 'total_tokens': 2}})
            self.send_header('Content-Type', 'application/json')
            self.send_header('Content-Length', str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())
            return
        self.send_header('Content-Type', 'text/event-stream')
        self.send_header('Transfer-Encoding', 'chunked')
        self.end_headers()
        self.part(WORD % ('before', 'null'))
        while not os.path.exists('go'):
            time.sleep(0.02)
        if os.path.exists('broken'):
            self.close_connection = True
            return
        self.part(WORD % ('after', '"stop"'))
        self.part('data: [DONE]\n\n')
        self.wfile.write(b'0\r\n\r\n')

class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True

server = Server(('127.0.0.1', 0), Handler)
with open('port.new', 'w') as out:
    out.write(str(server.server_port))
os.rename('port.new', 'port')
server.serve_forever()
END
python3 provider.py &
provider=$!
until_true [ -s port ] || exit 99
certify 1
cat > "$home/bitrouter.yaml" << END
server:
  listen: 127.0.0.1:0
  hosts: [router.test]
  tls: { cert_file: $work/cert.pem, key_file: $work/key.pem }
providers:
  slow:
    api_protocol: openai
    api_base: http://127.0.0.1:$(cat port)/v1
    models: { m: {} }
END

start () {
    "$bitrouter" --home-dir "$home" serve > "$work/log" 2>&1 &
    server=$!
}

listens () { #  the port it listens on, once it does
    port=$("$bitrouter" --home-dir "$home" admin calls 2> /dev/null \
        | grep -oE '127\.0\.0\.1:[0-9]+' | head -n 1 | cut -d: -f2)
    [ -n "$port" ]
}

has_begun () { #  or given up
    listens || ! kill -0 "$server" 2> /dev/null
}

start
until_true has_begun
if has log 'built without TLS'; then
    echo "a program without TLS"
    exit 77
fi
check "it listens" listens
url=https://router.test:$port
chat=$url/v1/chat/completions
json='Content-Type: application/json'
whole='{"model":"slow:m","messages":[{"role":"user","content":"hi"}]}'
stream='{"model":"slow:m","stream":true,"messages":[{"role":"user","content":"hi"}]}'
check "it is ready" until_true is_open
check "the log says so" has log 'with TLS'

#  ---- what clients see

check "a call is answered" ask -H "$json" -d "$whole" "$chat"
check "it is the provider's answer" has out '"content": ?"bytes [0-9]+"'
check "HTTP/1.1 is agreed on" has err 'ALPN.*http/1\.1'
check "with TLS 1.3" has err 'TLSv1\.3 \(IN\)|SSL connection using TLSv1\.3'
check "the connection is kept" ask -H "$json" -d "$whole" "$chat" \
    --next -sS -v --noproxy '*' --cacert "$work/cert.pem" -H "$json" -d "$whole" "$chat"
check "and used again" has err 'Re-using existing connection'
check "TLS 1.2 is spoken" ask --tls-max 1.2 "$url/health"
check "TLS 1.1 is not" fails_with 35 ask --tls-max 1.1 \
    --ciphers DEFAULT@SECLEVEL=0 --tlsv1.0 "$url/health"
check "another name is not in the certificate" fails_with 60 ask \
    --resolve "other.test:$port:127.0.0.1" "https://other.test:$port/health"
check "http is not answered" fails_with 52 curl -sS --noproxy '*' --max-time 10 \
    -o /dev/null --stderr "$work/err" "http://127.0.0.1:$port/health"
check "HEAD has no body" ask -I "$url/health"
check "nothing but a head" has out '^HTTP/1\.1 200'

head -c 3000000 /dev/zero | tr '\0' 'x' > text
printf '{"model":"slow:m","messages":[{"role":"user","content":"%s"}]}' "$(cat text)" > large
check "a large body waits for a word" ask -H "$json" -H 'Expect: 100-continue' \
    --data-binary @large "$chat"
check "and gets it" has err '100 Continue'
check "all of it arrived" has out '"bytes 30000[0-9]{2}"'
check "one that is too large is refused" ask -H "$json" -H 'Content-Length: 99999999' \
    -d "$whole" "$chat"
check "in words" has err 'HTTP/1\.1 413'
check "it still serves" is_open

#  ---- the certificate changes while a stream is open

curl -sS -N --noproxy '*' --max-time 60 --cacert "$work/cert.pem" -H "$json" -d "$stream" \
    --resolve "router.test:$port:127.0.0.1" "$chat" > "$work/streamed" 2> "$work/err" &
client=$!
check "the stream begins" until_true has streamed before
check "the first certificate is shown" shows 01
certify 2
"$bitrouter" --home-dir "$home" reload > "$work/out" 2>&1
check "the second is shown after a reload" until_true shows 02
check "the stream is still open" kill -0 $client
printf 'broken' > "$work/key.pem"
rc=0
"$bitrouter" --home-dir "$home" reload > "$work/out" 2>&1 || rc=$?
check "a broken key is refused" [ $rc != 0 ]
check "by name" has out 'key\.pem'
check "and no word of it is told" fails_with 1 has log broken
check "the second is shown on" shows 02
certify 3
"$bitrouter" --home-dir "$home" reload > "$work/out" 2>&1
check "the third is shown" until_true shows 03
: > go
check "the stream goes on to its end" wait $client
client=
check "all of it" has streamed 'DONE'
check "with the rest" has streamed after

#  ---- a stream that breaks is seen as broken

: > broken
check "curl sees that it was cut" fails_with 18 ask -N -H "$json" -d "$stream" "$chat"
check "behind an error event" has out 'error'

#  ---- the end

kill -TERM $server
check "it stops" wait $server
server=
printf 'broken' > "$work/cert.pem"
rc=0
"$bitrouter" --home-dir "$home" serve > "$work/log" 2>&1 || rc=$?
check "it does not start with a broken certificate" [ $rc != 0 ]
check "and says which" has log 'cert\.pem'

echo "$passed passed, $failed failed"
[ $failed = 0 ]
