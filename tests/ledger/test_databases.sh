#!/usr/bin/env bash
#  Ledgers in a PostgreSQL and a MariaDB, each a server of our own. First what a database
#  promises; then a whole bitrouter that writes to it: it takes calls, is killed in the middle
#  and started again; all rows arrive, and one that is changed there is found and named.
#  BITROUTER and MOCK name the programs.

set -uo pipefail
export LC_ALL=C.UTF-8

source=${BR_SOURCE_DIR:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${BR_BUILD_DIR:-$PWD}
bitrouter=${BITROUTER:-$build/bitrouter}
mock=${MOCK:-$build/bench/mock}
store=${STORE:-$build/tests/broker/ledger/test_ledger_store}
# shellcheck source=tests/ledger/databases.sh
. "$source/tests/ledger/databases.sh"

for file in "$bitrouter" "$mock" "$store"; do
    [ -x "$file" ] || { echo "no program $file; make check"; exit 77; }
done
for tool in curl jq initdb postgres psql mariadb-install-db mariadbd mariadb setpriv; do
    program $tool > /dev/null \
        || { echo "no $tool: apt-get install postgresql mariadb-server"; exit 77; }
done
libraries=$(ldd "$bitrouter")
for library in pq mariadb; do
    [[ $libraries == *"lib$library."* ]] \
        || { echo "bitrouter was built without lib$library"; exit 77; }
done
unset "${!BITROUTER_@}" "${!PG@}" http_proxy https_proxy all_proxy
work=$(mktemp -d /tmp/ledger.XXXXXX) || exit 99
export work
chmod 755 "$work"
pids=()
finish () {
    [ ${#pids[@]} = 0 ] || kill -KILL "${pids[@]}" 2> /dev/null
    stop_databases
    rm -rf "$work"
}
trap finish EXIT
passed=0 failed=0

check () { #  check WHAT GOT WANTED
    if [ "$2" = "$3" ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'FAIL %s\n  got    %s\n  wanted %s\n' "$1" "$2" "$3"
    fi
}

start_postgres || { echo "PostgreSQL does not start"; exit 1; }
start_mysql || { echo "MariaDB does not start"; exit 1; }

#  ---- what a database promises

run_store () {
    env BR_TEST_POSTGRES="$(postgres_url)" BR_TEST_MYSQL="$(mysql_url)" \
        BR_TEST_POSTGRES_CLEAR="$source/tests/ledger/clear postgres clear" \
        BR_TEST_POSTGRES_CUT="$source/tests/ledger/clear postgres cut" \
        BR_TEST_MYSQL_CLEAR="$source/tests/ledger/clear mysql clear" \
        BR_TEST_MYSQL_CUT="$source/tests/ledger/clear mysql cut" \
        timeout 300 "$store" > "$work/store.log" 2>&1
}
run_store
check "the promises of all kinds" $? 0
[ $failed = 0 ] || cat "$work/store.log"
passed=$((passed + $(grep -c '^\[       OK \]' "$work/store.log")))

#  ---- a whole bitrouter

admin () { "$bitrouter" --home-dir "$work/home" admin "$@" 2> /dev/null; }
is_ready () { [ "$(admin status | jq -r .ready)" = true ]; }
says () { grep -q "$1" "$2"; }

serve () { #  serve URL
    "$bitrouter" --home-dir "$work/home" --db "$1" serve > "$work/serve.log" 2>&1 &
    serve=$!
    pids+=("$serve")
    until_it is_ready || { cat "$work/serve.log"; exit 1; }
    address=http://$(admin calls | jq -r '.. | .listen? // empty | .[0]' | head -n 1)
}

start_mock () {
    "$mock" --port 0 --log "$work/mock.log" > "$work/mock.out" 2>&1 &
    pids+=($!)
    until_it says listening "$work/mock.out" || exit 1
    port=$(sed 's/.*://' "$work/mock.out")
}

write_home () {
    rm -rf "${work:?}/home"
    mkdir "$work/home"
    cat > "$work/home/bitrouter.yaml" << END
inherit_defaults: false
server: { listen: "127.0.0.1:0" }
providers:
  one:
    api_protocol: openai
    api_base: "http://127.0.0.1:$port/v1"
    api_key: sk-0123456789
    models:
      mock:
        pricing:
          input_tokens: { no_cache: 1.5 }
          output_tokens: { text: 2.5 }
END
}

call () { #  call NUMBER
    curl -sS --max-time 20 -o "$work/body" -w '%{http_code}\n' \
        -H 'content-type: application/json' -H "x-bitrouter-run: run-$(($1 % 2))" \
        -d '{"model":"one:mock","messages":[{"role":"user","content":"hello"}]}' \
        "$address/v1/chat/completions" 2> /dev/null
}

calls () { #  calls FROM TO: how many ended well
    local i ok=0
    for ((i = $1; i <= $2; i++)); do
        [ "$(call "$i")" != 200 ] || ok=$((ok + 1))
    done
    echo $ok
}

has_rows () { #  has_rows QUERY COUNT
    [ "$($1 'SELECT COUNT(*) FROM bitrouter_entries')" -ge "$2" ]
}

is_kept () { #  is_kept COUNT: a call that ended within a tick of a kill may have no row
    [ "$(admin ledger | jq '[.. | .rows? // empty] | add')" -ge "$1" ]
}

verify () { #  verify URL: verdict in verdict, status
    "$bitrouter" --home-dir "$work/home" --db "$1" ledger verify "${@:2}" \
        > "$work/verdict" 2>&1
}

spoil () { #  spoil NAME QUERY COMMAND: verify must name row 7, and be content afterwards
    "$2" "$3" || check "$1: SQL" failed "done"
    verify "$4"
    check "$1: it is found" $? 1
    check "$1: it is named" "$(grep -oE 'row [0-9]+' "$work/verdict" | head -n 1)" "row 7"
}

play () { #  play NAME QUERY URL
    local name=$1 query=$2 url=$3 before after
    "$source/tests/ledger/clear" "$name" clear
    write_home
    serve "$url"
    before=$(calls 1 25)
    check "$name: calls before the kill" "$before" 25
    until_it is_kept 25
    kill -KILL "$serve"
    wait "$serve" 2> /dev/null
    serve "$url"
    after=$(calls 26 50)
    check "$name: calls after it" "$after" 25
    until_it has_rows "$query" 50
    kill -TERM "$serve"
    wait "$serve"
    check "$name: it ends in order" $? 0
    check "$name: each call has a row" \
        "$($query "SELECT COUNT(*) FROM bitrouter_entries WHERE outcome = 'ok'")" 50
    check "$name: and a cost" \
        "$($query 'SELECT COUNT(*) FROM bitrouter_entries WHERE cost_nusd > 0')" 50
    check "$name: and an attempt" \
        "$($query 'SELECT COUNT(DISTINCT seq) FROM bitrouter_attempts')" 50
    verify "$url"
    check "$name: the database is sound" $? 0
    [ $failed = 0 ] || cat "$work/verdict" "$work/serve.log"
    "$bitrouter" --home-dir "$work/home" --db "sqlite://$work/home/ledger-spool.db" \
        ledger verify > "$work/verdict" 2>&1
    check "$name: so is the spool" $? 0
    check "$name: spend says the same" \
        "$("$bitrouter" --home-dir "$work/home" --db "$url" --json spend | jq '.total.calls')" 50
    spoil "$name: a cost" "$query" \
        'UPDATE bitrouter_entries SET cost_nusd = cost_nusd + 1 WHERE seq = 7' "$url"
    $query 'UPDATE bitrouter_entries SET cost_nusd = cost_nusd - 1 WHERE seq = 7'
    spoil "$name: a model" "$query" \
        "UPDATE bitrouter_entries SET model = 'mocK' WHERE seq = 7" "$url"
    $query "UPDATE bitrouter_entries SET model = 'mock' WHERE seq = 7"
    spoil "$name: an attempt" "$query" \
        'UPDATE bitrouter_attempts SET latency_us = latency_us + 1 WHERE seq = 7' "$url"
    $query 'UPDATE bitrouter_attempts SET latency_us = latency_us - 1 WHERE seq = 7'
    verify "$url"
    check "$name: undone, it is sound again" $? 0
    $query 'DELETE FROM bitrouter_attempts WHERE seq > 45'
    $query 'DELETE FROM bitrouter_entries WHERE seq > 45'
    verify "$url"
    check "$name: cut at the end, it is found" $? 1
    # shellcheck disable=SC2154 # of databases.sh
    check "$name: no log tells the password" "$(grep -rlF "$password" "$work/home" \
        "$work/serve.log" "$work/verdict" | wc -l)" 0
}

start_mock
play postgres postgres_query "$(postgres_url)"
play mysql mysql_query "$(mysql_url)"

printf '%d passed, %d failed\n' $passed $failed
[ $failed = 0 ]
