#!/usr/bin/env bash
#  Accounts, tokens and virtual keys as a user has them: every command and flag of account,
#  keygen, keys and key. No server is needed. BITROUTER names the program.

set -uo pipefail
# shellcheck source=tests/cli/tried.sh
. "${BR_SOURCE_DIR:-$(cd "$(dirname "$0")/../.." && pwd)}/tests/cli/tried.sh"
keys=$home/.keys

fails () { #  fails LINE: all of stderr, and nothing else
    check "stderr is $1" [ "$(cat "$work/err")" = "Error: $1" ]
    silent out
}

#  claims: those of the token in the file out, by a decoder of others
claims () {
    cut -d. -f2 "$work/out" | tr -- '-_' '+/' \
        | awk '{ while (length ($0) % 4) $0 = $0 "="; print }' | base64 -d
}

has_claim () { #  has_claim TEXT
    check "claims have $1" grep -qF -- "$1" <(claims)
}

lacks_claim () {
    check "claims lack $1" [ -z "$(claims | grep -F -- "$1")" ]
}

mode () { #  mode WANTED FILE
    check "mode of $2" [ "$(stat -c %a "$2")" = "$1" ]
}

b58='[1-9A-HJ-NP-Za-km-z]'
solana="solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp:$b58{32,44}"
evm='eip155:8453:0x[0-9A-Fa-f]{40}'
none='No active account. Run `bitrouter account -g` to generate one.'

#  ---- help and wrong usage

for path in account keygen keys key 'key sign' 'key list' 'key revoke' 'key rotate'; do
    # shellcheck disable=SC2086
    try 0 $path --help
    out "^Usage: bitrouter $path( |\$)"
    silent err
done
for path in account keygen keys 'key sign' 'key list'; do
    # shellcheck disable=SC2086
    try 2 $path surplus
    err "takes no argument 'surplus'"
done
try 2 key
try 2 account -g -l
err 'at a time'
try 2 account --set
try 2 keys --show a --rm b
err 'at a time'
try 2 key revoke
err 'name a key'
try 2 key rotate a b

#  ---- nothing there

try 0 account
says 'No accounts found. Run `bitrouter account -g` to generate one.'
try 0 account -l --json
is_json 'j == []'
for command in keygen keys 'keys -l' 'keys --show 0' 'keys --rm 0' 'keys --revoke x'; do
    # shellcheck disable=SC2086
    try 1 $command
    fails "$none"
done
try 1 account --set 0
fails 'Index 0 out of range (0..0)'
try 1 account --rm x
fails 'No account matching prefix "x"'
try 0 key list
says 'No virtual keys. Run `bitrouter key sign` to make one.'
try 0 key list --json
is_json 'j == []'

#  ---- accounts

try 0 account -g
silent err
check "first line" [ "$(sed -n 1p "$work/out")" = 'Generated web3 master key' ]
out "^  solana:  $solana\$"
out "^  evm:     $evm\$"
out "^  prefix:  $b58{16}\$"
out "^  path:    $keys/$b58{16}/master.json\$"
out '^  active:  yes$'
first=$(sed -n 's/^  prefix:  //p' "$work/out")
mode 700 "$keys"
mode 700 "$keys/$first"
mode 600 "$keys/$first/master.json"
mode 600 "$keys/active"
check "active" [ "$(cat "$keys/active")" = "$first" ]
check "master" grep -qE '^  "seed": "[A-Za-z0-9_-]{43}"$' "$keys/$first/master.json"

#  An account of known addresses: the seed is 1, 2, 3 ... 32.
known=9C6hybhQ6Aycep9j
mkdir -p "$keys/$known"
printf '{"algorithm":"web3","seed":"AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA"}' \
    > "$keys/$known/master.json"
