#!/usr/bin/env bash
#  The manual pages are free of mistakes, every command of the program is in
#  bitrouter(1), with every option that it takes and every exit status there is, every key
#  of the schema in bitrouter.yaml(5) and every key of a topology in bitrouter-topology(5).

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
    $(sed -n 's/^BR_ADMIN (\([a-z_]*\).*/\1/p' broker/core/br_admin.def); do
    knows docs/man/bitrouter.1 "$word" || [ "$word" = bitrouter ] \
        || complain "bitrouter.1 lacks $word"
done

#  has_option OPTION: as mdoc writes it, "--json" is Fl -json, also behind a bar or a comma
has_option () {
    grep -qE "^\\.(Fl|[A-Z].*\bFl) (.*[ ,|] *)?${1#-}( |\$)" docs/man/bitrouter.1
}
for option in $(grep -ohE 'cli_take_(option|switch) \([^"]*"-[-a-z]+"|static const char option\[\] = "-[-a-z]+"|\{ "--[a-z-]+", &cli->' cli/*.c \
    | grep -oE '"-[-a-z]+"' | tr -d '"' | sort -u); do
    case $option in
    --headless) continue ;; #  which is refused
    esac
    has_option "$option" || complain "bitrouter.1 lacks the option $option"
done
statuses=$(sed -nE 's/^#define CLI_(OK|FAILED|USAGE|BREAK) ([0-9]+).*/\2/p' cli/*.h)
for status in $statuses; do
    sed -n '/^\.Sh EXIT STATUS/,/^\.Sh EXAMPLES/p' docs/man/bitrouter.1 | grep -qx "\.It $status" \
        || complain "bitrouter.1 lacks the exit status $status"
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
