#!/usr/bin/env bash
#  The server in the background as an operator has it: start, stop, restart, reload, logs,
#  rotation, doctor, launch, and the program without a command. BITROUTER names the program.

set -uo pipefail
export LC_ALL=C.UTF-8

bitrouter=${BITROUTER:-./bitrouter}
if [ ! -x "$bitrouter" ]; then
    echo "no program $bitrouter"
    exit 77
fi
bitrouter=$(realpath "$bitrouter")
work=$(mktemp -d) || exit 99
home=$work/home
helper=
passed=0 failed=0
unset BITROUTER_HOME BITROUTER_LISTEN BITROUTER_DATABASE_URL BITROUTER_TOKEN OPENAI_API_KEY \
    ANTHROPIC_API_KEY GOOGLE_API_KEY GEMINI_API_KEY
export HOME=$work BITROUTER_NO_UPDATE_CHECK=1
mkdir "$home"
cd "$work" || exit 99

#  The server that holds the pid file, if any: nothing else is ever killed.
end_server () {
    [ -s "$home/run/bitrouter.pid" ] || return 0
    flock -n "$home/run/bitrouter.pid" true || kill -KILL "$(cat "$home/run/bitrouter.pid")"
}

finish () {
    end_server 2> /dev/null
    [ -z "$helper" ] || kill "$helper" 2> /dev/null
    rm -rf "$work"
}
trap finish EXIT

#  check WHAT CONDITION...: the condition is a command
check () {
    local what=$1
    shift
    if "$@"; then
        passed=$((passed + 1))
        return
    fi
    failed=$((failed + 1))
    printf 'FAIL %s: %s\n  stdout: %s\n  stderr: %s\n' "$what" "$*" \
        "$(head -c 1000 "$work/out")" "$(head -c 1000 "$work/err")"
}

#  try STATUS ARGUMENT...: runs the program at home; its output is in out and err.
try () {
    local wanted=$1 rc=0
    shift
    timeout -k 5 90 "$bitrouter" --home-dir "$home" "$@" < /dev/null > "$work/out" \
        2> "$work/err" || rc=$?
    check "status of bitrouter $*" [ "$rc" = "$wanted" ]
}

out () { #  out PATTERN: extended
    check "stdout" grep -qE -- "$1" "$work/out"
}

err () {
    check "stderr" grep -qE -- "$1" "$work/err"
}

one_line () { #  of error
    check "one line of error" [ "$(wc -l < "$work/err")" = 1 ]
}

is_json () {
    command -v python3 > /dev/null || return 0
    check "stdout is JSON" python3 -c 'import json, sys; json.load(open(sys.argv[1]))' \
        "$work/out"
}

#  until_true COMMAND...: waits for what must come
until_true () {
    local tries
    for ((tries = 0; tries < 600; tries++)); do
        "$@" && return 0
        sleep 0.05
    done
    return 1
}

ended () { #  ended PID: nobody may have asked yet what became of it
    ! grep -qs '^State:.[^Z]' "/proc/$1/status"
}

configure () {
    printf '%s\n' "$@" > "$home/bitrouter.yaml"
}

pid () {
    cat "$home/run/bitrouter.pid"
}

configure 'server: { listen: 127.0.0.1:0 }'

#  ---- start and stop

try 1 stop
err '^Error: daemon is not running$'
try 1 reload --no-wait
err '^Error: daemon is not running$'
try 1 logs
err '^Error: cannot read the log .*bitrouter start'

