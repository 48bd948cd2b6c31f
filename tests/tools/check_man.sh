#!/usr/bin/env bash
#  The manual pages are free of mistakes, every command of the program is in
#  bitrouter(1), every key of the schema in bitrouter.yaml(5) and every key of a topology
#  in bitrouter-topology(5).

set -euo pipefail
cd "$(dirname "$0")/../.."

rc=0
complain () {
    printf '%s\n' "$*"
    rc=1
}

#  names FILE...: the words of the rows that describe keys
names () {
    cat "$@" | tr -d '\n' | sed 's/, *}/}/g' | grep -oE \
        '\b((NEED|TEXT|SECRET|FREE|YESNO|WHOLE|WHOLE_IN|SECS_IN|SIGNED|NUMBER|WORD|PART|LIST) \([a-z0-9_]+_t, *[a-z0-9_]+|ROW_LIKE \([A-Z]+, [a-z0-9_]+_t, *[a-z0-9_]+|(TEXT_AT|LIST_AT|WHOLE_IN_AT|CYAML_FIELD_[A-Z_]+) \(" *[a-z0-9_]+)' \
        | sed -E 's/.*[ ,"]([a-z0-9_]+)$/\1/' | sort -u
}

#  knows PAGE WORD: on a line of a macro, not in running text
knows () {
    grep -qE "^\.[A-Z].*\b$2\b" "$1"
}

for word in $(names broker/core/conf_schema*.c); do
    case $word in
    id | key | value) continue ;; #  a map's names and its values
    esac
    knows docs/man/bitrouter.yaml.5 "$word" || complain "bitrouter.yaml.5 lacks $word"
done
for word in $(names broker/core/topology.c); do
    knows docs/man/bitrouter-topology.5 "$word" || complain "bitrouter-topology.5 lacks $word"
done
for word in $(sed -n 's/^ *\.name = "\([a-z-]*\)".*/\1/p' cli/*.c) \
    $(sed -n 's/^BR_ADMIN (\([a-z]*\).*/\1/p' broker/core/br_admin.def); do
    knows docs/man/bitrouter.1 "$word" || [ "$word" = bitrouter ] \
        || complain "bitrouter.1 lacks $word"
done

for page in docs/man/*.[0-9]; do
    if command -v mandoc > /dev/null; then
        #  Other systems' rules about names and order are not ours.
        mandoc -T lint -W warning "$page" || rc=1
    elif command -v groff > /dev/null; then
        said=$(groff -ww -z -mandoc -Tutf8 "$page" 2>&1)
        [ -z "$said" ] || complain "$said"
    fi
done
exit $rc
