#!/usr/bin/env bash
#  Writes llms.txt, the list of the documents for a language model, and llms-full.txt, those
#  that a user needs in one file, into FOLDER:
#      docs/llms.sh .

set -euo pipefail
export LC_ALL=C.UTF-8

if [ $# != 1 ]; then
    echo "usage: docs/llms.sh FOLDER" >&2
    exit 2
fi
mkdir -p "$1"
out=$(cd "$1" && pwd)
cd "$(dirname "${BASH_SOURCE[0]}")/.."

summary="One local endpoint for every language model, for any agent: a router in C that speaks OpenAI Chat
> Completions and Responses, Anthropic Messages and Google generateContent to clients and to providers."

title () { #  title FILE: of a page, or of a manual page
    case $1 in
    *.[1-9]) printf '%s: %s' "$(basename "$1")" "$(sed -n 's/^\.Nd //p' "$1")" ;;
    *) sed -n '/^---$/,/^---$/d; s/^# //p' "$1" | head -n 1 ;;
    esac
}

list () { #  list HEADING FILE...
    printf '\n## %s\n\n' "$1"
    shift
    local file
    for file; do
        printf -- '- [%s](%s)\n' "$(title "$file")" "$file"
    done
}

#  A manual page without its macros; what is left is words in their order.
plain () {
    awk '
    /^\.\\"/ || /^\.(Dd|Dt|Os|Bl|El|Bd|Ed|Pp|Nm)$/ || /^\.(Dd|Dt|Os|Bl|El|Bd|Ed) / { if (/^\.(Pp|Bl|Bd)/) print ""; next }
    /^\.Sh / { sub (/^\.Sh /, ""); print "\n## " $0 "\n"; next }
    /^\.Ss / { sub (/^\.Ss /, ""); print "\n### " $0 "\n"; next }
    /^\./ {
        line = /^\.It/ ? "- " : ""
        sub (/^\./, "")
        flag = 0
        for (i = 1; i <= NF; i++) {
            if ($i == "Fl") { flag = 1; continue }
            if ($i ~ /^[A-Z][a-z]$/ || $i ~ /^(Bro|Brc|Brq)$/) { flag = 0; continue }
            line = line (flag && $i ~ /^-?[A-Za-z]/ ? "-" : "") $i " "
        }
        sub (/ +$/, "", line)
        print line
        next
    }
    { gsub (/\\&/, ""); print }' "$1"
}

guides=(README.md docs/COMPARISON.md docs/ARCHITECTURE.md docs/GUARD.md docs/BENCH.md docs/ADDING.md)
recipes=(docs/cookbook/README.md)
for page in docs/cookbook/*.md; do
    [ "$page" = docs/cookbook/README.md ] || recipes+=("$page")
done
manuals=(docs/man/*.[1-9])
mapfile -t rules < <(printf '%s\n' docs/rfc/*.md | sort -V)

{
    printf '# bitrouter\n\n> %s\n' "$summary"
    list "Start" "${guides[@]}" skills/bitrouter/SKILL.md
    list "Cookbook" "${recipes[@]}"
    list "Manual" "${manuals[@]}"
    list "Contracts" "${rules[@]}"
    printf '\n## Optional\n\n- [Start, Cookbook and Manual in one file](llms-full.txt)\n'
} > "$out/llms.txt"

{
    printf '# bitrouter, the documents of a user in one file\n\n> %s\n' "$summary"
    for page in README.md docs/COMPARISON.md "${recipes[@]}" skills/bitrouter/SKILL.md; do
        printf '\n\n---- %s ----\n\n' "$page"
        cat "$page"
    done
    for page in "${manuals[@]}"; do
        printf '\n\n---- %s ----\n' "$page"
        plain "$page"
    done
} > "$out/llms-full.txt"
