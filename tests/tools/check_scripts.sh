#!/usr/bin/env bash
#  Every shell script parses, is executable and, in bash, knows its variables.

set -euo pipefail
cd "$(dirname "$0")/../.."

rc=0
while read -r script; do
    bash -n "$script" || rc=1
    grep -q '^#!' "$script" || continue #  meant to be sourced
    [ -x "$script" ] || { echo "$script is not executable"; rc=1; }
    grep -q '^#!.*bash' "$script" || continue
    if command -v shellcheck > /dev/null; then
        shellcheck -x -S warning "$script" || rc=1
    fi
    grep -qE '^set -[a-z]*u' "$script" || { echo "$script has no set -u"; rc=1; }
done < <(printf '%s\n' quickstart check .ci/run; \
    find tests docs bench conf -name '*.sh' -not -path '*/node_modules/*')
exit $rc
