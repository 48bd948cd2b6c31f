#!/usr/bin/env bash
#  Receipts as a caller has them: what another library has signed is verified here, what is
#  signed here is verified by another library, and nothing that was changed is sound.
#  BITROUTER and MOCK name the programs.

set -uo pipefail
export LC_ALL=C.UTF-8

source=${BR_SOURCE_DIR:-$(cd "$(dirname "$0")/../.." && pwd)}
bitrouter=$(realpath "${BITROUTER:-./bitrouter}")
for tool in "$bitrouter" curl jq python3 sha256sum; do
    command -v "$tool" > /dev/null || { echo "no program $tool"; exit 77; }
done
work=$(mktemp -d) || exit 99
home=$work/home
server=
passed=0 failed=0
unset "${!BITROUTER_@}" http_proxy https_proxy all_proxy
cd "$work" || exit 99

finish () {
    [ -z "$server" ] || kill -KILL "$server" 2> /dev/null
    rm -rf "$work"
}
trap finish EXIT

check () { #  check WHAT GOT WANTED
    if [ "$2" = "$3" ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'FAIL %s\n  got    %s\n  wanted %s\n  stdout %s\n  stderr %s\n' "$1" "$2" \
            "$3" "$(head -c 800 out)" "$(head -c 800 err)"
    fi
}

run () { #  run STATUS ARGUMENT...
    local wanted=$1 rc=0
    shift
    timeout 60 "$bitrouter" --home-dir "$home" "$@" > out 2> err || rc=$?
    check "status of bitrouter $*" $rc "$wanted"
}

says () { #  says out|err PATTERN
    check "$1 says $2" "$(grep -cE -- "$2" "$1" | sed 's/^[1-9].*/yes/')" yes
}

until_true () { #  until_true COMMAND...
    local tries
    for ((tries = 0; tries < 600; tries++)); do
        "$@" > /dev/null 2>&1 && return 0
        sleep 0.05
    done
    return 1
}

#  ---- what another library has signed

mkdir -p "$home/.keys"
cp "$source/tests/data/receipt/"{foreign,hostile}.jws .
key=03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8

run 1 receipt key
says err 'node\.key: No such file.* made when bitrouter starts'
run 1 receipt verify foreign.jws
says err 'node\.key: No such file'
run 0 receipt verify foreign.jws --key $key
says out '^model +gpt-4o \\"é\\"$'
says out '^cost_nusd +42$'
says out "^The receipt is sound: $key has signed it\.$"
run 0 receipt verify --key $key --json - < foreign.jws
check "as JSON" "$(jq -c '[.sound, .key, .receipt.seq, .receipt.v]' out)" \
    "[true,\"$key\",7,1]"
nowhere=0
"$bitrouter" --home-dir /no/such/home receipt verify foreign.jws --key $key > out 2> err \
    || nowhere=$?
check "without a home" $nowhere 0
run 1 receipt verify foreign.jws --key "${key/03/04}"
says err "^Error: the receipt is of another key: of $key, and not of ${key/03/04}\$"
check "what is not sound is not told" "$(wc -c < out)" 0
run 2 receipt verify foreign.jws --key "${key%??}"
says err 'must be the 64 hexadecimal digits'
run 2 receipt verify foreign.jws more
run 2 receipt verify --frob
run 2 receipt key surplus
run 1 receipt verify /no/such/file --key $key
says err '/no/such/file: No such file'
check "what could not be read is not told" "$(wc -c < out)" 0
run 1 receipt verify --key $key < /dev/null
says err '^Error: standard input is empty$'
printf ' \r\n' > blank
run 1 receipt verify blank --key $key --json
says err '^Error: blank is empty$'
run 1 receipt verify "$bitrouter" --key $key
says err 'it is no receipt, and no line of it has one$'
head -c 20000 /dev/zero | tr '\0' a > long
run 1 receipt verify long --key $key
says err 'it is no receipt, and no line of it has one$'
run 1 receipt verify /dev/zero --key $key
sed 's/\.e/.f/' foreign.jws > changed
run 1 receipt verify changed --key $key --json
check "as JSON, not sound" "$(jq -c '[.sound, .receipt]' out)" '[false,null]'
says err "signature is wrong"
head -c 2 foreign.jws > body
run 1 receipt verify foreign.jws --key $key --body body
says err 'of another body than body$'
says out '^request_sha256 +abab'
run 1 receipt verify foreign.jws --key $key --body /no/such/file
run 1 receipt verify foreign.jws --key $key --body /no/such/file --json
check "what could not be checked is not judged" "$(wc -c < out)" 0
says err '^Error: /no/such/file: No such file'

#  How options may not be given.
for option in --key --body; do
    run 2 receipt verify foreign.jws $option
    says err "^Error: $option needs a value\$"
    run 2 receipt verify $option $key foreign.jws $option=$key
    says err "^Error: $option is given twice\$"
done
run 2 receipt verify --key= foreign.jws
run 2 receipt verify --body= foreign.jws --key $key
says err '^Error: --body needs a value$'
run 2 receipt verify foreign.jws --ledger --ledger
says err '^Error: --ledger is given twice$'
run 2 receipt verify foreign.jws --ledger=on
says err '^Error: --ledger takes no value$'
run 2 receipt verify --key $key --body -
says err 'cannot both be read from standard input$'
run 2 --home-dir "$work" receipt key
says err '^Error: --home-dir is given twice$'

#  What a terminal would obey, numbers past 2^53, and a body from standard input.
printf '{}' > body
run 0 receipt verify hostile.jws --key $key --body - < body
says out '^model +gpt\\u202e\\u001b\[2J\\u007f\\u009b\\u2066\\udb40\\udc41$'
says out '^input_tokens +9007199254740993$'
says out 'it is of that body\.$'
run 1 receipt verify hostile.jws --key $key --body - < foreign.jws
says err 'of another body than standard input$'
run 0 receipt verify hostile.jws --key $key --json
says out '"input_tokens":[[:space:]]9007199254740993,$'
says out '"cost_nusd":[[:space:]]9223372036854775807,$'
check "the model in JSON" "$(jq -c '.receipt.model | explode | .[3:]' out)" \
    '[8238,27,91,50,74,127,155,8294,917569]'

#  What somebody pastes.
pasted () { #  pasted FORMAT: a text around a receipt
    # shellcheck disable=SC2059 # it is a format
    printf "$1" "$(cat foreign.jws)" > pasted
    run 0 receipt verify pasted --key $key
    check "no warning of ${1%%%s*}" "$(wc -c < err)" 0
}
pasted '%s'
pasted ' \r\n%s\r\n\r\n'
pasted 'x-bitrouter-receipt: %s\r\n'
pasted '< X-Bitrouter-Receipt:%s\r'
pasted ': bitrouter receipt=%s\n\n'
pasted 'bitrouter receipt=%s'
pasted 'HTTP/1.1 200 OK\r\ntrailer: x-bitrouter-receipt\r\nx-bitrouter-receipt: %s\r\n\r\n'
pasted 'data: {"text":"\000"}\n\n: bitrouter cost_nusd=7\n\n: bitrouter receipt=%s\n\ndata: [DONE]\n\n'
{
    head -c 3000000 /dev/zero | tr '\0' a
    printf '\n\n: bitrouter receipt=%s\n\n' "$(cat foreign.jws)" "$(cat hostile.jws)"
} > two
run 0 receipt verify two --key $key --json
says err '^Warning: 2 receipts are in two; this is the last one'
check "the last one" "$(jq .receipt.cost_nusd out)" "$(jq -n 9223372036854775807)"
printf 'HTTP/1.1 200 OK\r\n\r\n{}\n' > without
run 1 receipt verify without --key $key
says err '^Error: without: it is no receipt, and no line of it has one$'

#  The node's own key, when it is there.
python3 -c 'import sys; sys.stdout.buffer.write(bytes(range(32)))' > "$home/.keys/node.key"
chmod 600 "$home/.keys/node.key"
run 0 receipt key
check "the key" "$(cat out)" $key
run 0 receipt key --json
check "the key as JSON" "$(jq -r .public_key out)" $key
run 0 receipt verify foreign.jws
run 1 receipt verify foreign.jws --ledger
says err '^Error: '
run 1 receipt verify foreign.jws --ledger --json
check "without a ledger nothing is judged" "$(wc -c < out)" 0

#  A broken configuration is in the way of the ledger alone.
echo '{ no: [' > "$home/bitrouter.yaml"
run 0 receipt key
check "the key, with a broken configuration" "$(cat out)" $key
run 0 receipt verify foreign.jws
run 0 receipt verify foreign.jws --key $key
run 1 receipt verify foreign.jws --ledger
says err 'bitrouter\.yaml'

#  The older folder of keys, where only that is there.
mv "$home/.keys" "$home/keys"
run 0 receipt key
check "the key in the older folder" "$(cat out)" $key
mv "$home/keys" "$home/.keys"

#  ---- what is signed here

cat > "$home/bitrouter.yaml" << 'END'
receipts: on
server: { listen: "127.0.0.1:0" }
END
is_ready () { "$bitrouter" --home-dir "$home" admin status | jq -e '.ready == true'; }
"$bitrouter" --home-dir "$home" serve > serve.log 2>&1 &
server=$!
until_true is_ready || { cat serve.log; exit 1; }
address=http://$("$bitrouter" --home-dir "$home" admin calls \
    | jq -r '.. | .listen? // empty | .[0]' | head -n 1)

