#!/usr/bin/env bash
#  Kills of the meter, of the owner of budgets and of all at once, in a load: what was
#  told to a client is on the books once, and no budget is overrun. BR_SECONDS (75) is how
#  long, BR_SEED repeats the choices of a run, BR_KEEP=1 leaves the folders with the logs.

set -uo pipefail
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
command -v python3 > /dev/null || { echo "no python3"; exit 77; }
exec env -u BITROUTER_HOME -u BITROUTER_LISTEN -u BITROUTER_DATABASE_URL -u http_proxy \
    -u https_proxy -u all_proxy python3 -B "$here/../money/crashes.py"
