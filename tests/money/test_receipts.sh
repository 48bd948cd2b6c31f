#!/usr/bin/env bash
#  Signed receipts: in every protocol, in each placement, each is held against the body that
#  was sent, the ledger, and what the mock provider has told. Starts in the build folder;
#  BITROUTER and MOCK name the programs; BR_ONLY is one, processes or hosts; BR_KEEP=1
#  leaves the folders with the logs.

set -uo pipefail
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
command -v python3 > /dev/null || { echo "no python3"; exit 77; }
exec env -u BITROUTER_HOME -u BITROUTER_LISTEN -u BITROUTER_DATABASE_URL -u http_proxy \
    -u https_proxy -u all_proxy python3 -B "$here/receipts.py"
