"""Canaries: words that stand for prompts, answers and secrets. They go through good
calls, failed ones and refused ones; then everything that bitrouter has written or said is
searched for them: logs at their finest, events, figures, telemetry, errors, admin
answers, files."""

import base64
import http.server
import json
import os
import subprocess
import sys
import threading
import time

from protocols import NAMES, ROOTS, WORDS, is_whole, plain, request, streamed, event_rows
from world import BITROUTER, MOCK, Tally, World, need, until

USAGE = {"input": 40, "read": 10, "write": 0, "output": 20, "reasoning": 8}

#  The words; a credential of ours is added as it is made.
PROMPT, SAID = "canary-prompt-4711", "canary-answer-4712"
PROVIDER = "sk-canary-provider-key-4713"
ODD = "sk-canary-provider-odd-4714"
CLIENT = "sk-canary-client-key-4715"
COOKIE = "canary-cookie-4716"
DATABASE = "canary-database-4717"
COLLECTOR = "canary-collector-4718"
QUERY = "canary-query-4719"

tally = Tally()
check = tally.check


class Parrot(http.server.BaseHTTPRequestHandler):
    """As a provider: refuses everything, and repeats the request's head in the reason. As
    a collector: keeps bodies."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        if self.path.startswith("/otlp"):
            self.server.bodies.append(body)
            return self._answer(200, "{}")
        self.server.asked += 1
        words = " ".join(self.headers.values())
        status = (401, 400, 403, 500, 429, 404)[self.server.asked % 6]
        self._answer(status, json.dumps({"type": "error", "error": {
            "type": "authentication_error", "code": "invalid_api_key",
            "status": "UNAUTHENTICATED", "message": f"Incorrect API key: {words}"}}))

    def _answer(self, status, text):
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *args):
        pass


def start_parrot():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Parrot)
    server.daemon_threads = True
    server.bodies, server.asked = [], 0
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def spellings(word):
    """A word as it is, and packed."""
    raw = word.encode()
    found = {raw, raw.hex().encode(), raw.hex().upper().encode()}
    for shift in range(3):  # what is certain of it in base64, at any place
        packed = base64.b64encode(b"\0" * shift + raw)
        found.add(packed[4 if shift else 0:-4])
    return found


def holds(data, words):
    """Which of the words are in the bytes."""
    raw = data if isinstance(data, bytes) else str(data).encode()
    return sorted(word for word in words if any(one in raw for one in spellings(word)))


def files_below(folder):
    for root, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(root, name)
            if os.path.isfile(path):
                with open(path, "rb") as file:
                    yield path, file.read()


def said(protocol, stream):
    """An answer of a provider, with a canary in it."""
    text = streamed(protocol, event_rows(protocol, USAGE)) if stream \
        else json.dumps(plain(protocol, USAGE))
    return text.replace("All right.", SAID).replace('"right."', f'"{SAID}"')


def open_world(parrot, **members):
    world = World("processes", {f"{name}{int(stream)}": said(name, stream)
                                for name in NAMES for stream in (False, True)}, record=99)
    at = f"http://127.0.0.1:{parrot.server_port}"
    pricing = {"pricing": {"input_tokens": {"no_cache": 1}, "output_tokens": {"text": 2}}}
    providers, routes = {}, {}
    for name in NAMES:
        base = f"http://127.0.0.1:{world.mock}{ROOTS[name]}"
        words = {"plain": f"mock-file.{name}0", "stream": f"mock-file.{name}1",
                 "failing": "mock-500", "limited": "mock-429",
                 "broken": "mock-tools-errorafter2", "cut": "mock-tools-cut1",
                 "garbled": "mock-html"}
        providers[name] = {"api_protocol": WORDS[name], "api_base": base,
                           "api_key": f"{PROVIDER}-{name}",
                           "models": {model: pricing for model in words.values()}}
        providers[f"odd-{name}"] = {"api_protocol": WORDS[name],
                                    "api_base": f"{at}{ROOTS[name]}",
                                    "api_key": f"{ODD}-{name}",
                                    "models": {"odd": pricing}}
        for word, model in words.items():
            routes[f"{word}-{name}"] = {"strategy": "priority", "endpoints": [
                {"provider": name, "service_id": model}]}
        routes[f"odd-{name}"] = {"strategy": "priority", "endpoints": [
            {"provider": f"odd-{name}", "service_id": "odd"}]}
    server = {"listen": world.address, "log_level": "trace", **members.pop("server", {})}
    members.setdefault("telemetry", {"otlp": {
        "endpoint": f"{at}/otlp", "interval_secs": 0.2,
        "headers": {"authorization": f"Bearer {COLLECTOR}"}}})
    world.configure(
        {}, routes, providers=providers, server=server,
        upstream={"retries": 0, "breaker": {"failures": 0, "error_percent": 0}},
        **members)
    world.start()
    return world


def follow(world):
    """Writes all events, messages too, to a file."""
    names = ("message", "host.", "conf.", "call.", "attempt.", "limit.", "budget.",
             "breaker.", "queue.")
    out = open(world.path("events"), "wb")
    child = subprocess.Popen([BITROUTER, "--home-dir", world.home, "events", *names],
                             env=world.env, stdin=subprocess.DEVNULL, stdout=out,
                             stderr=subprocess.STDOUT)
    world.children.append(child)
    out.close()

    def has_some():
        world.talk("chat", "plain-chat", text=PROMPT)
        return '"message"' in world.text("events")
    until("events come", has_some)


def good_calls(world, key):
    """Answers with the canary, as it should be; returns how many."""
    count = 0
    for name in NAMES:
        for stream in (False, True):
            for secret in (key, CLIENT):
                answer = world.talk(name, f"{'stream' if stream else 'plain'}-{name}",
                                    stream, 100, secret, PROMPT,
                                    {"cookie": f"session={COOKIE}", "x-api-key": CLIENT,
                                     "x-bitrouter-run": "run-1"})
                count += is_whole(name, stream, answer) and SAID in answer.body
    return count


def errors(world, key, revoked, token):
    """Answers of calls that fail or are refused, each with canaries in it."""
    cookie = {"cookie": f"session={COOKIE}"}
    found = []

    def ask(*args, **rest):
        found.append(world.ask(*args, **rest))
    for name in NAMES:
        for stream in (False, True):
            for word in ("failing", "limited", "broken", "cut", "garbled"):
                path, body = request(name, f"{word}-{name}", stream, 100, PROMPT)
                ask(path, body, key, cookie)
            for _ in range(6):
                path, body = request(name, f"odd-{name}", stream, 100, PROMPT)
                ask(path, body, key, cookie)
        path, body = request(name, f"plain-{name}", False, 100, PROMPT)
        ask(path, body, revoked, cookie)
        ask(path, body, "brvk_" + CLIENT.ljust(43, "x"), cookie)
        ask(path, body, token[:-6] + "AAAAAA", cookie)
        ask(path, body, None, {"x-api-key": token[:-6] + "AAAAAA"})
        ask(path, body, None, {"authorization": f"Bearer aaaa.{CLIENT}.bbbb"})
        ask(path, body, key, {**cookie, "x-bitrouter-session": "a b"})
        ask(path, body, key, {**cookie, "x-bitrouter-timeout": "never"})
        ask(path, json.dumps(body)[:-3], key, cookie)
        ask(path, '{"model": ' + json.dumps(PROMPT)[:-1], key, cookie)
        ask(path, json.dumps({**body, "stream": PROMPT, "messages": PROMPT,
                              "input": {PROMPT: 1}, "contents": PROMPT}), key, cookie)
        path, body = request(name, "nobody", False, 100, PROMPT)
        ask(path, body, key, cookie)
        ask(f"{path}{'&' if '?' in path else '?'}key={QUERY}", body, None, cookie)
        ask(path, None, key, cookie, method="GET")
    ask(f"/nowhere?key={QUERY}", {"text": PROMPT}, key, cookie)
    ask("/admin/metrics", None, CLIENT, cookie, method="GET")
    ask("/v1/models", None, "brvk_" + CLIENT.ljust(43, "y"), cookie, method="GET")
    return found


def check_answers(found, words):
    """No error tells a secret. What a client has said it may hear again."""
    failed = [one for one in found if one.status != 200 or one.cut
              or "error" in one.body.lower()]
    check("nearly all of them fail", len(failed) >= len(found) - 12)
    for one in found:
        text = f"{one.headers}\n{one.body}"
        check(f"an error, {one.status}: {one.body[:60]!r}", holds(text, words), [])


def admin_commands():
    """Names of all that the door answers, but for those that change something."""
    with open(os.path.join(os.environ.get("BR_SOURCE_DIR") or ".",
                           "broker/core/br_admin.def")) as file:
        return [line.split("(")[1].split(",")[0] for line in file
                if line.startswith("BR_ADMIN (") and ", READS, " in line]


def check_told(world, parrot, words):
    """What bitrouter says to those who watch it."""
    for name in admin_commands():
        done = world.run("admin", name, ok=False)
        check(f"admin {name}", (done.returncode, holds(done.stdout + done.stderr, words)),
              (0, []))
    for args in (["config", "show"], ["config", "check"], ["status", "--json"],
                 ["route"], ["models"], ["key", "list", "--json"], ["keys", "--json"],
                 ["spend", "--json", "--by", "key"], ["trace", "run-1"],
                 ["ledger", "status"], ["ledger", "verify"]):
        done = world.run(*args, ok=False)
        check(" ".join(args), holds(done.stdout + done.stderr, words), [])
    for path in ("/metrics", "/v1/metrics", "/admin/metrics", "/health", "/ready",
                 "/v1/models", "/v1beta/models"):
        answer = world.ask(path, None, method="GET")
        check(path, (answer.status, holds(f"{answer.headers}{answer.body}", words)),
              (200, []))
    before = len(parrot.bodies)
    until("telemetry is sent", lambda: len(parrot.bodies) > before + 1)
    check("telemetry", holds(b"\n".join(parrot.bodies), words), [])
    check("telemetry tells of calls", b"run-1" in b"".join(parrot.bodies)
          or b"traceId" in b"".join(parrot.bodies))


def check_written(world, words, secrets):
    """What is in files: of the configuration and the mock provider only ours."""
    events = world.text("events")
    check("events", holds(events, words), [])
    check("events of every kind", all(f'"{name}"' in events for name in (
        "message", "call.started", "call.ended", "call.settled", "attempt.failed")))
    check("what it prints", holds(world.text("serve.out"), words), [])
    check("logs are at their finest", " debug " in world.text("serve.out"))
    for path, data in files_below(world.home):
        name = os.path.relpath(path, world.home)
        if name != "bitrouter.yaml":
            check(name, holds(data, words if ".keys" not in name else secrets), [])
    for pid in world.pids():
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            check("a process's arguments", holds(file.read(), words), [])


def play(**members):
    parrot = start_parrot()
    with open_world(parrot, **members) as world:
        world.run("account", "-g")
        key = world.sign("--name", "mine", "--budget", "1000000000")["key"]
        revoked = world.sign()
        world.run("key", "revoke", revoked["id"])
        token = world.run("keygen").stdout.strip()
        until("the key is revoked", lambda: world.talk(
            "chat", "plain-chat", key=revoked["key"]).status == 401)
        follow(world)
        is_open = not members.get("server", {}).get("require_auth")
        check("good calls", good_calls(world, key), 16 if is_open else 8)
        check("a token", world.talk("chat", "plain-chat", key=token).status, 200)
        found = errors(world, key, revoked["key"], token)
        secrets = [PROVIDER, ODD, CLIENT, COOKIE, DATABASE, COLLECTOR, QUERY, key,
                   revoked["key"], token.split(".")[2][:60]]
        check("the provider that repeats secrets was asked", parrot.asked > 40)
        check_answers(found, secrets)
        time.sleep(0.3)
        if is_open:
            check_told(world, parrot, [*secrets, PROMPT, SAID])
        check("the canaries do go to the provider",
              holds(world.ask_mock(), [PROVIDER, PROMPT]), sorted([PROVIDER, PROMPT]))
        check("but not those of the client",
              holds(world.ask_mock(), [CLIENT, COOKIE, key]), [])
        check("it ends in order", world.stop(), 0)
        check_written(world, [*secrets, PROMPT, SAID], secrets)
    parrot.shutdown()


def no_database():
    """A database and a collector that cannot be reached, with passwords in their addresses,
    which are escaped or not."""
    parrot = start_parrot()
    otlp = {"endpoint": f"http://someone:{COLLECTOR}@127.0.0.1:9", "interval_secs": 0.2}
    for scheme, before in (("postgres", ""), ("mysql", ""), ("postgres", "p@a:")):
        url = f"{scheme}://someone:{before}{DATABASE}@127.0.0.1:9/books"
        try:
            with open_world(parrot, database={"url": url}, telemetry={"otlp": otlp},
                            server={"drain_secs": 1}) as world:
                world.talk("chat", "plain-chat", text=PROMPT)
                time.sleep(0.5)
                for name in admin_commands():
                    done = world.run("admin", name, ok=False)
                    check(f"{scheme}: admin {name}",
                          holds(done.stdout + done.stderr, [DATABASE, COLLECTOR]), [])
                for args in (["config", "show"], ["status"], ["ledger", "status"],
                             ["ledger", "verify"], ["spend"]):
                    done = world.run(*args, ok=False)
                    check(f"{scheme}: {' '.join(args)}",
                          holds(done.stdout + done.stderr, [DATABASE, COLLECTOR]), [])
                world.stop()
                for path, data in files_below(world.folder):
                    if not path.endswith("bitrouter.yaml"):
                        check(f"{scheme}: {os.path.relpath(path, world.folder)}",
                              holds(data, [DATABASE, COLLECTOR]), [])
        except (RuntimeError, TimeoutError) as why:
            check(f"{scheme}: it starts without it", str(why)[-500:], "")
    parrot.shutdown()


def main():
    need(BITROUTER, MOCK)
    play()
    play(server={"require_auth": True})
    no_database()
    tally.end()


if __name__ == "__main__":
    sys.exit(main())