try 0 account --set "$known"
says "Active account: $known"
check "active" [ "$(cat "$keys/active")" = "$known" ]
try 0 account
out "^  \[[01]\] $known \*\$"
out "^  \[[01]\] $first\$"
out '^       sol: solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp:9C6hybhQ6Aycep9jaUnP6uL9ZYvDjUp1aSkFWPUFJtpj$'
out '^       evm: eip155:8453:0x6370eF2f4Db3611D657b90667De398a2Cc2a370C$'
check "lines of a list" [ "$(wc -l < "$work/out")" = 6 ]
try 0 account --list --json
is_json "len(j) == 2 and sum(a['active'] for a in j) == 1"
is_json "[a['prefix'] for a in j] == sorted(a['prefix'] for a in j)"
is_json "all(set(a) == {'prefix', 'solana', 'evm', 'path', 'active'} for a in j)"
try 0 account --set 9C6 --json
is_json "j['prefix'] == '$known' and j['active'] is True"
try 1 account --set 7
fails 'Index 7 out of range (0..2)'
try 0 account --generate-key --json
is_json "j['active'] is True and j['prefix'] != '$known'"
third=$(cat "$keys/active")
check "the new one is active" [ "$third" != "$known" ]
try 0 account --set "${first:0:12}"
says "Active account: $first"
mkdir "$keys/broken"
echo '{"algorithm":"eddsa","seed":"AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA"}' \
    > "$keys/broken/master.json"
try 0 account
err '^Warning: .*broken/master.json'
rm -r "$keys/broken"
mkdir "$keys/alike" "$keys/$known/tokens"
cp "$keys/$known/master.json" "$keys/alike"
try 0 account
err '^Warning: .*alike: the folder has another name than its seed'
rm -r "$keys/alike"

#  ---- keygen

try 0 account --set "$known"
try 0 keygen
silent err
check "a token is three parts" grep -qE '^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{86}$' \
    "$work/out"
check "header" [ "$(cut -d. -f1 "$work/out")" = eyJhbGciOiJTT0xfRUREU0EiLCJ0eXAiOiJKV1QifQ ]
check "claims" grep -qE '^\{"iss":"solana:[^"]*","chain":"solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp","iat":[0-9]{10},"scope":"api","id":"[A-Za-z0-9_-]{43}"\}$' \
    <(claims)
try 0 keygen --chain base
check "header" [ "$(cut -d. -f1 "$work/out")" = eyJhbGciOiJFSVAxOTFLIiwidHlwIjoiSldUIn0 ]
has_claim '"iss":"eip155:8453:0x6370eF2f4Db3611D657b90667De398a2Cc2a370C"'
has_claim '"chain":"eip155:8453"'
try 0 keygen --chain tempo
has_claim '"chain":"eip155:4217"'
try 0 keygen --chain solana --scope admin --exp 4102444800 --models 'openai:*, anthropic:claude-*' \
    --tools 'github/*,jira/search' --budget 2500000 --budget-scope account \
    --budget-range rounds:10
has_claim '"exp":4102444800,"scope":"admin","models":["openai:*","anthropic:claude-*"],"tools":["github/*","jira/search"],"budget":2500000,"budget_scope":"account","budget_range":{"type":"rounds","count":10}'
try 0 keygen --budget 0
has_claim '"budget":0,"budget_scope":"session"'
lacks_claim budget_range
try 0 keygen --budget=1 --budget-scope=session --budget-range=duration:3600s
has_claim '"budget_range":{"type":"duration","seconds":3600}'
try 0 keygen --exp never
lacks_claim '"exp"'
for pair in 5s:5 5m:300 1h:3600 30d:2592000 1y:31536000; do
    try 0 keygen --exp "${pair%:*}"
    times=$(claims | sed -E 's/.*"iat":([0-9]+),"exp":([0-9]+).*/\2-\1/')
    check "exp of $pair" [ "$((times))" = "${pair#*:}" ]
done
try 1 keygen --chain dogecoin
fails 'unsupported chain "dogecoin" — use "solana" or "base"'
for never in '' '--exp never'; do
    # shellcheck disable=SC2086
    try 1 keygen --scope admin $never
    fails 'Admin-scope tokens require --exp (e.g., --exp 5m). This limits replay window.'
done
while read -r option value; do
    try 2 keygen "$option" "$value"
    silent out
    err "^Error: $option must be "
