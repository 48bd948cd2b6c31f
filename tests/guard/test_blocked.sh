#!/usr/bin/env bash
#  What a blocked answer costs: rows, budgets and sums have what the provider has given.
#  Starts in the build folder; BITROUTER and MOCK name the programs. BR_KEEP=1 leaves the
#  folders with the logs.

set -uo pipefail
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
command -v python3 > /dev/null || { echo "no python3"; exit 77; }
exec env -u BITROUTER_HOME -u BITROUTER_LISTEN -u BITROUTER_DATABASE_URL -u http_proxy \
    -u https_proxy -u all_proxy PYTHONPATH="$here/../money" python3 -B "$here/blocked.py"
