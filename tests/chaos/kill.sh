#!/usr/bin/env bash
#  Each host process is killed in turn, again and again, while calls are under way.
set -u
source=${BR_SOURCE_DIR:-$(cd "$(dirname "$0")/../.." && pwd)}
exec "${BR_BUILD_DIR:-.}/tests/chaos/kill" "$source/conf/topology/processes.yaml" "${ROUNDS:-50}"
