#!/usr/bin/env bash
#  Completion as a user has it: the scripts are read by the real shells, those that are
#  here, and asked what follows. BITROUTER names the program.

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
server=
passed=0 failed=0
unset BITROUTER_HOME BITROUTER_LISTEN BITROUTER_DATABASE_URL
export HOME=$work/nobody
mkdir "$HOME" "$home" "$work/bin"
ln -s "$bitrouter" "$work/bin/bitrouter"
export PATH=$work/bin:$PATH
cd "$work" || exit 99

finish () {
    [ -z "$server" ] || kill -KILL "$server" 2> /dev/null
    rm -rf "$work"
}
trap finish EXIT

#  same WHAT WANTED GOT
same () {
    if [ "$2" = "$3" ]; then
        passed=$((passed + 1))
        return
    fi
    failed=$((failed + 1))
    printf 'FAIL %s\n  wanted: %s\n  got:    %s\n' "$1" "$2" "$3"
}

#  words WANTED WORD...: what the program offers, the first column, sorted
words () {
    local wanted=$1
    shift
    same "words: $*" "$wanted" "$(bitrouter completions words -- "$@" 2> /dev/null \
        | cut -f 1 | sort | tr '\n' ' ')"
}

cat > "$home/bitrouter.yaml" << 'END'
server: { listen: 127.0.0.1:0 }
models:
  smart: { endpoints: [{ provider: echo, service_id: one }] }
  "with space": { endpoints: [{ provider: echo, service_id: two }] }
END

#  ---- without a server, and without a home

words 'route ' rou
words 'show ' route s
words 'priority ' route add x echo:echo --strategy p
words '--strategy ' route add x --s
words '--strategy=load_balance ' route add x --strategy=lo
words 'json ' --log-format j
words '--log-format ' version --log-f
words 'call.ended ' events call.e
words 'call.ended ' events --count 3 call.e
words '' events --count 3 --nothing-like-that
words 'add list rm show ' route ''
words 'fish ' completions f
words '@files ' --config-file x
words '@files ' --config-file ''
words '' route rm x
words '' nonsense ''
same "no home was made" '' "$(ls -A "$HOME")"
for shell in bash zsh fish; do
    bitrouter completions $shell > "$work/$shell" 2> "$work/err" || same "$shell" 0 $?
done
bitrouter completions words > /dev/null 2>&1
same "words without --" 2 $?

#  ---- with a home, and with a server

words 'echo:echo ' --home-dir "$home" route add x ec
words 'echo ' --home-dir "$home" models --provider ec
bitrouter --home-dir "$home" serve > "$work/serve.log" 2>&1 &
server=$!
for ((tries = 0; tries < 600; tries++)); do
    bitrouter --home-dir "$home" status --json 2> /dev/null | grep -qE '"ready":.*true' && break
    sleep 0.05
done
bitrouter --home-dir "$home" route add spare echo:echo > /dev/null
words 'smart ' --home-dir "$home" route sm
words 'spare ' --home-dir "$home" route rm ''
words 'with space ' --home-dir "$home" route with

#  ---- real shells

#  in_bash WANTED LINE: what bash puts in the place of the last word, sorted
in_bash () {
    same "bash: $2" "$1" "$(bash --norc -c '
        source "$1"
        COMP_LINE=$2 COMP_POINT=${#2}
        compopt () { :; }
        _bitrouter
        printf "%s\n" "${COMPREPLY[@]-}" | sort | tr "\n" " "' _ "$work/bash" "$2")"
}
bash -n "$work/bash" || same "bash reads it" 0 1
in_bash 'route ' 'bitrouter rou'
in_bash 'add list rm show ' 'bitrouter route '
in_bash 'smart ' "bitrouter --home-dir $home route sm"
in_bash 'echo ' "bitrouter --home-dir $home route add x echo:"
in_bash 'echo ' "bitrouter --home-dir $home route add x echo:ec"
in_bash 'priority ' 'bitrouter route add x echo:echo --strategy=p'
in_bash ' ' 'bitrouter nonsense '
#  Bash itself, with its own idea of words: what a tab makes of a line.
if command -v python3 > /dev/null; then
    cat > "$work/tab.py" << 'END'
import os, pty, select, sys, time

pid, fd = pty.fork()
if pid == 0:
    os.environ["PS1"] = "ready> "
    os.environ["TERM"] = "dumb"
    os.execvp("bash", ["bash", "--norc", "--noprofile", "-i"])
seen = b""

def wait(text, seconds=20):
    global seen
    end = time.time() + seconds
    while text not in seen:
        if time.time() > end or not select.select([fd], [], [], max(0, end - time.time()))[0]:
            print("FAIL never saw", text, seen)
            sys.exit(1)
        seen += os.read(fd, 4096)
    seen = seen.split(text, 1)[1]

wait(b"ready> ")
os.write(fd, b"source %s\n" % sys.argv[1].encode())
wait(b"ready> ")
os.write(fd, b"bitrouter rou\t")
wait(b"route ")
os.write(fd, b"add x echo:ec\t")
wait(b"echo:echo ")
os.write(fd, b"--strategy=che\t")
wait(b"--strategy=cheapest ")
os.write(fd, b"\x15exit\n")
END
    BITROUTER_HOME=$home python3 "$work/tab.py" "$work/bash"
    same "a tab in bash" 0 $?
fi
if command -v zsh > /dev/null; then
    zsh -n "$work/zsh"
    same "zsh reads it" 0 $?
    same "zsh: bitrouter rou" 'route ' "$(zsh -f -c '
        compdef () { :; }
        compadd () { shift 4; print -rn -- "${found[*]} " }
        source "$1"
        words=(bitrouter rou) CURRENT=2
        _bitrouter' _ "$work/zsh")"
fi
if command -v fish > /dev/null; then
    same "fish: bitrouter rou" 'route ' "$(fish -N -c "source $work/fish
        complete -C 'bitrouter rou'" | cut -f 1 | tr '\n' ' ')"
    same "fish: models" 'echo:echo ' "$(fish -N -c "source $work/fish
        complete -C 'bitrouter --home-dir $home route add x ec'" | cut -f 1 | tr '\n' ' ')"
fi

kill -TERM $server
wait $server
server=
echo "$passed passed, $failed failed"
[ $failed = 0 ]
