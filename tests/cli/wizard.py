#!/usr/bin/env python3
"""Drives `bitrouter init` through a pseudo-terminal: both ways, and every way out.

    tests/cli/wizard.py BITROUTER MOCK-PORT WORK-FOLDER

Prints a line for each failure; the exit status is how many there were.
"""

import http.server
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
import urllib.request
import fcntl

PROGRAM, PORT, WORK = sys.argv[1], int(sys.argv[2]), sys.argv[3]
SECRET = "sk-typed-0123456789"
DOWN, ENTER, BREAK, END = "\x1b[B", "\r", "\x03", "\x04"
failures = 0


def check(what, good, shown=""):
    global failures
    if not good:
        failures += 1
        print(f"FAIL {what}\n  {shown[-1500:]!r}")


class Terminal:
    """The program on a terminal of 60 columns."""

    def __init__(self, args, env):
        self.shown = ""
        full = {k: v for k, v in os.environ.items()
                if not k.startswith("BITROUTER") and not k.endswith("_API_KEY")}
        full.update({"TERM": "xterm", "NO_COLOR": "1", "BITROUTER_NO_UPDATE_CHECK": "1"})
        full.update(env)
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execve(PROGRAM, [PROGRAM] + args, full)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 60, 0, 0))
        self.seen = 0

    def read(self, seconds):
        if not select.select([self.fd], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            return False
        self.shown += data.decode(errors="replace")
        return bool(data)

    def expect(self, text, seconds=30):
        """Waits for words behind those that were waited for before."""
        until = time.monotonic() + seconds
        while text not in self.shown[self.seen:]:
            if time.monotonic() > until or not self.read(until - time.monotonic()):
                check(f"the screen has {text!r}", False, self.shown[self.seen:])
                return False
        self.seen = self.shown.index(text, self.seen) + len(text)
        return True

    def say(self, steps):
        for text, keys in steps:
            if not self.expect(text):
                break
            os.write(self.fd, keys.encode())

    def end(self, seconds=60):
        until = time.monotonic() + seconds
        while time.monotonic() < until and self.read(until - time.monotonic()):
            pass
        os.close(self.fd)
        for _ in range(600):
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.05)
        os.kill(self.pid, signal.SIGKILL)
        return -1


class Cloud(http.server.BaseHTTPRequestHandler):
    asked = []

    def do_GET(self):
        Cloud.asked.append((self.path, self.headers.get("Authorization", "")))
        body = b'{"object":"list","data":[]}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


def free_port():
    import socket
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def run(home, *args, env=None):
    full = {**os.environ, "BITROUTER_NO_UPDATE_CHECK": "1", **(env or {})}
    return subprocess.run([PROGRAM, "--home-dir", home, *args], capture_output=True,
                          text=True, timeout=120, env=full)


def listing(home):
    return sorted(os.listdir(home)) if os.path.isdir(home) else []


def read(*path):
    with open(os.path.join(*path), encoding="utf-8") as file:
        return file.read()


KEYS = [("Choose a provider mode:", DOWN + ENTER),
        ("Configure OpenAI? [y/N]", "y" + ENTER),
        ("OpenAI API key", SECRET + ENTER),
        ("Configure Anthropic?", ENTER), ("Configure Google?", ENTER),
        ("Add another provider?", "n" + ENTER)]


