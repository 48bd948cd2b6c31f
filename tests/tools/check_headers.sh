#!/usr/bin/env bash
#  Every header compiles alone, and has a guard.

set -euo pipefail
cd "$(dirname "$0")/../.."

rc=0
while read -r header; do
    if ! grep -q '^#ifndef BR_' "$header"; then
        echo "$header has no guard that begins with BR_"
        rc=1
    fi
    # shellcheck disable=SC2086
    ${CC:-cc} -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -I. ${DEPS_CFLAGS-} \
        -fsyntax-only -x c -include "$header" /dev/null || rc=1
done < <(find broker actors cli tui -name '*.h')
exit $rc
