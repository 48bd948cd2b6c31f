#!/usr/bin/env bash
#  Guardrails on the command line as a user has them: what is looked for, and dry runs of
#  texts and bodies. No server is needed. BITROUTER names the program.

set -uo pipefail
# shellcheck source=tests/cli/tried.sh
. "${BR_SOURCE_DIR:-$(cd "$(dirname "$0")/../.." && pwd)}/tests/cli/tried.sh"
mkdir "$home"

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

#  ---- streams

stream () { #  stream TEXT...: events of Chat Completions, and their end
    local text
    for text in "$@"; do
        printf 'data: {"choices":[{"index":0,"delta":{"content":"%s"}}]}\n\n' "$text"
    done > "$work/in"
    printf 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n' \
        >> "$work/in"
    printf 'data: [DONE]\n\n' >> "$work/in"
}
stream 'a ha' 'lt_1' '2 b'
try 1 guard test --protocol chat --direction downgoing
out '^block +custom +halt +downgoing text +byte 2'
err 'guardrail blocked downgoing text content'
stream 'rm -r' 'f / '
try 0 guard test --protocol chat --direction downgoing
out '^warn +suspicious_commands +rm_root +downgoing text'
try 0 guard test --protocol chat --direction downgoing --redacted
out '"content":"rm -rf / "'
out '^data: \[DONE\]$'
input 'data: {"type":"x'
try 1 guard test --protocol messages --direction downgoing
err 'no stream of events of that protocol'

#  ---- what is wrong

input 'a.person@example.org'
try 1 guard test --provider opnai
err '^Error: there is no provider "opnai"; did you mean "openai"\?$'
silent out
try 1 guard list --provider nowhere-at-all
err '^Error: there is no provider "nowhere-at-all"$'

input ''
try 0 guard test
says 'nothing was found'
try 1 guard test --protocol chat
err 'the input is no JSON of that protocol'
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
for section in guardrail Guardrails GUARDRAILS guard; do
    printf '%s: {upgoing: {api_keys: block}}\n' "$section" > "$home/bitrouter.yaml"
    try 1 config check
    err "bitrouter.yaml:1:1: unknown key \"$section\"; did you mean \"guardrails\"\?"
    try 1 guard test
done
printf 'guardrails: {tools: {providers: {github: {filter: {allow: []}}}}}\n' \
    > "$home/bitrouter.yaml"
try 1 config check
err 'guardrails\.tools\.providers\.github\.filter\.allow: expected at least one name'
printf 'guardrails: {enabled: false}\n' > "$home/bitrouter.yaml"
input 'password: hunter2hunter'
try 0 guard test
says 'nothing was found'
try 0 guard list
out '^api_keys +[a-z_]+ +off +off'

#  ---- what is no plain text at first sight

cat > "$home/bitrouter.yaml" <<'END'
guardrails:
  upgoing: {credentials: redact}
  downgoing: {suspicious_commands: block}
  custom_patterns: [{name: token, regex: "myapp_[A-Za-z0-9]{4}", action: redact}]
END
for action in '["rm","-rf","/"]' '["mkfs.ext4","/dev/sda1"]'; do
    input '{"output":[{"type":"local_shell_call","action":{"type":"exec","command":'"$action"'}}]}'
    try 1 guard test --protocol responses --direction downgoing
    out '^block +suspicious_commands'
    input 'data: {"type":"response.output_item.done","output_index":0,"item":{"type":"shell_call","action":{"commands":'"$action"'}}}

'
    try 1 guard test --protocol responses --direction downgoing
    out '^block +suspicious_commands'
done
for member in '"extra_body":{"password":"hunter2hunter"}' \
    '"prompt":{"id":"p","variables":{"password":"hunter2hunter"}}' \
    '"input":[{"type":"shell_call","action":{"commands":["env"],"env":{"DB_PASSWORD":"hunter2hunter"}}}]'; do
    input "{$member}"
    try 0 guard test --protocol responses --redacted
    out 'ASSWORD":"\[REDACTED\]"|assword":"\[REDACTED\]"'
    no_out 'hunter2'
done
token=$(printf 'it is myapp_abcd here' | base64)
for url in "data:application/pdf;base64,$token" "data:image/svg+xml;base64,$token" \
    "data:image/png;base64,it is myapp_abcd, raw"; do
    input '{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"'"$url"'"}}]}]}'
    try 0 guard test --protocol chat
    out '^redact +custom +token'
done

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
input 'data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"c","type":"function","function":{"name":"functions.Bash","arguments":""}}]}}]}

'
try 1 guard test --protocol chat --direction downgoing
err "tool 'functions.Bash' is not allowed"
printf 'guardrails: {rules: [{key: [a], upgoing: {api_keys: block}}]}\n' \
    > "$home/bitrouter.yaml"
try 1 guard test
err 'bitrouter.yaml:1:23: unknown key "key" in guardrails.rules.0: .*did you mean "keys"'

report
