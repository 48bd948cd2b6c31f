#!/usr/bin/env bash
#  Files have at most 700 lines, functions at most 80; of tests only files are counted.

set -euo pipefail
cd "$(dirname "$0")/../.."

find broker actors cli tui bench tests -name '*.[ch]' -not -path '*/node_modules/*' -print0 \
    | xargs -0 awk -v file_max=700 -v function_max=80 '
    function file_end() {
        if (lines > file_max) {
            printf "%s: %d lines, %d are allowed\n", file, lines, file_max
            bad = 1
        }
    }
    FNR == 1 { file_end(); file = FILENAME; inside = 0 }
    { lines = FNR }
    #  The name of a definition stands at the left margin, its braces too.
    /^[a-z_][a-z0-9_]* \(/ { name = $1; first = FNR }
    /^{/ { inside = 1 }
    /^}/ && inside {
        inside = 0
        if (FNR - first + 1 > function_max && file !~ /^tests\//) {
            printf "%s:%d: %s has %d lines, %d are allowed\n", file, first, name, \
                FNR - first + 1, function_max
            bad = 1
        }
    }
    END { file_end(); exit bad }'
