"""A bitrouter with a mock provider, in a folder of its own, for the tests of money: how
it is started, in any placement, how it is asked, and what its ledger says."""

import http.client
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

from protocols import NAMES, ROOTS, WORDS, request

SOURCE = os.environ.get("BR_SOURCE_DIR") or os.path.realpath(
    os.path.join(os.path.dirname(__file__), "..", ".."))
BUILD = os.path.realpath(os.environ.get("BR_BUILD_DIR") or ".")
BITROUTER = os.path.realpath(os.environ.get("BITROUTER")
                             or os.path.join(BUILD, "bitrouter"))
MOCK = os.path.realpath(os.environ.get("MOCK") or os.path.join(BUILD, "bench/mock"))
DEEP = os.environ.get("BR_DEEP") == "yes"
PATIENCE = 30  # seconds that something may take to happen
CALL = 60      # seconds that a call may take


class Answer:
    """status 0: none; cut: why the connection ended too early; body: text"""

    def __init__(self):
        self.status, self.headers, self.body, self.cut = 0, {}, "", ""
        self.ended = 0.0  # unix time


class Tally:
    """What passed and what did not; the last line is for ./check."""

    def __init__(self):
        self.passed = self.failed = 0

    def check(self, what, got, wanted=True):
        if got == wanted:
            self.passed += 1
            return True
        self.failed += 1
        print(f"FAIL {what}\n  got    {str(got)[:600]}\n  wanted {str(wanted)[:600]}",
              flush=True)
        return False

    def end(self):
        print(f"{self.passed} passed, {self.failed} failed", flush=True)
        sys.exit(1 if self.failed else 0)


def need(*programs):
    """Without these the test is skipped, out loud."""
    for program in programs:
        if not os.access(program, os.X_OK):
            print(f"no program {program}; make bitrouter bench-tools")
            sys.exit(77)


