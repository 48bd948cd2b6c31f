#!/usr/bin/env bash
#  llms.txt and llms-full.txt are as docs/llms.sh makes them now, every page that they name
#  is there, and so is every page that a page of the cookbook names.

set -euo pipefail
cd "$(dirname "$0")/../.."

fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
docs/llms.sh "$fresh"
rc=0
for file in llms.txt llms-full.txt; do
    cmp -s "$file" "$fresh/$file" || { echo "$file is old: run docs/llms.sh ."; rc=1; }
done
while read -r path; do
    [ -f "$path" ] || { echo "llms.txt names $path"; rc=1; }
done < <(sed -n 's/^- \[.*\](\(.*\))$/\1/p' llms.txt)
for page in docs/cookbook/*.md; do
    name=$(basename "$page")
    [ "$name" = README.md ] || grep -qF "($name)" docs/cookbook/README.md \
        || { echo "docs/cookbook/README.md does not name $name"; rc=1; }
done
while read -r name; do
    [ -f "docs/cookbook/$name" ] || { echo "docs/cookbook/README.md names $name"; rc=1; }
done < <(grep -oE '\]\([a-z-]+\.md\)' docs/cookbook/README.md | tr -d '()]')
exit $rc
