"""Signed receipts, in each placement: every answer of an opened call ends with one, in its
head, in a comment or in a trailer. `bitrouter receipt verify` accepts it for the body that
was sent and against the ledger, and nothing that was changed; it names the usage that the
mock provider has told, and its cost. Without the meter answers come all the same."""

import hashlib
import json
import os
import random
import re
import signal
import socket
import sqlite3
import sys
import time

from protocols import NAMES, event_rows, plain, random_usage, request, streamed
from world import BITROUTER, DEEP, MOCK, Tally, World, need, until

MILLION = 1000000
RATES = {"input": 3 * 10**9, "output": 15 * 10**9}  # nano-USD per million tokens
PRICING = {"input_tokens": {"no_cache": 3}, "output_tokens": {"text": 15}}
LATE = 2.0    # seconds that an answer waits for its receipt
SLACK = 1.5   # seconds, on a machine with no time for us
HEADER = "x-bitrouter-receipt"

tally = Tally()
check = tally.check


class Reply:
    """An answer as it came: where its receipt was, and all that came before that."""

    def __init__(self):
        self.status, self.fields, self.trailers = 0, {}, {}
        self.body, self.is_whole, self.took = b"", False, 0.0

    def receipt(self):
        """(where, text), or (None, None)"""
        if HEADER in self.fields:
            return "header", self.fields[HEADER]
        found = re.findall(rb"^: bitrouter receipt=(\S+)\n\n", self.body, re.M)
        if found:
            return "comment", found[-1].decode()
        if HEADER in self.trailers:
            return "trailer", self.trailers[HEADER]
        return None, None


def fields_of(lines):
    pairs = (line.split(": ", 1) for line in lines if line)
    return {name.lower(): value for name, value in pairs}


def unchunk(reply, rest):
    while True:
        size, _, rest = rest.partition(b"\r\n")
        count = int(size or b"0", 16)
        if count == 0:
            reply.is_whole = bool(size) and rest.endswith(b"\r\n")
            reply.trailers = fields_of(rest.decode().split("\r\n"))
            return
        reply.body += rest[:count]
        rest = rest[count + 2:]


def take_apart(raw):
    reply = Reply()
    head, _, rest = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    reply.status = int(first.split()[1]) if first else 0
    reply.fields = fields_of(lines)
    if reply.fields.get("transfer-encoding") == "chunked":
        unchunk(reply, rest)
    else:
        reply.body = rest
        reply.is_whole = len(rest) == int(reply.fields.get("content-length", -1))
    return reply


def ask(world, path, body, headers=None, method="POST", until_seen=None):
    """until_seen: bytes behind which the client goes away"""
    host, port = world.address.split(":")
    head = [f"{method} {path} HTTP/1.1", f"host: {world.address}", "connection: close",
            "content-type: application/json", "anthropic-version: 2023-06-01",
            f"content-length: {len(body)}"]
    head += [f"{name}: {value}" for name, value in (headers or {}).items()]
    since, raw = time.monotonic(), b""
    with socket.create_connection((host, int(port)), timeout=60) as sock:
        sock.sendall("\r\n".join(head).encode() + b"\r\n\r\n" + body)
        while True:
            part = sock.recv(65536)
            raw += part
            if not part or (until_seen and until_seen in raw):
                break
    reply = take_apart(raw)
    reply.took = time.monotonic() - since
    return reply


def talk(world, protocol, model, stream=False, text="Hello", **rest):
    path, body = request(protocol, model, stream, 5000, text)
    return send(world, path, body, **rest)


def send(world, path, body, **rest):
    """(the reply, the bytes of its request)"""
    raw = json.dumps(body).encode()
    return ask(world, path, raw, **rest), raw


# ---- what is asked, and what must come of it

class Case:
    def __init__(self, name, where, ask, usage=None, outcome="ok", status=200):
        self.name, self.where, self.ask, self.usage = name, where, ask, usage
        self.outcome, self.status = outcome, status

    def cost(self):
        """nano-USD, rounded half up once; parts without a rate cost that of the whole"""
        total = self.usage["input"] * RATES["input"]
        total += self.usage["output"] * RATES["output"]
        return (2 * total + MILLION) // (2 * MILLION)


def large_answer(usage):
    said = plain("chat", usage)
    said["choices"][0]["message"]["content"] = "All right. " * 20000
    return said


