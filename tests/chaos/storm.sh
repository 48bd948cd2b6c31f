#!/usr/bin/env bash
#  Hosts are killed at random while CALLS calls are made. BR_SEED repeats a storm's choices.
set -u
source=${BR_SOURCE_DIR:-$(cd "$(dirname "$0")/../.." && pwd)}
exec "${BR_BUILD_DIR:-.}/tests/chaos/storm" "$source/conf/topology/processes.yaml" "${CALLS:-9000}" "${BR_SEED:-0}"
