#!/usr/bin/env bash
#  `bitrouter config schema`, held by a real validator against the files that lie in the
#  tree, and against mistakes that it must find. BITROUTER names the program.

set -uo pipefail
export LC_ALL=C.UTF-8

bitrouter=${BITROUTER:-./bitrouter}
source=${BR_SOURCE_DIR:-$(dirname "$0")/../..}
if [ ! -x "$bitrouter" ]; then
    echo "no program $bitrouter"
    exit 77
fi
if ! python3 -c 'import jsonschema, yaml' 2> /dev/null; then
    echo "needs python3-jsonschema and python3-yaml"
    exit 77
fi
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
"$bitrouter" config schema > "$work/schema.json" || exit 1
#  The file of all settings, with their defaults instead of comments.
sed -E 's/^#([^#]|$)/\1/' "$source/conf/bitrouter.yaml" > "$work/uncommented.yaml"

cat > "$work/validate.py" << 'END'
import json, sys, warnings
import yaml
warnings.simplefilter("ignore")
from jsonschema import Draft202012Validator

schema = json.load(open(sys.argv[1]))
Draft202012Validator.check_schema(schema)
validator = Draft202012Validator(schema)
failed = 0

def check(name, tree, fits):
    global failed
    errors = list(validator.iter_errors(tree))
    if bool(errors) == fits:
        failed += 1
        print("FAIL", name, [e.json_path + ": " + e.message[:200] for e in errors][:3])

for path in sys.argv[2:]:
    check(path, yaml.safe_load(open(path)), True)

good = """
{}
server: { listen: [127.0.0.1:1, 127.0.0.1:2], calls_max: "${CALLS}", drain_secs: 1.5 }
server: { skip_auth: yes, require_auth: "off", log_level: "${LEVEL}" }
server: { calls_max: "8" }
server: { remote: { admin: "tcp://0.0.0.0:7701", events: "tcp://0.0.0.0:7702" } }
server:
providers: { a: { api_protocol: [openai, {"x-*": [messages, openai]}] } }
providers: { a: }
providers: [{ id: a, api_base: "http://x" }, b]
models: [{ smart: { endpoints: [{ provider: p, model_id: m }] } }]
models: { m: { strategy: round_robin, pricing: { input_micro_usd_per_token: 1 } } }
limits: { models: { "gpt-*": { requests_per_minute: 5 } } }
plugins: { anything: [1, { at: all }] }
tools: { t: { pricing: { default_cost_per_call: 0.5, methods: { a: 1 } } } }
"""
bad = """
servr: {}
server: { listn: 1 }
server: { remote: 7701 }
server: { calls_max: 0 }
server: { calls_max: 65537 }
server: { calls_max: many }
server: { drain_secs: -1 }
server: { log_level: loud }
server: { skip_auth: perhaps }
server: 7
providers: { a: { api_protcol: openai } }
providers: { a: { api_protocol: smoke } }
providers: { a: { auth: {} } }
models: { m: { strategy: coin_toss } }
models: { m: { endpoints: [{ service_id: x }] } }
models: { m: { pricing: { input_tokens: { no_cache: -1 } } } }
models: { m: { max_input_tokens: 1.5 } }
guardrails: { upgoing: { api_keys: shred } }
models: 7
"""
for text in good.strip().splitlines():
    check(text, yaml.safe_load(text), True)
for text in bad.strip().splitlines():
    check(text, yaml.safe_load(text), False)
print(f"{failed} failed")
sys.exit(failed > 0)
END
python3 "$work/validate.py" "$work/schema.json" "$work/uncommented.yaml" \
    "$source/conf/bitrouter.yaml" "$source"/conf/providers/*.yaml \
    "$source"/tests/data/conf/*.yaml