try 0 start
out '^daemon started \(pid [0-9]+\)$'
first=$(pid)
check "it runs" kill -0 "$first"
check "it has a session of its own" [ "$(ps -o sid= -p "$first" | tr -d ' ')" = "$first" ]
check "its input is nothing" [ "$(readlink "/proc/$first/fd/0")" = /dev/null ]
check "its output is a log" [ "$(readlink "/proc/$first/fd/1")" = "$home/logs/bitrouter.out.log" ]
check "its errors are a log" [ "$(readlink "/proc/$first/fd/2")" = "$home/logs/bitrouter.err.log" ]
check "a log is private" [ "$(stat -c %a "$home/logs/bitrouter.err.log")" = 600 ]
check "its name is its own" [ "$(ps -o comm= -p "$first")" = bitrouter ]
try 0 status
out "^daemon:    running \\(pid $first\\)\$"
listen=$(sed -n 's/^listen: *//p' "$work/out")
check "the log tells the port that 0 became" \
    grep -qE "listening on ${listen//./\\.}\$" "$home/logs/bitrouter.err.log"
check "and never 0" [ "$(grep -c ':0$' "$home/logs/bitrouter.err.log")" = 0 ]
try 0 doctor
out '^ok +listen +127\.0\.0\.1:[1-9][0-9]* is ours$'
try 1 start
err "^Error: daemon is already running \\(pid $first\\)\$"
try 1 serve
err "already running \\(pid $first\\)"
try 1
err "^Error: there is no terminal, and bitrouter is already running \\(pid $first\\); .bitrouter status. "
one_line
check "it still runs" kill -0 "$first"

try 0 status --watch --count 1
out '^daemon:    running'
try 0 status --watch --count 1 --json
try 2 status --count 1
err 'needs --watch'
try 0 spend --watch --count 1

#  ---- reload

try 0 reload
out '^configuration [0-9]+ is in use$'
try 0 reload --no-wait
out '^bitrouter configuration reload signal sent$'

#  ---- logs and their rotation

try 0 logs
out ' ready$'
try 0 logs -n 1
check "one line" [ "$(wc -l < "$work/out")" = 1 ]
try 0 logs -n 1 --json
is_json
try 0 logs --out
try 2 logs -n many
err 'a number of lines'
timeout 60 "$bitrouter" --home-dir "$home" logs -f -n 0 > "$work/follow" 2>&1 &
helper=$!
mv "$home/logs/bitrouter.err.log" "$home/logs/moved"
kill -USR1 "$first"
until_true test -e "$home/logs/bitrouter.err.log"
check "a new log after SIGUSR1" [ -e "$home/logs/bitrouter.err.log" ]
try 0 reload
check "lines go to the new log" until_true grep -q 'is in use' "$home/logs/bitrouter.err.log"
check "logs -f goes on with it" until_true grep -q 'is in use' "$work/follow"
kill $helper
{ wait $helper; } 2> /dev/null
helper=
check "it runs on" kill -0 "$first"

#  ---- restart

try 0 restart
out '^daemon restarted \(pid [0-9]+\)$'
second=$(pid)
check "another process" [ "$second" != "$first" ]
check "the first has ended" until_true ended "$first"
check "the log of before is kept" [ -s "$home/logs/bitrouter.err.log.1" ]
configure 'server: { listen: ['
try 1 restart
err '^Error: .*bitrouter\.yaml:.*; what runs was left alone$'
one_line
check "what ran runs on" kill -0 "$second"
configure 'server: { listen: 127.0.0.1:0 }'
try 0 stop
out '^bitrouter has stopped$'
check "no pid file is left" [ ! -e "$home/run/bitrouter.pid" ]
check "it has ended" until_true ended "$second"
try 0 restart --json
is_json
try 0 stop --json
is_json

#  What it was started with holds on, unless something else is said.
echo 'server: { listen: 127.0.0.1:0 }' > "$work/own.yaml"
cd "$work" || exit 99
try 0 start --config-file own.yaml --topology processes --log-format json
cd / || exit 99
configure 'models: 7'
try 0 restart --log-level warn
try 0 status
out '^ingress +process +up '
try 0 reload
check "its log is still JSON" [ "$(grep -cv '^{"time"' "$home/logs/bitrouter.err.log")" = 0 ]
check "and says less" [ "$(grep -c '"info"' "$home/logs/bitrouter.err.log")" = 0 ]
try 2 restart --log-level loud
err "^Error: --log-level is trace, debug, info, warn or error, not 'loud'\$"
try 1 restart --topology nowhere
err '^Error: .*nowhere.*; what runs was left alone$'
try 0 restart --topology one
try 0 status
out '^shard-1 +thread +up '
try 0 stop
configure 'server: { listen: 127.0.0.1:0 }'
try 0 restart
check "nothing ran, so nothing holds on" grep -q ' info .* ready$' "$home/logs/bitrouter.err.log"
try 0 stop

