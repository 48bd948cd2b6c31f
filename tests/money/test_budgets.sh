#!/usr/bin/env bash
#  Budgets and the rights of keys: crowds of callers against a whole bitrouter, in each
#  placement. Starts in the build folder; BITROUTER and MOCK name the programs, BR_ONLY is
#  one, processes, hosts or rules; BR_KEEP=1 leaves the folders with the logs.

set -uo pipefail
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
command -v python3 > /dev/null || { echo "no python3"; exit 77; }
exec env -u BITROUTER_HOME -u BITROUTER_LISTEN -u BITROUTER_DATABASE_URL -u http_proxy \
    -u https_proxy -u all_proxy python3 -B "$here/budgets.py"