ask () { #  ask TEXT [MEMBERS]: body, head, answer
    printf '{"model":"echo:echo"%s,"messages":[{"role":"user","content":"%s"}]}' \
        "${2:-}" "$1" > body
    curl -sS --max-time 20 -D head -o answer -H 'content-type: application/json' \
        --data-binary @body "$address/v1/chat/completions" 2>> err
}

#  Another library holds the signature of a file against our key.
is_genuine () {
    command -v node > /dev/null || { echo "no node: its crypto is not asked"; return 0; }
    # shellcheck disable=SC2016 # it is JavaScript
    node -e '
        const { createPublicKey, verify } = require("crypto");
        const fs = require("fs");
        const [head, body, signature] = fs.readFileSync(process.argv[1], "ascii").trim()
            .split(".");
        const key = createPublicKey({ format: "jwk", key: { kty: "OKP", crv: "Ed25519",
            x: Buffer.from(process.argv[2], "hex").toString("base64url") } });
        process.exit(verify(null, Buffer.from(`${head}.${body}`), key,
            Buffer.from(signature, "base64url")) ? 0 : 1);' "$1" "$key"
}

try_receipt () { #  try_receipt NAME
    is_genuine "$1"
    check "$1: node's crypto says it is ours" $? 0
    run 0 receipt verify "$1" --body body --ledger
    says out 'of that body, and the ledger says the same\.$'
    cp out said
    check "$1: the hash of the body" "$(sed -n 's/^request_sha256 *//p' said)" \
        "$(sha256sum < body | cut -d ' ' -f 1)"
    echo >> body
    run 1 receipt verify "$1" --body body
}