def keys():
    """Keys of one's own; the files then make a working server."""
    home, port = os.path.join(WORK, "keys"), free_port()
    base = f"http://127.0.0.1:{PORT}/v1"
    os.mkdir(home)
    with open(os.path.join(home, ".env"), "w") as file:
        file.write(f"#  mine\nOPENAI_BASE_URL={base}\nOPENAI_API_KEY=\n")
    t = Terminal(["--home-dir", home, "init"], {})
    t.say(KEYS + [("Listen address [127.0.0.1:8787]", f"127.0.0.1:{port}{ENTER}"),
                  ("Write this configuration?", ENTER),
                  ("✓ Configuration saved to", ""),
                  ("Start the API server now?", ENTER)])
    t.expect(f"✓ API server listening on 127.0.0.1:{port}", 60)
    t.expect("✓ Health check passed")
    t.expect("curl http://127.0.0.1")
    check("init ends well", t.end() == 0, t.shown)
    check("no key is shown", SECRET not in t.shown, t.shown)
    yaml, env = read(home, "bitrouter.yaml"), read(home, ".env")
    check("yaml refers to the key", "api_key: ${OPENAI_API_KEY}" in yaml, yaml)
    check("yaml has no key", SECRET not in yaml, yaml)
    check(".env has the key once", env == f"#  mine\nOPENAI_BASE_URL={base}\n"
          f"OPENAI_API_KEY={SECRET}\n", env)
    check(".env is private", os.stat(os.path.join(home, ".env")).st_mode & 0o777 == 0o600)
    check(".gitignore", ".env\n" in read(home, ".gitignore"))
    body = json.dumps({"model": "openai:gpt-4o",
                       "messages": [{"role": "user", "content": "hi"}]}).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}/v1/chat/completions", body,
                                     {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            check("the server answers", "choices" in json.load(answer))
    except OSError as error:
        check("the server answers", False, str(error))
    again(home, yaml)
    check("stop", run(home, "stop").returncode == 0)


def again(home, yaml):
    """A configuration is there: it stays unless somebody wants otherwise."""
    t = Terminal(["--home-dir", home, "init"], {})
    t.say([("Reconfigure from scratch", ENTER)])
    check("exit is what Enter means", t.end() == 0, t.shown)
    check("nothing changed", read(home, "bitrouter.yaml") == yaml)
    t = Terminal(["--home-dir", home, "init"], {})
    t.say([("Reconfigure from scratch", "1"), ("Choose a provider mode:", "2"),
           ("Configure OpenAI? [Y/n]", ENTER),
           ("API key detected (sk-t...6789). Use this?", BREAK)])
    check("Ctrl-C is 130", t.end() == 130, t.shown)
    check("nothing changed", read(home, "bitrouter.yaml") == yaml)
    check("no backup", "bitrouter.yaml.bak" not in listing(home))
    t = Terminal(["--home-dir", home, "init", "--force"], {})
    t.say([("Choose a provider mode:", "2"), ("Configure OpenAI? [Y/n]", ENTER),
           ("Use this?", ENTER), ("Configure Anthropic?", ENTER),
           ("Configure Google?", ENTER), ("Add another provider?", ENTER),
           ("Listen address", ENTER), ("Write this configuration?", ENTER),
           ("bitrouter.yaml.bak", ""), ("Start the API server now?", "n" + ENTER)])
    check("force ends well", t.end() == 0, t.shown)
    check("what was there is kept", read(home, "bitrouter.yaml.bak") == yaml)
    check("the key stays", SECRET in read(home, ".env"))


def cloud():
    """BitRouter Cloud: a wallet, a token, and its health."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Cloud)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    home = os.path.join(WORK, "cloud")
    env = {"BITROUTER_BASE_URL": f"http://127.0.0.1:{server.server_port}/v1",
           "BITROUTER_LISTEN": f"127.0.0.1:{free_port()}"}
    t = Terminal(["--home-dir", home, "init"], env)
    t.say([("> Default (BitRouter Cloud)", ENTER),
           ("Write this configuration?", ENTER),
           ("✓ Wallet", ""), ("Solana: ", ""), ("EVM:    0x", ""),
           ("✓ Configuration saved to", ""), ("Start the API server now?", ENTER)])
    t.expect("✓ API server listening on 127.0.0.1:", 60)
    t.expect("✓ Health check passed")
    check("init ends well", t.end() == 0, t.shown)
    check("the cloud was asked", [a[0] for a in Cloud.asked] == ["/v1/models"])
    token = re.search("^BITROUTER_API_KEY=(.*)$", read(home, ".env"), re.M)
    check("the token is in .env", token and Cloud.asked and
          Cloud.asked[0][1] == "Bearer " + token[1])
    check("an account", "*" in run(home, "account", "-l").stdout)
    check("the token is kept", "cloud" in run(home, "keys", "-l").stdout)
    providers = json.loads(run(home, "status", "--json", env=env).stdout)["providers"]
    check("the provider is active", "bitrouter" in providers, str(providers))
    check("stop", run(home, "stop").returncode == 0)


def ways_out():
    """Whatever is broken off leaves nothing behind, and the terminal as it was."""
    for number in range(len(KEYS) + 2):
        home = os.path.join(WORK, f"out{number}")
        steps = (KEYS + [("Listen address", ENTER), ("Write this", ENTER)])[:number + 1]
        last, keys = steps[-1], BREAK if number % 2 else END
        t = Terminal(["--home-dir", home, "init"], {})
        before = termios.tcgetattr(t.fd)
        t.say(steps[:-1] + [(last[0], keys)])
        while t.read(30):
            pass
        check(f"the terminal is as it was {number}", termios.tcgetattr(t.fd)[3] == before[3])
        rc = t.end()
        check(f"broken off at {last[0]}: {rc}", rc == (130 if number % 2 else 1), t.shown)
        check(f"nothing is left {number}", listing(home) == [], str(listing(home)))
    home = os.path.join(WORK, "no")
    t = Terminal(["--home-dir", home, "init"], {})
    t.say(KEYS + [("Listen address", ENTER), ("Write this configuration?", "n" + ENTER)])
    check("no is 1", t.end() == 1, t.shown)
    check("nothing is left", listing(home) == [])


def signalled():
    """A signal ends it as it would end any program, but with the terminal as it was."""
    steps = KEYS + [("Listen address", ENTER), ("Write this", ENTER)]
    for number, (question, _) in enumerate(steps):
        home = os.path.join(WORK, f"signal{number}")
        end = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)[number % 3]
        t = Terminal(["--home-dir", home, "init"], {})
        before = termios.tcgetattr(t.fd)
        t.say(steps[:number])
        t.expect(question)
        os.kill(t.pid, end)
        while t.read(30):
            pass
        check(f"the terminal is as it was {number}", termios.tcgetattr(t.fd)[3] == before[3])
        check("pastes are told no more", t.shown.rstrip().endswith("\x1b[?2004l"), t.shown)
        check("it says so", "nothing was written" in t.shown, t.shown)
        check(f"{end.name} at {question}", t.end() == -end, t.shown)
        check(f"nothing is left {number}", listing(home) == [], str(listing(home)))


def hung_up():
    """The window is closed."""
    for number in range(len(KEYS)):
        home = os.path.join(WORK, f"closed{number}")
        t = Terminal(["--home-dir", home, "init"], {})
        t.say(KEYS[:number])
        t.expect(KEYS[number][0])
        check(f"it ends {number}", t.end(0) in (-signal.SIGHUP, 1), t.shown)
        check(f"nothing is left {number}", listing(home) == [], str(listing(home)))


def pasted():
    """A key comes with what is around it; two are none."""
    home = os.path.join(WORK, "pasted")
    t = Terminal(["--home-dir", home, "init"], {})
    t.say(KEYS[:2] + [("OpenAI API key", f"\x1b[200~{SECRET}\nsk-other\x1b[201~{ENTER}"),
                      ("A key is one word", ""),
                      ("OpenAI API key", "\x1b[200~" + "k" * 9000 + f"\x1b[201~{ENTER}"),
                      ("over 8192 bytes", f"\x1b[200~ {SECRET} \r\n\x1b[201~{ENTER}")])
    t.say(KEYS[3:] + [("Listen address", ENTER), ("Write this", ENTER),
                      ("Start the API server now?", "n" + ENTER)])
    check("it ends well", t.end() == 0, t.shown)
    check("no key is shown", not re.search("sk-|kkk", t.shown), t.shown)
    env = read(home, ".env")
    check("the key alone", env.endswith(f"OPENAI_API_KEY={SECRET}\n"), env)


def reachable():
    """Where others can come, a token is needed, and what is told to do next works."""
    home, port = os.path.join(WORK, "reachable"), free_port()
    t = Terminal(["--home-dir", home, "init"], {})
    t.say([("Choose a provider mode:", "2"), ("Configure OpenAI?", ENTER)] + KEYS[3:]
          + [("Listen address", f"0.0.0.0:{port}{ENTER}"), ("Write this", ENTER),
             ("Start the API server now?", ENTER)])
    t.expect("Authorization: Bearer $(bitrouter keygen", 60)
    check("it ends well", t.end() == 0, t.shown)
    check("an account comes first", "bitrouter account -g " in t.shown, t.shown)
    check("an account", run(home, "account", "-g").returncode == 0)
    token = run(home, "keygen", "--exp", "1h").stdout.strip()
    request = urllib.request.Request(f"http://127.0.0.1:{port}/v1/models")
    request.add_header("Authorization", "Bearer " + token)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            check("the token is taken", "data" in json.load(answer))
    except OSError as error:
        check("the token is taken", False, str(error))
    check("stop", run(home, "stop").returncode == 0)


def unwritable():
    """A home that cannot be: one line, and where. Root may write everywhere."""
    locked = os.path.join(WORK, "locked")
    os.mkdir(locked, 0o500)
    if not os.access(locked, os.W_OK):
        t = Terminal(["--home-dir", os.path.join(locked, "a", "home"), "init"], {})
        check("a folder of others", t.end() == 1, t.shown)
        check("and what to do", f"{locked} cannot" in t.shown and "--home-dir" in t.shown,
              t.shown)
    with open(os.path.join(WORK, "file"), "w", encoding="utf-8"):
        pass
    t = Terminal(["--home-dir", os.path.join(WORK, "file", "home"), "init"], {})
    check("it fails", t.end() == 1, t.shown)
    check("and says where", f"{WORK}/file/home" in t.shown, t.shown)
    check("nobody is asked in vain", "?" not in t.shown, t.shown)


def colors():
    t = Terminal(["--home-dir", os.path.join(WORK, "c"), "init"], {})
    t.say([("Choose a provider mode:", BREAK)])
    t.end()
    check("NO_COLOR", "\x1b[3" not in t.shown, t.shown)
    words = re.sub(r"\x1b\[\?2004[hl]", "", t.shown)
    check("60 columns", max(map(len, words.split("\r\n"))) <= 60, t.shown)
    t = Terminal(["--home-dir", os.path.join(WORK, "c"), "init"], {"NO_COLOR": ""})
    t.say([("Choose a provider mode:", BREAK)])
    t.end()
    check("colours", "\x1b[36m" in t.shown, t.shown)


for story in (keys, cloud, ways_out, signalled, hung_up, pasted, reachable,
              unwritable, colors):
    story()
sys.exit(min(failures, 99))
