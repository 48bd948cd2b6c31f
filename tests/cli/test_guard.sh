#!/usr/bin/env bash
#  Guardrails on the command line as a user has them: what is looked for, and dry runs of
#  texts and bodies. No server is needed. BITROUTER names the program.

set -uo pipefail
export LC_ALL=C.UTF-8

bitrouter=${BITROUTER:-./bitrouter}
if [ ! -x "$bitrouter" ]; then
    echo "no program $bitrouter"
    exit 77
fi
bitrouter=$(realpath "$bitrouter")
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
home=$work/home
passed=0 failed=0
unset BITROUTER_HOME BITROUTER_LISTEN BITROUTER_DATABASE_URL
mkdir "$home"
cd "$work" || exit 99

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

#  try STATUS ARGUMENT...: runs the program on the file "in"; its output is in out and err.
try () {
    local wanted=$1 rc=0
    shift
    timeout 60 "$bitrouter" --home-dir "$home" "$@" < "$work/in" > "$work/out" \
        2> "$work/err" || rc=$?
    check "status of bitrouter $*" [ "$rc" = "$wanted" ]
}

out () { #  out PATTERN: extended
    check "stdout" grep -qE -- "$1" "$work/out"
}

no_out () { #  no_out PATTERN
    check "stdout has no $1" [ "$(grep -cE -- "$1" "$work/out")" = 0 ]
}

err () {
    check "stderr" grep -qE -- "$1" "$work/err"
}

says () { #  says TEXT: all of stdout
    check "stdout is $1" [ "$(cat "$work/out")" = "$1" ]
}

silent () { #  silent out|err
    check "$1 is empty" [ ! -s "$work/$1" ]
}

#  is_json EXPRESSION: out is JSON, and python says so of it, which is j
is_json () {
    command -v python3 > /dev/null || return 0
    check "stdout is JSON with $1" python3 -c 'import json, sys
j = json.load(open(sys.argv[1]))
sys.exit(0 if eval(sys.argv[2]) else 1)' "$work/out" "$1"
}

input () { #  input TEXT: of the next runs
    printf '%s' "$1" > "$work/in"
}

cat > "$home/bitrouter.yaml" <<'END'
guardrails:
  disabled_patterns: [ip_addresses]
  custom_patterns:
    - {name: internal_token, regex: "myapp_[A-Za-z0-9]{4}", action: redact}
    - {name: halt, regex: "halt_[0-9]+", direction: both, action: block}
  rules:
    - {keys: ["bob"], custom_upgoing: {internal_token: block}}
    - {routes: ["fast-*"], upgoing: {pii_emails: redact}}
    - {providers: [openai], upgoing: {pii_emails: block}}
END

#  ---- list

input ''
try 0 guard list
out '^FAMILY +PATTERN +UPGOING +DOWNGOING'
out '^api_keys +[a-z_]+ +warn +off'
out '^suspicious_commands +[a-z_]+ +off +warn'
out '^ip_addresses +[a-z0-9_]+ +off +off'
out '^custom +internal_token +redact +off'
out '^custom +halt +block +block'
silent err
try 0 guard list --key bob --json
is_json '[r["upgoing"] for r in j if r["pattern"] == "internal_token"] == ["block"]'
try 0 guard list --provider anthropic --route fast-1
out '^pii_emails +[a-z_]+ +redact +off'
try 2 guard list more
silent out

#  ---- a text

input 'nothing here'
try 0 guard test
says 'nothing was found'
silent err
try 0 guard test --redacted
says 'nothing here'

input 'one
two myapp_abcd x a.person@example.org'
try 0 guard test --provider anthropic
out '^redact +custom +internal_token +upgoing text +2:5 +my.*\(8\) +matches'
out '^warn +pii_emails +[a-z_]+ +upgoing text +2:18'
no_out 'myapp_abcd|a\.person@'
try 0 guard test --provider anthropic --redacted
says 'one
two [REDACTED] x a.person@example.org'
try 0 guard test --provider anthropic --route fast-2 --redacted
says 'one
two [REDACTED] x [REDACTED]'
try 1 guard test --provider anthropic --key bob
out '^block +custom +internal_token'
err "^Error: guardrail blocked upgoing text content: custom pattern 'internal_token'\."
try 1 guard test --provider anthropic --key bob --redacted
silent out
try 1 guard test --json
is_json 'j["action"] == "block" and len(j["findings"]) == 2'
is_json 'j["findings"][0]["line"] == 2 and j["findings"][0]["offset"] == 8'
no_out 'myapp_abcd|a\.person@'
try 1 guard test --json --redacted
is_json 'j["redacted"] is None'
try 0 guard test --json --redacted --provider anthropic
is_json '"[REDACTED] x" in j["redacted"]'

input 'halt_1'
try 1 guard test --direction downgoing
out '^block +custom +halt +downgoing text +1:1'
try 0 guard test --direction downgoing --file /dev/null
says 'nothing was found'

#  ---- bodies

input '{"model":"m","messages":[{"role":"user","content":"a myapp_\u0061bcd b"}]}'
try 0 guard test --protocol chat
out '^redact +custom +internal_token +upgoing user message +byte 2'
try 0 guard test --protocol chat --redacted
says '{"model":"m","messages":[{"role":"user","content":"a [REDACTED] b"}]}'
input '{"model":"m","max_tokens":9,"system":"halt_1","messages":[]}'
try 1 guard test --protocol messages
err 'guardrail blocked upgoing system message content'
input '{"input":"halt_1"}'
try 1 guard test --protocol responses
out '^block +custom +halt +upgoing user message'
input '{"contents":[{"role":"user","parts":[{"text":"halt_1"}]}]}'
try 1 guard test --protocol google
out '^block +custom +halt +upgoing user message'
input 'no JSON'
try 1 guard test --protocol chat
err '^Error: the input is no JSON of that protocol'

#  ---- what is wrong

try 1 guard test --file "$work/nowhere"
err 'nowhere: cannot be read'
try 2 guard test --protocol soap
err 'no protocol "soap"'
try 2 guard test --direction sideways
err 'no direction "sideways"'
try 2 guard test more
try 2 guard
try 0 guard test --help
out 'Exit status 1'
printf 'guardrails: {upgoing: {api_key: block}}\n' > "$home/bitrouter.yaml"
try 1 guard list
err 'bitrouter.yaml:1:24: guardrails.upgoing: there is no pattern family "api_key"; did'
try 1 config check
err 'did you mean "api_keys"'
printf 'guardrails: {enabled: false}\n' > "$home/bitrouter.yaml"
input 'password: hunter2hunter'
try 0 guard test
says 'nothing was found'
try 0 guard list
out '^api_keys +[a-z_]+ +off +off'

#  ---- tools

cat > "$home/bitrouter.yaml" <<'END'
guardrails:
  tools:
    providers:
      "*": {filter: {deny: [bash]}}
END
input '{"tools":[{"name":"bash"},{"name":"read"}],"messages":[]}'
try 0 guard test --protocol messages
out '^rules for tools: taken out$'
try 0 guard test --protocol messages --redacted
says '{"tools":[{"name":"read"}],"messages":[]}'
input '{"content":[{"type":"tool_use","name":"bash","input":{}}]}'
try 1 guard test --protocol messages --direction downgoing --json
is_json 'j["tools"] == "refused" and j["action"] == "block"'
err "tool 'bash' is not allowed"

printf '%s passed, %s failed\n' "$passed" "$failed"
[ "$failed" = 0 ]