#  Whoever closes the three streams does not get the pid file or the database for one.
cd "$work" || exit 99
"$bitrouter" --home-dir "$home" start <&- >&- 2>&-
check "a lost answer is a failure" [ $? = 1 ]
fifth=$(pid)
check "its output is a log" [ "$(readlink "/proc/$fifth/fd/1")" = "$home/logs/bitrouter.out.log" ]
check "its errors are a log" [ "$(readlink "/proc/$fifth/fd/2")" = "$home/logs/bitrouter.err.log" ]
try 0 stop
"$bitrouter" --home-dir "$home" serve <&- >&- 2>&- &
until_true test -s "$home/run/bitrouter.pid"
for stream in 0 1 2; do
    check "stream $stream is nobody's" [ "$(readlink "/proc/$(pid)/fd/$stream")" = /dev/null ]
done
try 0 stop

#  ---- processes of a topology open their logs again, too

try 0 start --topology processes
third=$(pid)
mv "$home/logs/bitrouter.err.log" "$home/logs/moved"
kill -USR1 "$third"
#  shellcheck disable=SC2317
all_moved () {
    local child
    for child in $(ps -o pid= --ppid "$third"); do
        [ "$(readlink "/proc/$child/fd/2")" = "$home/logs/bitrouter.err.log" ] || return 1
    done
}
check "there are processes" [ -n "$(ps -o pid= --ppid "$third")" ]
check "all write to the new log" until_true all_moved
try 0 stop

#  ---- what was left behind

echo 1 > "$home/run/bitrouter.pid"
try 0 status
out '^daemon:    stopped$'
try 1 stop
err '^Error: daemon is not running$'
check "a stale pid file is removed" [ ! -e "$home/run/bitrouter.pid" ]
echo $$ > "$home/run/bitrouter.pid"
try 0 start
check "the number of another program is not trusted" [ "$(pid)" != $$ ]
kill -KILL "$(pid)"
until_true flock -n "$home/run/bitrouter.pid" true
try 0 status
out '^daemon:    stopped$'
try 0 doctor
out '^warning +daemon +stopped; the pid file of one that was killed'
try 0 start
try 0 stop

#  ---- what can go wrong at a start

configure 'server: { listen: 127.0.0.1:0, log_level: loud }'
try 1 start
err '^Error: daemon process exited immediately after start: .*log_level'
one_line
if command -v python3 > /dev/null; then
    python3 -c 'import socket, sys, time
s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(1)
print(s.getsockname()[1], flush=True); time.sleep(300)' > "$work/port" &
    helper=$!
    until_true test -s "$work/port"
    configure "server: { listen: 127.0.0.1:$(cat "$work/port") }"
    try 1 start
    err "^Error: daemon process exited .*: Address already in use; it is held by python3.* \\(pid $helper\\)"
    one_line
    try 1 serve
    err "held by python3.* \\(pid $helper\\); stop what holds it, or name another address\$"
    try 1 doctor
    out "^error +listen +listen on .*held by python3.* \\(pid $helper\\)"
    kill $helper
    { wait $helper; } 2> /dev/null
    helper=
fi
configure 'server: { listen: 127.0.0.1:0 }'
echo file > "$work/file"
try 1 start --run-dir "$work/file/run"
err 'give --run-dir$'
one_line
try 1 start --logs-dir "$work/file/logs"
err 'give --logs-dir$'
one_line

