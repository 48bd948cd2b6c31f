#  A bitrouter with the mock provider behind it, for the scripts of this folder, which source
#  it. It sets $work, $home, $bitrouter, $mock and $rate, and ends the script with 77 where
#  something is missing. BITROUTER names the program, BR_BUILD_DIR has bench/mock.
#
#    world_start         starts the server; $server is its pid, $url where it listens; of
#                        $world_server more of its section "server"
#    world_kill          ends it at once
#    world_call MODEL [CURL-ARGUMENT...]
#    check WHAT COMMAND...   counts, and shows the screen when the command fails
#    world_end           tells the counts; the status is that of the script

#  shellcheck shell=bash

bitrouter=$(realpath "${BITROUTER:-./bitrouter}")
mock=${BR_BUILD_DIR:-$PWD}/bench/mock
rate=${BR_BUILD_DIR:-$PWD}/bench/rate
for program in tmux curl jq "$bitrouter" "$mock" "$rate"; do
    if ! command -v "$program" > /dev/null; then
        echo "needs $program"
        exit 77
    fi
done
work=$(mktemp -d) || exit 99
home=$work/home
server='' provider='' world_server=''
passed=0 failed=0
unset "${!BITROUTER_@}" http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY \
    NO_COLOR TMUX
export HOME=$work/nobody
mkdir "$home" "$HOME"
cd "$work" || exit 99

world_finish () {
    screen_close
    [ -z "$server" ] || kill -KILL "$server" 2> /dev/null
    [ -z "$provider" ] || { kill -TERM "$provider" && wait "$provider"; } 2> /dev/null
    rm -rf "$work"
}
trap world_finish EXIT

check () {
    local what=$1
    shift
    if "$@" > "$work/check.out" 2>&1; then
        passed=$((passed + 1))
        return
    fi
    failed=$((failed + 1))
    printf 'FAIL %s: %s\n' "$what" "$*"
    head -n 20 "$work/check.out"
    screen_text 2> /dev/null | sed 's/^/    |/'
}

#  The mock tells its port when it listens.
world_provide () {
    [ -z "$provider" ] || return 0
    "$mock" --port 0 --log "$work/mock.log" > "$work/mock.out" 2>&1 &
    provider=$!
    until_true grep -qs '^listening on' "$work/mock.out"
    port=$(sed -n 's/^listening on .*://p' "$work/mock.out")
}

world_conf () {
    cat > "$home/bitrouter.yaml" << END
server: { listen: 127.0.0.1:0${world_server:+, $world_server} }
upstream: { retries: 0 }
providers:
  alpha:
    api_base: http://127.0.0.1:$port/v1
    api_key: k-alpha
    api_protocol: openai
    models:
      mock: { pricing: { input_tokens: { no_cache: 3 }, output_tokens: { text: 15 } } }
      mock-500: {}
      mock-stall: {}
  beta: { api_base: "http://127.0.0.1:$port/v1", api_protocol: openai, models: { mock: {} } }
models:
  smart: { endpoints: [{ provider: alpha, service_id: mock }] }
  cheap: { endpoints: [{ provider: beta, service_id: mock }] }
  second: { endpoints: [{ provider: alpha, service_id: mock-500 }, { provider: beta, service_id: mock }] }
  slow: { endpoints: [{ provider: alpha, service_id: mock-stall }] }
END
}

world_is_ready () {
    kill -0 "$server" 2> /dev/null || return 0
    "$bitrouter" --home-dir "$home" status --json 2> /dev/null | jq -e .ready > /dev/null
}

world_start () {
    world_provide
    world_conf
    "$bitrouter" --home-dir "$home" serve > "$work/serve.out" 2> "$work/serve.err" &
    server=$!
    if ! until_true world_is_ready || ! kill -0 "$server"; then
        cat "$work/serve.err"
        echo "0 passed, 1 failed"
        exit 1
    fi
    url=http://$("$bitrouter" --home-dir "$home" status --json | jq -r '.listen[0]')
}

world_kill () {
    kill -KILL "$server"
    wait "$server" 2> /dev/null
    server=
}

world_call () {
    local model=$1
    shift
    curl -s -o "$work/answer" -m 20 "$@" "$url/v1/chat/completions" \
        -d '{"model": "'"$model"'", "messages": [{"role": "user", "content": "hello"}]}'
}

world_end () {
    if [ -n "$server" ]; then
        kill -TERM "$server"
        wait "$server"
        server=
    fi
    echo "$passed passed, $failed failed"
    [ $failed = 0 ]
}
