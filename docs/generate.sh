#!/usr/bin/env bash
#  Writes the documents that are made from tables, below FOLDER as they lie below docs/:
#      docs/generate.sh docs
#  Needs a C compiler (CC), and no build.

set -euo pipefail

if [ $# != 1 ]; then
    echo "usage: docs/generate.sh FOLDER" >&2
    exit 2
fi
mkdir -p "$1/rfc" "$1/man"
out=$(cd "$1" && pwd)
cd "$(dirname "${BASH_SOURCE[0]}")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

${CC:-cc} -std=c11 -I. -o "$work/generate" docs/generate.c

#  make WHAT FILE: whole files only
make () {
    "$work/generate" "$1" > "$work/$1"
    cp "$work/$1" "$out/$2"
}
make verbs rfc/2-VERBS.md
make events rfc/5-EVENTS.md
make admin rfc/6-ADMIN.md
make errors rfc/9-ERRORS.md
make events.7 man/bitrouter-events.7