done << 'END'
--scope root
--exp soon
--exp 5w
--exp -5m
--exp 0
--exp 99999999999999999999
--exp 9223372036854775807y
--models a,,b
--tools ,
--budget 1.5
--budget -1
--budget 9223372036854775807
--budget-scope mine
--budget-range rounds
--budget-range rounds:0
--budget-range duration:10
--budget-range duration:10m
END
try 2 keygen --budget-range rounds:1
err 'need a --budget'
try 2 keygen --budget-scope session
err 'need a --budget'
try 1 keygen --name ../x
err '^Error: a label is'
try 0 keygen --name default --models openai:gpt-4o --exp 4102444800
token=$(cat "$work/out")
check "stderr" [ "$(cat "$work/err")" = "Saved to: $keys/$known/tokens/default.jwt" ]
mode 600 "$keys/$known/tokens/default.jwt"
check "one line" [ "$(cat "$keys/$known/tokens/default.jwt")" = "$token" ]
try 0 keygen --name deploy --json --scope admin --exp 4102444800 --chain base
is_json "j['path'].endswith('/deploy.jwt') and len(j['id']) == 43 and j['token'].count('.') == 2"
id=$(sed -nE 's/.*"id":[^"]*"([^"]*)".*/\1/p' "$work/out")
try 0 keygen --name plain

#  ---- keys

try 0 keys
cat > "$work/wanted" << 'END'
  [0] default
       scope=api  chain=solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp  exp=4102444800  models=openai:gpt-4o
  [1] deploy
       scope=admin  chain=eip155:8453  exp=4102444800  models=all-models
  [2] plain
       scope=api  chain=solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp  exp=no-exp  models=all-models
