#!/usr/bin/env bash
#  The agent skill is as the format wants it: front matter first, a name of lower-case words
#  that is the folder's, a description of at most 1024 characters, and a body short enough to
#  be read whole. The lines that copy it are in the README, where they are run.

set -euo pipefail
cd "$(dirname "$0")/../.."

skill=skills/bitrouter/SKILL.md
rc=0
complain () {
    printf '%s: %s\n' "$skill" "$*"
    rc=1
}

front=$(awk 'NR == 1 { if ($0 != "---") exit; next } /^---$/ { done = 1; exit } { print }
    END { if (!done) print "broken" }' "$skill")
field () { sed -n "s/^$1: //p" <<< "$front"; }
[ "$front" != broken ] || complain "the front matter does not end"
[ "$(field name)" = "$(basename "$(dirname "$skill")")" ] || complain "its name is not its folder's"
[[ $(field name) =~ ^[a-z0-9]+(-[a-z0-9]+)*$ ]] || complain "a name has lower-case words only"
description=$(field description)
[ -n "$description" ] && [ ${#description} -le 1024 ] || complain "its description has ${#description} characters"
[[ $description == *"Use when"* ]] || complain "the description does not say when to use it"
[ "$(wc -l < "$skill")" -le 500 ] || complain "more than 500 lines"
while read -r key; do
    case $key in
    name | description | license | compatibility | metadata | allowed-tools) ;;
    *) complain "the format has no field $key" ;;
    esac
done < <(sed -n 's/^\([a-z-]*\):.*/\1/p' <<< "$front")
for folder in '~'/.claude .github .cursor; do
    grep -qF "cp -r skills/bitrouter $folder/skills/" README.md || complain "README.md does not copy it to $folder"
done
exit $rc
