#!/usr/bin/env bash
#  Every actor has its page, its module.am and its line in Makefile.am; every source, test
#  and header is listed in a module.am, so that no file is built nowhere.

set -euo pipefail
cd "$(dirname "$0")/../.."

rc=0
complain () {
    printf '%s\n' "$*"
    rc=1
}

for actor in actors/*/; do
    actor=${actor%/}
    [ -f "$actor/README.md" ] || complain "$actor has no README.md"
    [ -f "$actor/module.am" ] || complain "$actor has no module.am"
done
#  A folder inside another may be included by that one's.
while read -r module; do
    outer=$(dirname "$(dirname "$module")")/module.am
    [ -f "$outer" ] || outer=Makefile.am
    grep -qxF "include $module" Makefile.am "$outer" || complain "$outer does not include $module"
done < <(find actors broker cli tui tests bench conf docs -name module.am)

listed=$(find . -name module.am -not -path './build*' -exec cat {} + \
    | sed 's/#.*//' | tr -s ' \t\\=+' '\n')
while read -r source; do
    grep -qxF "$source" <<< "$listed" || complain "$source is listed in no module.am"
done < <(find actors broker cli tui bench -name '*.[ch]'
    find tests -name 'test_*.c' -not -path '*/node_modules/*')
exit $rc
