#!/usr/bin/env bash
#  A provider's host is killed between its first bytes and the client's, ROUNDS times.
set -u
source=${BR_SOURCE_DIR:-$(cd "$(dirname "$0")/../.." && pwd)}
exec "${BR_BUILD_DIR:-.}/tests/chaos/fence" "$source/tests/place/topology/fence.yaml" "${ROUNDS:-500}"
