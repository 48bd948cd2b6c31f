#!/usr/bin/env bash
#  Documents that are made from tables are as docs/generate.sh makes them now.
#  docs/generate.sh FOLDER writes the same tree below FOLDER as lies below docs/.

set -euo pipefail
cd "$(dirname "$0")/../.."

if [ ! -x docs/generate.sh ]; then
    echo "no docs/generate.sh"
    exit 77
fi
fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
docs/generate.sh "$fresh"
rc=0
while read -r path; do
    diff -u "docs/$path" "$fresh/$path" || rc=1
done < <(cd "$fresh" && find . -type f | sed 's|^\./||')
[ $rc = 0 ] || echo "run docs/generate.sh docs"
exit $rc
