#!/usr/bin/env bash
#  Kills of the ledger's own database, a PostgreSQL and a MariaDB, in a load and while nothing
#  is written: no call fails for it, and every row is there afterwards, also when the
#  database has forgotten its last second. BR_SECONDS (80) is how long, BR_SEED repeats the
#  choices of a run, BR_ONLY names one of both, BR_KEEP=1 leaves the folders with the logs.

set -uo pipefail
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
command -v python3 > /dev/null || { echo "no python3"; exit 77; }
exec env -u BITROUTER_HOME -u BITROUTER_LISTEN -u BITROUTER_DATABASE_URL -u http_proxy \
    -u https_proxy -u all_proxy python3 -B "$here/../money/outages.py"
