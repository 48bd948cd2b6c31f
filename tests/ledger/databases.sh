#  databases: a PostgreSQL and a MariaDB of our own, in a folder, on Unix sockets only. For
#  scripts that have set work and source; as root the servers run as their own users.
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # set and read by whoever sources this

password='p@ss/w:r%d' #  with what an address cannot hold as it is
password_coded='p%40ss%2Fw%3Ar%25d'
postgres_pid='' mysql_pid=''
#  Whether a commit is there after a kill of its server: not when is_lossy=yes.
is_lossy=${is_lossy:-}

#  program NAME...: the first that is there, also where Debian hides those of PostgreSQL
program () {
    local name path
    for name; do
        path=$(command -v "$name") && { printf '%s' "$path"; return; }
        for path in /usr/sbin/"$name" /usr/lib/postgresql/*/bin/"$name"; do
            [ ! -x "$path" ] || { printf '%s' "$path"; return; }
        done
    done
    return 1
}

#  become USER COMMAND...: instead of this shell; servers refuse to run as root
become () {
    local user=$1
    shift
    cd "$work" || exit 99
    [ "$(id -u)" = 0 ] || exec "$@"
    exec setpriv --reuid "$user" --regid "$user" --init-groups "$@"
}

#  until_it COMMAND...: for at most 60 s
until_it () {
    for _ in {1..600}; do
        "$@" > /dev/null 2>&1 && return
        sleep 0.1
    done
    echo "did not happen: $*"
    return 1
}

postgres_query () { #  postgres_query SQL
    PGPASSWORD=$password "$(program psql)" -qAtX -h "$work/pg.run" -U bitrouter -d ledger \
        -v ON_ERROR_STOP=1 -c "$1"
}

mysql_query () { #  mysql_query SQL
    MYSQL_PWD=$password "$(program mariadb mysql)" --no-defaults -NB \
        -S "$work/my.run/sock" -u bitrouter ledger -e "$1"
}

start_postgres () {
    mkdir "$work/pg.run"
    printf '%s' "$password" > "$work/pg.run/password"
    [ "$(id -u)" != 0 ] || chown -R postgres: "$work/pg.run"
    (become postgres "$(program initdb)" -D "$work/pg.run/data" -U bitrouter -E UTF8 \
        --locale=C --auth=scram-sha-256 --pwfile="$work/pg.run/password" -N) \
        > "$work/initdb.log" 2>&1 || { cat "$work/initdb.log"; return 1; }
    serve_postgres
    PGPASSWORD=$password "$(program psql)" -qX -h "$work/pg.run" -U bitrouter \
        -d postgres -c 'CREATE DATABASE ledger'
}

serve_postgres () {
    local sync=on
    [ -z "$is_lossy" ] || sync=off
    become postgres "$(program postgres)" -D "$work/pg.run/data" -k "$work/pg.run" \
        -c listen_addresses= -c fsync=off -c synchronous_commit=$sync \
        -c wal_writer_delay=1000 >> "$work/postgres.log" 2>&1 &
    postgres_pid=$!
    until_it env PGPASSWORD="$password" "$(program psql)" -qX -h "$work/pg.run" \
        -U bitrouter -d postgres -c 'SELECT 1' || { cat "$work/postgres.log"; return 1; }
}

start_mysql () {
    local user=()
    mkdir "$work/my.run"
    if [ "$(id -u)" = 0 ]; then
        chown mysql: "$work/my.run"
        user=(--user=mysql)
    fi
    "$(program mariadb-install-db)" --no-defaults ${user[@]+"${user[@]}"} --skip-test-db \
        --datadir="$work/my.run/data" --auth-root-authentication-method=normal \
        > "$work/install-db.log" 2>&1 || { cat "$work/install-db.log"; return 1; }
    serve_mysql || return 1
    "$(program mariadb mysql)" --no-defaults -S "$work/my.run/sock" -u root -e \
        "CREATE DATABASE ledger; GRANT ALL ON *.* TO 'bitrouter'@'localhost'
         IDENTIFIED BY '$password'"
}

serve_mysql () {
    local flush=2
    [ -z "$is_lossy" ] || flush=0
    become mysql "$(program mariadbd mysqld)" --no-defaults --datadir="$work/my.run/data" \
        --socket="$work/my.run/sock" --pid-file="$work/my.run/pid" --skip-networking \
        --innodb-flush-log-at-trx-commit=$flush >> "$work/mysql.log" 2>&1 &
    mysql_pid=$!
    until_it "$(program mariadb-admin mysqladmin)" --no-defaults \
        -S "$work/my.run/sock" -u nobody ping || { cat "$work/mysql.log"; return 1; }
}

postgres_url () {
    printf 'postgres://bitrouter:%s@/ledger?host=%s' "$password_coded" "$work/pg.run"
}

mysql_url () {
    printf 'mysql://bitrouter:%s@localhost/ledger?socket=%s' "$password_coded" \
        "$work/my.run/sock"
}

stop_databases () {
    [ -z "$postgres_pid" ] || kill -INT "$postgres_pid" 2> /dev/null
    [ -z "$mysql_pid" ] || kill -TERM "$mysql_pid" 2> /dev/null
    wait ${postgres_pid:+"$postgres_pid"} ${mysql_pid:+"$mysql_pid"} 2> /dev/null
}
