#!/usr/bin/env bash
#  Whether the books balance: a mixed load against the ledger, to the nano-dollar, and
#  each way to break its chain. Starts in the build folder; BITROUTER and MOCK name the
#  programs, BR_SEED repeats the choices of a run; BR_KEEP=1 leaves the folder with the
#  logs.

set -uo pipefail
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
command -v python3 > /dev/null || { echo "no python3"; exit 77; }
exec env -u BITROUTER_HOME -u BITROUTER_LISTEN -u BITROUTER_DATABASE_URL -u http_proxy \
    -u https_proxy -u all_proxy python3 -B "$here/books.py"