for i in 1 2 3; do
    ask "hello $i"
    sed -n 's/^x-bitrouter-receipt: *\([^\r]*\).*/\1/Ip' head > single.$i
    try_receipt single.$i
done
check "the rows are in their order" "$(for i in 1 2 3; do
    "$bitrouter" --home-dir "$home" receipt verify single.$i --json | jq .receipt.seq
done | sort -nc && echo yes)" yes
prev=$("$bitrouter" --home-dir "$home" receipt verify single.3 --json \
    | jq -r .receipt.prev_hash)
hash=$("$bitrouter" --home-dir "$home" receipt verify single.2 --json \
    | jq -r .receipt.hash)
check "each is chained to the one before" "$prev" "$hash"

ask "in a stream" ',"stream":true'
sed -n 's/^: bitrouter receipt=//p' answer > stream
try_receipt stream
run 0 receipt verify answer
run 0 receipt verify answer --ledger
check "no head of a stream has one" "$(grep -ci '^x-bitrouter-receipt' head)" 0

kill -TERM "$server"
wait "$server"
check "it ends in order" $? 0
server=

#  ---- a ledger that somebody had a hand in

"$bitrouter" --home-dir "$home" receipt verify single.2 --json > out
seq=$(jq .receipt.seq out)
change () { #  change SQL
    python3 -c 'import sqlite3, sys
with sqlite3.connect(sys.argv[1]) as db: db.execute(sys.argv[2])' \
        "$home/bitrouter.db" "$1"
}
change "UPDATE entries SET input_tokens = input_tokens + 1 WHERE seq = $seq"
run 0 receipt verify single.2
run 1 receipt verify single.2 --ledger
says err "row $seq of .* has another input_tokens$"
change "UPDATE entries SET input_tokens = input_tokens - 1 WHERE seq = $seq"
change "UPDATE entries SET session = 'another' WHERE seq = $seq"
run 1 receipt verify single.2 --ledger
says err 'has another prev_hash$'
change "DELETE FROM entries WHERE seq >= $seq"
run 1 receipt verify single.2 --ledger
says err "has no row $seq$"

printf '%d passed, %d failed\n' $passed $failed
[ $failed = 0 ]
