#!/usr/bin/env bash
#  Who may include whom: core nothing above it, net and proto only core and each other,
#  identity core, ledger and guard core and proto, an actor broker and itself, cli core,
#  proto, keys, guard and the ledger's files, tui only core and itself.

set -euo pipefail
cd "$(dirname "$0")/../.."

rc=0
#  forbid FOLDER ALLOWED: every "quoted" include of the folder must match the pattern
forbid () {
    local folder=$1 allowed=$2 bad
    [ -d "$folder" ] || return 0
    bad=$(find "$folder" -name '*.[ch]' -not -path cli/main.c -exec grep -Hn '^ *# *include *"' {} + \
        | grep -vE "include *\"($allowed)" || true)
    if [ -n "$bad" ]; then
        printf '%s may include only %s:\n%s\n' "$folder" "$allowed" "$bad"
        rc=1
    fi
}

forbid broker/core 'broker/core/'
forbid broker/net 'broker/(core|net)/'
forbid broker/proto 'broker/(core|net|proto)/'
forbid broker/identity 'broker/(core|identity)/'
forbid broker/ledger 'broker/(core|proto|ledger)/'
forbid broker/guard 'broker/(core|proto|guard)/'
for actor in actors/*/; do
    forbid "${actor%/}" "broker/|$actor"
done
#  cli/main.c is left out above: it alone knows which actors there are.
forbid cli 'broker/(core|proto|identity|ledger|guard)/|cli/|tui/'
forbid tui 'broker/core/|tui/'
exit $rc