def until(what, test, seconds=PATIENCE):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = test()
        if found:
            return found
        time.sleep(0.03)
    raise TimeoutError(f"did not happen: {what}")


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def together(count, work):
    """work(0) .. work(count - 1) at the same time; their results in order."""
    results = [None] * count
    gate = threading.Barrier(count)

    def run(number):
        gate.wait()
        results[number] = work(number)
    threads = [threading.Thread(target=run, args=(i,), daemon=True)
               for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


class World:
    """placement: one, processes, hosts; files: recorded answers by name; record: how many
    requests the mock provider keeps"""

    def __init__(self, placement="one", files=None, record=0):
        self.folder = tempfile.mkdtemp(prefix="br-money.")
        self.home = os.path.join(self.folder, "home")
        self.placement, self.server, self.children = placement, None, []
        self.env = {"PATH": os.environ["PATH"], "HOME": self.folder}
        self.args, self.ledger = [], "bitrouter.db"
        os.mkdir(self.home)
        os.mkdir(os.path.join(self.folder, "files"))
        for name, text in (files or {}).items():
            with open(os.path.join(self.folder, "files", name), "w") as file:
                file.write(text)
        self.mock = self._start_mock(record)
        self.address = f"127.0.0.1:{free_port()}"

    def __enter__(self):
        return self

    def __exit__(self, kind, *rest):
        for child in self.children:
            child.kill()
            child.wait()
        self._kill_left()
        if kind or os.environ.get("BR_KEEP"):
            print(f"the logs are in {self.folder}")
        else:
            shutil.rmtree(self.folder, ignore_errors=True)

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def text(self, *names):
        with open(self.path(*names), errors="replace") as file:
            return file.read()

    # ---- programs

    def _spawn(self, name, args):
        out = open(self.path(f"{name}.out"), "ab")
        child = subprocess.Popen(args, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                 env=self.env)
        out.close()
        self.children.append(child)
        return child

    def _start_mock(self, record):
        log = self.path("mock.log")
        open(log, "w").close()
        self._spawn("mock", [MOCK, "--port", "0", "--log", log, "--files",
                             self.path("files"), "--record", str(record)])
        until("the mock provider listens", lambda: "listening" in self.text("mock.out"))
        return int(self.text("mock.out").split(":")[-1])

    def configure(self, models, routes, **members):
        """models: by name, or by provider and name, what is known of them; routes: by
        name; members: others of bitrouter.yaml. Providers are chat, responses, messages
        and google, each the mock provider in that protocol."""
        conf = {"inherit_defaults": False, "server": {"listen": self.address},
                "upstream": {"retries": 0}, "providers": {}, "models": routes, **members}
        conf["server"].setdefault("listen", self.address)
        for protocol in NAMES if models else ():
            base = f"http://127.0.0.1:{self.mock}{ROOTS[protocol]}"
            conf["providers"].setdefault(protocol, {
                "api_protocol": WORDS[protocol], "api_base": base,
                "api_key": f"sk-provider-{protocol}",
                "models": models.get(protocol, models)})
        self.write(conf)

    def write(self, conf):
        """JSON is YAML; a text @1.5@ becomes the number."""
        text = re.sub(r'"@([0-9.]+)@"', r"\1", json.dumps(conf, indent=1))
        with open(self.path("home", "bitrouter.yaml"), "w") as file:
            file.write(text)
        self.conf = conf

    def _topology(self):
        if self.placement == "one":
            return []
        with open(os.path.join(SOURCE, "conf/topology",
                               f"{self.placement}.yaml")) as file:
            text = file.read().replace(":7700", f":{free_port()}")
        path = self.path("topology.yaml")
        if not os.path.exists(path):
            with open(path, "w") as file:
                file.write(text)
        if self.placement == "hosts":
            self.run("topology", "keygen", "--topology", path)
        return ["--topology", path]

    def start(self, *args):
        self.args = [*args, *self._topology()]
        self.server = self._spawn("serve", [BITROUTER, "--home-dir", self.home, "serve",
                                            *self.args])
        self.wait_ready()

    def wait_ready(self):
        def is_ready():
            if self.server.poll() is not None:
                raise RuntimeError(f"it has ended: {self.text('serve.out')[-2000:]}")
            return (self.admin("status") or {}).get("ready")
        until("bitrouter is ready", is_ready)

    def stop(self):
        self.server.send_signal(signal.SIGTERM)
        return self.server.wait(PATIENCE)

    def _kill_left(self):
        """Hosts whose broker was killed; those of this home alone."""
        for pid in self.pids():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def pids(self):
        """Processes of this home: by what they were started with."""
        found = []
        for name in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{name}/cmdline", "rb") as file:
                    words = file.read().split(b"\0")
                with open(f"/proc/{name}/stat") as file:
                    is_dead = file.read().rsplit(")", 1)[1].split()[0] == "Z"
            except OSError:
                continue
            if not is_dead and any(word.startswith(self.home.encode()) for word in words):
                found.append(int(name))
        return found

    def run(self, *args, ok=True):
        done = subprocess.run([BITROUTER, "--home-dir", self.home, *args], env=self.env,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              errors="replace", timeout=PATIENCE)
        if ok and done.returncode:
            raise RuntimeError(f"bitrouter {' '.join(args)}: {done.stderr}")
        return done

    def admin(self, *args):
        done = self.run("admin", *args, ok=False)
        return json.loads(done.stdout) if done.returncode == 0 else None

    def sign(self, *args):
        """A new virtual key that counts already: what key sign --json tells of it."""
        key = json.loads(self.run("key", "sign", "--json", *args).stdout)
        self.wait_known(key["key"])
        return key

    def wait_known(self, key):
        """Every shard has a listener of its own: some connections in a row."""
        def is_known():
            return all(self.ask("/v1/models", None, key, method="GET").status == 200
                       for _ in range(8))
        until("the key is known", is_known)

    # ---- calls

    def ask(self, path, body, key=None, headers=None, leave=None, method="POST",
            patience=CALL):
        """leave: seconds, after the head of the answer, until the client goes away;
        patience: seconds without a byte until it does"""
        answer = Answer()
        host, port = self.address.split(":")
        connection = http.client.HTTPConnection(host, int(port), timeout=patience)
        fields = {"content-type": "application/json", "anthropic-version": "2023-06-01",
                  **({"authorization": f"Bearer {key}"} if key else {}),
                  **(headers or {})}
        text = body if isinstance(body, (str, bytes, type(None))) else json.dumps(body)
        parts = []
        try:
            connection.request(method, path, text, fields)
            response = connection.getresponse()
            answer.status = response.status
            answer.headers = {name.lower(): value
                              for name, value in response.getheaders()}
            if leave is not None:
                time.sleep(leave)
                answer.cut = "left"
                connection.sock and connection.sock.close()
                response.close()
                return answer
            while True:
                part = response.read1(65536)
                if not part:
                    break
                parts.append(part)
            if response.length:
                answer.cut = "short"
        except (OSError, http.client.HTTPException) as why:
            answer.cut = repr(why)
        finally:
            answer.body = b"".join(parts).decode(errors="replace")
            answer.ended = time.time()
            connection.close()
        return answer

    def talk(self, protocol, model, stream=False, most=None, key=None, text="Hello",
             headers=None, **rest):
        path, body = request(protocol, model, stream, most, text)
        return self.ask(path, body, key, headers, **rest)

    # ---- what is known afterwards

    def ask_mock(self):
        """What the mock provider has received, as JSON: with record."""
        connection = http.client.HTTPConnection("127.0.0.1", self.mock, timeout=CALL)
        connection.request("GET", "/mock/calls")
        text = connection.getresponse().read()
        connection.close()
        return text

    def rows(self, where="1", *args):
        """Rows of the ledger, as dicts."""
        path = self.path("home", self.ledger)
        if not os.path.exists(path):
            return []
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10) as database:
            database.row_factory = sqlite3.Row
            found = database.execute(f"SELECT * FROM calls WHERE {where} ORDER BY seq",
                                     args)
            return [dict(row) for row in found]

    def wait_rows(self, count, where="1", *args):
        try:
            until("rows", lambda: len(self.rows(where, *args)) >= count, 15)
        except TimeoutError:
            pass
        return self.rows(where, *args)

    def log(self):
        """What the mock provider has answered."""
        return [json.loads(line) for line in self.text("mock.log").splitlines()]