def make_cases(dice, files):
    cases = []

    def add(name, protocol, model, where, stream=False, text=None, make=None, **rest):
        usage = random_usage(protocol, dice) if text else None
        if text:
            files[model] = text(usage)
        route = f"{protocol}-{model}" if not text else f"{protocol}-mock-file.{model}"
        make = make or (lambda world, name: talk(world, protocol, route, stream,
                                                 headers=name))
        cases.append(Case(name, where, make, usage, **rest))

    for one in NAMES:
        add(f"{one} single", one, f"{one}.json", "header",
            text=lambda usage, one=one: json.dumps(plain(one, usage)))
        add(f"{one} stream", one, f"{one}.sse",
            "trailer" if one == "google" else "comment", True,
            text=lambda usage, one=one: streamed(one, event_rows(one, usage)))
    add("a large single answer", "chat", "large.json", "trailer",
        text=lambda usage: json.dumps(large_answer(usage)))
    add("a JSON array", "google", "array.sse", "trailer",
        text=lambda usage: streamed("google", event_rows("google", usage)),
        make=lambda world, name: send(
            world, "/v1beta/models/google-mock-file.array.sse:streamGenerateContent",
            request("google", "", True)[1], headers=name))
    add("embeddings", "chat", "embed.json", "header",
        text=lambda usage: embeddings(usage),
        make=lambda world, name: send(world, "/v1/embeddings", {
            "model": "chat-mock-file.embed.json", "input": "Hello"}, headers=name))
    add("a large request", "chat", "request.json", "header",
        text=lambda usage: json.dumps(plain("chat", usage)),
        make=lambda world, name: talk(world, "chat", "chat-mock-file.request.json",
                                      text="x" * 3000000, headers=name))
    add("an error", "chat", "mock-tools-400", "header", outcome="failed", status=400)
    add("a cut stream", "chat", "mock-tools-cut2", "comment", True, outcome="failed")
    return cases


def embeddings(usage):
    usage.update({"output": 0, "read": 0, "write": 0, "reasoning": 0})
    return json.dumps({"object": "list", "model": "mock", "data": [
        {"object": "embedding", "index": 0, "embedding": [0.5, 0.25]}],
        "usage": {"prompt_tokens": usage["input"], "total_tokens": usage["input"]}})


def open_world(placement, files, **members):
    world = World(placement, files)
    models = {name: {} for name in NAMES}
    routes = {}
    for name in NAMES:
        for model in [f"mock-file.{file}" for file in files] + [
                "mock-tools-400", "mock-tools-cut2", "mock-tools"]:
            models[name][model] = {"pricing": PRICING}
            routes[f"{name}-{model}"] = {"strategy": "priority", "endpoints": [
                {"provider": name, "service_id": model}]}
    world.configure(models, routes, **members)
    world.start()
    return world


# ---- receipts

def verify(world, receipt, *args, ok=True):
    path = world.path("receipt.jws")
    with open(path, "w") as file:
        file.write(receipt)
    done = world.run("receipt", "verify", path, "--json", *args, ok=False)
    try:
        said = json.loads(done.stdout)
    except ValueError:
        said = {"error": done.stdout + done.stderr}
    check(f"verify {' '.join(args)}: {said.get('error')}",
          (done.returncode, said.get("sound")), (0, True) if ok else (1, False))
    return said.get("receipt") or {}


def with_body(world, raw):
    path = world.path("request.body")
    with open(path, "wb") as file:
        file.write(raw)
    return "--body", path


def check_case(world, case, number):
    what = f"{world.placement}, {case.name}"
    name = f"call-{number}"
    reply, raw = case.ask(world, {"x-bitrouter-request-id": name})
    where, receipt = reply.receipt()
    check(f"{what}: status", reply.status, case.status)
    if not check(f"{what}: where the receipt is", where, case.where):
        print(reply.fields, reply.trailers, reply.body[-300:], reply.took)
        return None
    if where == "trailer":
        check(f"{what}: it is announced", reply.fields.get("trailer"), HEADER)
    check(f"{what}: it ends well", reply.is_whole,
          case.outcome == "ok" or where == "header")
    said = verify(world, receipt, "--ledger", *with_body(world, raw))
    check(f"{what}: whose", (said.get("request_id"), said.get("outcome")),
          (name, case.outcome))
    check(f"{what}: of what", said.get("request_sha256"), hashlib.sha256(raw).hexdigest())
    if case.usage:
        told = {bucket: said.get(f"{bucket}_tokens") for bucket in ("input", "output")}
        check(f"{what}: tokens", told, {bucket: case.usage[bucket] for bucket in told})
        check(f"{what}: cost", said.get("cost_nusd"), case.cost())
    return receipt


def check_changed(world, receipt, dice):
    """Nothing that differs in a byte is sound; nor is it of another body, or key."""
    spots = range(len(receipt)) if DEEP else dice.sample(range(len(receipt)), 12)
    for spot in spots:
        other = "A" if receipt[spot] != "A" else "B"
        verify(world, receipt[:spot] + other + receipt[spot + 1:], ok=False)
    verify(world, receipt, *with_body(world, b"another"), ok=False)
    verify(world, receipt, "--key", "ab" * 32, ok=False)
    key = world.run("receipt", "key").stdout.strip()
    verify(world, receipt, "--key", key)


