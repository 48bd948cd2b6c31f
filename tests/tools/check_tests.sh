#!/usr/bin/env bash
#  Every a/b_c.c of broker and actors has its tests/a/test_b_c.c.

set -euo pipefail
cd "$(dirname "$0")/../.."

rc=0
while read -r source; do
    test=tests/$(dirname "$source")/test_$(basename "$source")
    if [ ! -f "$test" ]; then
        printf '%s has no %s\n' "$source" "$test"
        rc=1
    fi
done < <(find broker actors -name '*.c' | sort)
exit $rc
