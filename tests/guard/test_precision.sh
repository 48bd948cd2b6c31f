#!/bin/sh
#  Whether the guard's patterns are as precise, and find as much, as docs/GUARD.md says.
exec "$(dirname "$(realpath "$0")")/evaluate.sh"