def check_replay(world):
    """The answer is kept without its receipt, and who hears it again does not wait."""
    rows = len(world.rows())
    for turn in range(2):
        reply, _ = talk(world, "chat", "chat-mock-tools",
                        headers={"idempotency-key": "once"})
        check(f"{world.placement}, replay {turn}: its receipt", reply.receipt()[0],
              None if turn else "header")
        check(f"{world.placement}, replay {turn}: time", reply.took < LATE)
    check(f"{world.placement}: a replay has no row", len(world.rows()) - rows, 1)


def check_refused(world):
    """What is not opened has none, and does not wait."""
    reply, _ = talk(world, "chat", "nobody/nothing")
    check(f"{world.placement}, refused", (reply.status, reply.receipt()[0],
                                          reply.took < LATE), (404, None, True))


# ---- without the meter

def meter(world):
    """Its host, while that is up."""
    rows = world.admin("hosts") or ()
    return next((row for row in rows if row["name"] == "ledger" and row["state"] == "up"),
                None)


def check_stuck_meter(world):
    """Nothing can be written down: the end comes after 2 seconds without a receipt, and
    nothing is lost."""
    rows = len(world.rows())
    path = world.path("home", world.ledger)
    with sqlite3.connect(path, isolation_level=None, timeout=10) as database:
        database.execute("BEGIN IMMEDIATE")
        for stream in (False, True):
            reply, _ = talk(world, "chat", "chat-mock-tools", stream)
            check(f"{world.placement}, stuck meter, stream {stream}: whole and without",
                  (reply.status, reply.is_whole, reply.receipt()[0]), (200, True, None))
            check(f"{world.placement}, stuck meter: {reply.took} s",
                  LATE - 0.1 < reply.took < LATE + SLACK)
        ask(world, *as_raw("chat-mock-tools"), until_seen=b"[DONE]\n\n")
        database.execute("ROLLBACK")
    found = world.wait_rows(rows + 3)
    check(f"{world.placement}: nothing is lost, and who left had an answer",
          [row["outcome"] for row in found[rows:]], ["ok"] * 3)


def as_raw(model):
    path, body = request("chat", model, True, 5000)
    return path, json.dumps(body).encode()


def check_killed_meter(world):
    old = until("the meter is there", lambda: meter(world))["pid"]
    rows = len(world.rows())
    os.kill(old, signal.SIGKILL)
    for _ in range(3):
        reply, raw = talk(world, "messages", "messages-mock-tools")
        check(f"{world.placement}, killed meter: {reply.took} s",
              (reply.status, reply.is_whole, reply.took < LATE + SLACK),
              (200, True, True))
        if reply.receipt()[1]:
            until("the meter is back", lambda: meter(world))
            verify(world, reply.receipt()[1], "--ledger", *with_body(world, raw))
    until("the meter is back", lambda: (meter(world) or {"pid": old})["pid"] != old)
    check(f"{world.placement}: nothing is lost", len(world.wait_rows(rows + 3)), rows + 3)
    reply, raw = talk(world, "messages", "messages-mock-tools")
    verify(world, reply.receipt()[1] or "", "--ledger", *with_body(world, raw))


# ---- the whole

def check_placement(placement, dice):
    files = {}
    cases = make_cases(dice, files)
    with open_world(placement, files, receipts="on") as world:
        kept = [check_case(world, case, number) for number, case in enumerate(cases)]
        if placement == "one" and kept[0]:
            check_changed(world, kept[0], dice)
        check_replay(world)
        check_refused(world)
        check_stuck_meter(world)
        if placement != "one":
            check_killed_meter(world)
        check(f"{placement}: it ends in order", world.stop(), 0)
        done = world.run("ledger", "verify", ok=False)
        check(f"{placement}: the chain holds", (done.returncode, done.stderr), (0, ""))


def check_off(dice):
    """Nobody waits, and nothing is told."""
    files = {}
    cases = make_cases(dice, files)
    with open_world("one", files) as world:
        for number, case in enumerate(cases):
            reply, _ = case.ask(world, {"x-bitrouter-request-id": f"call-{number}"})
            check(f"off, {case.name}", (reply.status, reply.receipt()[0],
                                        reply.fields.get("trailer")),
                  (case.status, None, None))
            check(f"off, {case.name}: {reply.took} s", reply.took < LATE)


def main():
    need(BITROUTER, MOCK)
    seed = int(os.environ.get("BR_SEED") or random.randrange(MILLION))
    print(f"BR_SEED={seed}")
    dice = random.Random(seed)
    only = os.environ.get("BR_ONLY")
    for placement in ("one", "processes", "hosts"):
        if only in (None, placement):
            check_placement(placement, dice)
    if not only:
        check_off(dice)
    tally.end()


if __name__ == "__main__":
    sys.exit(main())
