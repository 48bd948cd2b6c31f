#!/usr/bin/env bash
#  The guard's process is killed in a load, and rules are changed by a reload: what redacts
#  and blocks never lets anything through, what fails open tells what it does, what warns is
#  in nobody's way. Starts in the build folder; BITROUTER and MOCK name the programs.
#  BR_SECONDS is how long kills go on (6, deep 30), BR_SEED repeats the choices of a run,
#  BR_ONLY is kills, placements or reload; BR_KEEP=1 leaves the folders with the logs.

set -uo pipefail
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
command -v python3 > /dev/null || { echo "no python3"; exit 77; }
exec env -u BITROUTER_HOME -u BITROUTER_LISTEN -u BITROUTER_DATABASE_URL -u http_proxy \
    -u https_proxy -u all_proxy PYTHONPATH="$here/../money" python3 -B "$here/kills.py"