long=$work/$(printf 'x%.0s' {1..100})
try 1 start --run-dir "$long"
err "^Error: .*the run directory's name has [0-9]+ bytes, .*give a shorter --run-dir\$"
one_line
timeout 60 "$bitrouter" --home-dir "$work/file" serve > "$work/out" 2> "$work/err"
check "status" [ $? = 1 ]
err "^Error: the home $work/file is no folder; give another with --home-dir\$"
one_line

#  Flags are passed on.
try 0 start --run-dir "$work/run" --logs-dir "$work/logs" --db "sqlite://$work/other.db" \
    --log-level debug --log-format json
check "its own run dir" [ -s "$work/run/bitrouter.pid" ]
check "its own database" [ -e "$work/other.db" ]
check "its own format" grep -q '^{"time"' "$work/logs/bitrouter.err.log"
try 0 stop --run-dir "$work/run"

#  ---- doctor

echo 'OPENAI_API_KEY=sk-1234567890abcdef' > "$home/.env"
chmod 644 "$home/.env"
try 0 doctor
out "^ok +home +$home\$"
out '^warning +secrets +others may look into .*\.env.*chmod'
out '^ok +configuration '
out '^ok +providers +openai$'
out '^ok +daemon +stopped$'
out '^ok +listen '
out '^ok +ledger +'
out '^ok +libraries +bitrouter .*zeromq'
out '^0 errors, [0-9]+ warnings$'
check "no secret is told" [ "$(grep -cF sk-1234567890abcdef "$work/out")" = 0 ]
try 0 doctor --json
is_json
out '"healthy":	*true'
chmod 600 "$home/.env"
try 0 doctor
out '^ok +secrets '
configure 'models: 7'
try 1 doctor
out '^error +configuration +.*bitrouter\.yaml:1'
try 1 doctor --json
is_json
out '"healthy":	*false'
configure 'server: { listen: 127.0.0.1:0 }'
cp "$home/bitrouter.db" "$work/db"
printf 'this is no database at all, and was one before' > "$home/bitrouter.db"
rm -f "$home"/bitrouter.db-*
try 1 doctor
out '^error +ledger +.*is not a database; put a backup in its place'
try 1 start
err '^Error: daemon process exited .*is not a database; put a backup in its place'
one_line
cp "$work/db" "$home/bitrouter.db"
(
    ulimit -n 128
    try 1 doctor
    out '^error +open files +128 .*ulimit'
    exit $failed
)
failed=$?
try 0 start
try 0 doctor
out '^ok +daemon +running \(pid [0-9]+\)$'
out '^ok +hosts +[0-9]+ up$'
out '^ok +breakers '
out '^ok +listen .* is ours$'

#  ---- launch

try 0 launch --print claude
out '^export ANTHROPIC_BASE_URL=http://127\.0\.0\.1:[1-9][0-9]*$'
out '^unset ANTHROPIC_API_KEY$'
out '^claude$'
try 0 launch --print codex -- --model "it's"
out '^codex -c .*model_providers\.bitrouter\.base_url="http://127.* --model .it'
try 0 launch --print claude --json
is_json
BITROUTER_TOKEN=brvk_secret try 0 launch --print claude
check "a token of the environment is not told" [ "$(grep -c brvk_secret "$work/out")" = 0 ]
out 'BITROUTER_TOKEN'
mkdir "$work/bin"
printf '#!/bin/sh\nprintf "%%s|" "$ANTHROPIC_BASE_URL" "${ANTHROPIC_API_KEY-unset}" "$ANTHROPIC_AUTH_TOKEN" "$@"\nexit 7\n' \
    > "$work/bin/claude"
chmod +x "$work/bin/claude"
ANTHROPIC_API_KEY=sk-x try 7 launch --token brvk_y "$work/bin/claude" -- -p "two words" --json
out '^http://127\.0\.0\.1:[0-9]+\|unset\|brvk_y\|-p\|two words\|--json\|$'
# shellcheck disable=SC2016
printf '#!/bin/sh\nprintf "%%s|" "$GEMINI_API_KEY" "${GOOGLE_API_KEY-unset}"\ncat "$GEMINI_CLI_HOME/.gemini/settings.json"\nkill -TERM $$\n' \
    > "$work/bin/gemini"