END
check "the list" cmp -s "$work/wanted" "$work/out"
try 0 keys --list --json
is_json "[t['name'] for t in j] == ['default', 'deploy', 'plain']"
is_json "j[0]['claims']['models'] == ['openai:gpt-4o'] and not any(t['revoked'] for t in j)"
try 0 keys --show 0
out '"scope":	*"api"'
check "the end" [ "$(tail -n 3 "$work/out")" = "
Raw JWT:
$token" ]
try 0 keys --show def --json
is_json "j['name'] == 'default' and j['token'] == '$token' and j['claims']['exp'] == 4102444800"
try 1 keys --show de
fails 'Ambiguous prefix "de" — matches 2 tokens. Use a longer prefix.'
try 1 keys --show 3
fails 'Index 3 out of range (0..3)'
try 1 keys --rm nothing
fails 'No token matching prefix "nothing"'

revoked () { #  revoked TEXT: the mark of its SHA-256 is there
    check "the mark of $1" [ -e "$keys/revoked/$(printf %s "$1" | sha256sum | cut -c1-64)" ]
}

try 0 keys --revoke default
says 'Revoked token: default'
revoked "$token"
try 0 keys -l
out '^  \[0\] default \(revoked\)$'
out '^  \[1\] deploy$'
try 0 keys --revoke "$id"
says "Revoked token: $id"
revoked "$id"
try 0 keys
out '^  \[1\] deploy \(revoked\)$'
try 0 keygen
other=$(cat "$work/out")
try 0 keys --revoke "$other" --json
is_json "len(j['revoked']) == 64"
revoked "$other"
try 0 keys --rm 0
says 'Removed token: default'
check "it is gone" [ ! -e "$keys/$known/tokens/default.jwt" ]
check "its mark stays" [ -e "$keys/revoked/$(printf %s "$token" | sha256sum | cut -c1-64)" ]
try 0 keys --rm plain --json
is_json "j == {'removed': 'plain'}"
echo 'no token' > "$keys/$known/tokens/zero.jwt"
try 0 keys
out '^       \(not readable: '
try 1 keys --show zero
rm "$keys/$known/tokens/zero.jwt"

#  ---- virtual keys

try 0 key sign
secret=$(cat "$work/out")
check "a key" grep -qE '^brvk_[A-Za-z0-9_-]{43}$' "$work/out"
hash=$(printf %s "$secret" | sha256sum | cut -c1-64)
err "^Key id: brvk_id_${hash:0:16}\$"
file=$keys/virtual/brvk_id_${hash:0:16}.json
mode 600 "$file"
check "the hash is kept" grep -q "\"hash\":\"$hash\"" "$file"
check "the key is not" [ -z "$(grep -rF "$secret" "$home")" ]
check "its account" grep -q '"account":"solana:[^"]*:9C6hybhQ' "$file"
try 0 key sign --json --name 'my laptop' --account eng --scope admin --exp 4102444800 --models a,b \
    --tools 't/*' --budget 5 --budget-scope account --budget-range duration:60s --rpm 1 \
    --tpm 2 --concurrency 3
is_json "j['label'] == 'my laptop' and j['account'] == 'eng' and j['scope'] == 'admin'"
is_json "j['expires_s'] == 4102444800 and j['models'] == ['a', 'b'] and j['tools'] == ['t/*']"
is_json "j['budget_nusd'] == 5000 and j['budget_scope'] == 'account'"
is_json "j['budget_range'] == 'duration' and j['budget_extent'] == 60 and not j['revoked']"
is_json "(j['requests_per_minute'], j['tokens_per_minute'], j['concurrency']) == (1, 2, 3)"
is_json "j['key'].startswith('brvk_') and j['id'].startswith('brvk_id_') and 'hash' not in j"
full=$(sed -nE 's/.*"key":[^"]*"([^"]*)".*/\1/p' "$work/out")
full_id=$(sed -nE 's/.*"id":[^"]*"([^"]*)".*/\1/p' "$work/out")
for option in --rpm --tpm --concurrency; do
    try 2 key sign $option 0
    err "^Error: $option must be a whole number from 1 on"
done
try 2 key sign --rpm many
try 2 key sign --account local
try 2 key sign --name "$(printf 'a\tb')"
try 1 key sign --scope admin
err 'Admin-scope tokens require --exp'
try 0 key list
out '^ID +LABEL +ACCOUNT +SCOPE +EXPIRES +BUDGET +STATE'
out "^$full_id +my laptop +eng +admin +4102444800 +5 +good\$"
try 1 keys --revoke "$secret"
fails 'that is a virtual key; use `bitrouter key revoke`'
try 0 key list --json
is_json "len(j) == 2 and not any('key' in k or 'hash' in k for k in j)"
try 0 key rotate "$full"
check "a new key" grep -qE '^brvk_[A-Za-z0-9_-]{43}$' "$work/out"
check "which is another" [ "$(cat "$work/out")" != "$full" ]
next=$(cat "$work/out")
next_id=brvk_id_$(printf %s "$next" | sha256sum | cut -c1-16)
try 0 key list
out "^$full_id .* replaced\$"
out "^$next_id +my laptop +eng +admin +4102444800 +5 +good\$"
try 1 key rotate "$full_id"
fails "$full_id is revoked: it has no rights left"
try 0 key revoke "$next_id"
says "Revoked key: $next_id"
try 0 key list
out "^$next_id .* revoked\$"
try 0 key revoke "$secret" --json
is_json "j['revoked'] == 'brvk_id_${hash:0:16}'"
try 1 key revoke brvk_id_0000000000000000x
err '^Error: No key matching prefix'
try 1 key revoke brvk_id_
err '^Error: Ambiguous prefix'
echo '{' > "$keys/virtual/brvk_id_x.json"
try 0 key list
err '^Warning: .*brvk_id_x.json'
rm "$keys/virtual/brvk_id_x.json"

#  ---- an account goes

try 0 account --rm "$known"
says "Removed account: $known"
check "its folder is gone" [ ! -e "$keys/$known" ]
check "its address is marked" \
    [ -e "$keys/rotated/9C6hybhQ6Aycep9jaUnP6uL9ZYvDjUp1aSkFWPUFJtpj" ]
check "so is the other" [ -e "$keys/rotated/0x6370eF2f4Db3611D657b90667De398a2Cc2a370C" ]
try 1 keygen
fails "$none"
try 0 account --rm "$third" --json
is_json "j == {'removed': '$third'}"
try 0 account
out "^  \[0\] $first\$"
try 0 key sign --name free --json
is_json "j['account'] == j['id']"

#  ---- the older folder

home=$work/older
mkdir -p "$home/keys/$known"
printf '{"algorithm":"web3","seed":"AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA"}' \
    > "$home/keys/$known/master.json"
echo "$known" > "$home/keys/active"
try 0 account
out "^  \[0\] $known \*\$"
try 0 keygen
check "nothing new" [ ! -e "$home/.keys" ]

#  ---- what cannot be written

if [ "$(id -u)" != 0 ]; then
    chmod 500 "$home/keys"
    try 1 account -g
    err '^Error: .*cannot be'
    chmod 700 "$home/keys"
fi
home=$work/file
mkdir "$home"
touch "$home/.keys"
try 1 account -g
err '^Error: .*\.keys'

report
