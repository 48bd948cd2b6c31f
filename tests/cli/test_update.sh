#!/usr/bin/env bash
#  The notice of a newer version as a user has it: python3 gives a terminal and is the page.
#  BITROUTER names the program.

set -uo pipefail
export LC_ALL=C.UTF-8

bitrouter=${BITROUTER:-./bitrouter}
if [ ! -x "$bitrouter" ] || ! command -v python3 > /dev/null; then
    echo "no program $bitrouter or no python3"
    exit 77
fi
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
exec timeout -k 5 120 python3 - "$(realpath "$bitrouter")" "$work" << 'END'
import http.server
import json
import os
import pty
import subprocess
import sys
import threading
import time

PROGRAM, WORK = sys.argv[1:]
failures = 0
asked = []
answer = {"tag_name": "v99.1.2", "html_url": "https://example.com/release"}


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        asked.append(self.headers.get("User-Agent", ""))
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


def check(what, good, shown=""):
    global failures
    if not good:
        failures += 1
        print(f"FAIL {what}: {shown!r}")


def run(home, *args, terminal=True, **env):
    """What a command says on stderr, which is a terminal."""
    full = {k: v for k, v in os.environ.items() if not k.startswith("BITROUTER")}
    full.update(BITROUTER_UPDATE_URL=url, **env)
    master, slave = pty.openpty()
    done = subprocess.run([PROGRAM, "--home-dir", home, *args], stdout=subprocess.DEVNULL,
                          stderr=slave if terminal else subprocess.PIPE, env=full,
                          timeout=60)
    os.close(slave)
    shown = b"" if terminal else done.stderr
    try:
        while terminal:
            data = os.read(master, 4096)
            if not data:
                break
            shown += data
    except OSError:
        pass
    os.close(master)
    return shown.decode()


def home(name, yaml=""):
    path = os.path.join(WORK, name)
    os.makedirs(os.path.join(path, "run"))
    with open(os.path.join(path, "bitrouter.yaml"), "w") as file:
        file.write(yaml)
    return path


def until(condition):
    for _ in range(400):
        if condition():
            return True
        time.sleep(0.05)
    return False


def kept(path):
    try:
        with open(os.path.join(path, "run", "update.json")) as file:
            return json.load(file)
    except OSError:
        return {}


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}/latest"
NOTICE = "A new version of bitrouter is available: v99.1.2 (current: v"

#  off
off = home("off", "update_check: false\n")
run(off, "models")
check("off by the environment", "new version" not in
      run(home("env"), "models", BITROUTER_NO_UPDATE_CHECK="1"))
run(home("pipe"), "models", terminal=False)
run(home("json"), "models", "--json")
check("nobody asked", not kept(os.path.join(WORK, "env"))
      and not kept(os.path.join(WORK, "pipe")) and not kept(os.path.join(WORK, "json")))

#  on
one = home("one")
check("the first command does not know yet", "Error" not in run(one, "models"))
check("the page is asked", until(lambda: "latest" in kept(one)), str(asked))
shown = run(one, "models")
check("the next one tells", NOTICE in shown and "https://example.com/release" in shown, shown)
check("once a day", len(asked) == 1, str(asked))
check("it says who it is", asked and asked[0].startswith("bitrouter/"), str(asked))
check("not in a pipe", NOTICE not in run(one, "models", terminal=False))
check("not when it is off", NOTICE not in run(one, "models", BITROUTER_NO_UPDATE_CHECK="1"))
with open(os.path.join(one, "bitrouter.yaml"), "w") as file:
    file.write("update_check: false\n")
check("not when it is forbidden", NOTICE not in run(one, "models"))
check("nothing was asked where it is forbidden", len(asked) == 1, str(asked))

#  no release, nothing newer, nobody there
for name, tag in (("rc", "v99.0.0-rc1"), ("old", "v0.0.1"), ("odd", "\x1b[31m")):
    answer["tag_name"] = tag
    path, before = home(name), len(asked)
    run(path, "models")
    check(f"asked {name}", until(lambda: len(asked) > before))
    time.sleep(0.2)
    check(f"no notice of {name}", "new version" not in run(path, "models"))
url = "http://127.0.0.1:1/"
check("errors are silent", run(home("gone"), "models") == "")
sys.exit(min(failures, 99))
END