chmod +x "$work/bin/gemini"
GOOGLE_API_KEY=real try 143 launch --token brvk_y "$work/bin/gemini"
out '^brvk_y\|unset\|.*"selectedType":"gemini-api-key"'
err '^Gemini CLI has its settings in .*/launch/gemini, since'
mkdir -p "$work/mine/.gemini"
echo '{"mine": "gemini-api-key"}' > "$work/mine/.gemini/settings.json"
GEMINI_CLI_HOME=$work/mine try 143 launch "$work/bin/gemini"
out '\|{"mine": '
HOME=$work/mine try 0 launch --print gemini
check "one's own settings do as well" [ "$(grep -c GEMINI_CLI_HOME "$work/out")" = 0 ]
PATH=/usr/bin:/bin try 1 launch /nowhere/claude
err 'install it with `npm install -g @anthropic-ai/claude-code`, or give its path$'
try 2 launch
err 'name an agent'
try 2 launch claude -p
try 2 launch claude hello
err 'stand behind --'
try 1 launch nosuchagent
err '^Error: cannot run nosuchagent: No such file.*install it'
try 0 stop
try 1 launch claude
err '^Error: bitrouter is not running; start it with `bitrouter start`$'
try 0 launch --print claude
err '^Warning: bitrouter is not running'

#  ---- nearly right

try 2 status --wach
err "^Did you mean '--watch'\\?\$"
try 2 strat
err "did you mean 'start'"
try 2 --jsn
err "did you mean '--json'"

#  ---- without a command

timeout -k 5 90 "$bitrouter" --home-dir "$home" < /dev/null > "$work/out" 2> "$work/err" &
helper=$!
is_up () {
    "$bitrouter" --home-dir "$home" status 2> /dev/null | grep -q '^daemon:    running'
}
check "without a terminal it serves" until_true is_up
check "it says what it does" grep -q '^bitrouter: there is no terminal.*bitrouter start' "$work/err"
try 0 stop
wait $helper
check "it ends with 0" [ $? = 0 ]
helper=
#  On a terminal: the view, with a server that ends with it. A program that was built without
#  the view serves, and is told to end.
on_a_terminal () {
    python3 - "$bitrouter" "$home" << 'END'
import fcntl, os, pty, select, signal, struct, subprocess, sys, termios, time
program, home = sys.argv[1:]
pid, fd = pty.fork()
if pid == 0:
    os.environ["TERM"] = "xterm"
    os.execv(program, [program, "--home-dir", home])
fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
seen, asked, ran = b"", False, False
late = time.time() + 60
while time.time() < late:
    if select.select([fd], [], [], 0.1)[0]:
        try:
            data = os.read(fd, 65536)
        except OSError:
            break
        if not data:
            break
        seen += data
    status = subprocess.run([program, "--home-dir", home, "status"], capture_output=True, text=True)
    ran = ran or "running (pid" in status.stdout
    if ran and not asked and b"runs without the view" in seen:
        os.kill(pid, signal.SIGTERM)
        asked = True
    elif ran and not asked and b"Daemon running" in seen:
        os.write(fd, b"q")
        asked = True
else:
    os.kill(pid, signal.SIGKILL)
_, status = os.waitpid(pid, 0)
sys.exit(0 if ran and asked and status == 0 else 1)
END
}
if command -v python3 > /dev/null; then
    echo 'OPENAI_API_KEY=sk-1234567890abcdef' > "$home/.env"
    check "on a terminal there is the view" on_a_terminal
    try 0 status
    out '^daemon:    stopped$'
fi

try 2 --headless
err 'has been removed; use `bitrouter serve` to run the server in the foreground\.$'

echo "$passed passed, $failed failed"
[ $failed = 0 ]
