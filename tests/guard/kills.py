"""Guardrails in a load. The guard's process is killed again and again: under rules that
redact or block nothing gets through unseen, in either direction; under rules that redact and
fail open what does is told; under rules that warn no call is lost. Every call that was opened has one row, and nothing stays held of a budget.
Then the same load without kills in each placement, and rules that a reload changes."""

import math
import os
import random
import signal
import sys
import threading
import time

from protocols import NAMES, is_whole
from reload import play_reload
from talk import holds, is_good, redacted, said, says_error, text_of
from world import BITROUTER, DEEP, MOCK, Tally, World, need, until

SECONDS = float(os.environ.get("BR_SECONDS") or (30 if DEEP else 6))
LIFE = 8  # seconds of one bitrouter, and kills in it: a host that dies again and again is
KILLS_MAX = 8  # restarted ever later, and at last no more
WORKERS = 8
WARN_MS = 8000  # that a call under rules that warn may take, on a machine with no time
SHUT = "canary-shut-5f0c72d1e9"  # must not get through
OPEN = "canary-warn-83b1a6044c"  # must
EASY = "canary-easy-2c94e07bd1"  # may, without a guard
PATTERN = "canary-(?:shut|warn|easy)-[0-9a-f]{10}"
UNAVAILABLE = (503, 529)  # the second one is Anthropic's
WORDS = "Well, there it is: {0}. It was told \"{0}\" and again\n{0}, that is all of it."
MODEL = {"pricing": {"input_tokens": {"no_cache": 1000}, "output_tokens": {"text": 1000}}}

tally = Tally()
check = tally.check


class Kind:
    """route: what its name begins with; up, down: what is in the request and the answer;
    ends: how it ends when nobody was killed"""

    def __init__(self, route, up, down, ends):
        self.route, self.up, self.down, self.ends = route, up, down, ends
        self.text = WORDS.format(down)

    def wanted(self):
        return redacted(self.text, PATTERN) if self.ends == "redacted" else self.text

    def is_as_it_should(self, name, stream, answer):
        text = text_of(name, stream, answer)
        if self.ends == "refused":
            return answer.status == 400 and "guardrail blocked upgoing" in answer.body
        if self.ends == "blocked":
            began = self.text[:self.text.index(self.down)]
            return (answer.status == (200 if stream else 502) and began.startswith(text)
                    and "guardrail blocked downgoing" in answer.body
                    and says_error(name, stream, answer))
        return is_good(name, stream, answer, self.wanted())


KINDS = (
    Kind("redact", SHUT, SHUT, "redacted"),
    Kind("redact", "nothing", "nothing", "whole"),
    Kind("block", SHUT, "nothing", "refused"),
    Kind("block", "nothing", SHUT, "blocked"),
    Kind("block", "nothing", "nothing", "whole"),
    Kind("easy", EASY, EASY, "redacted"),
    Kind("warn", OPEN, OPEN, "whole"),
)


def file_of(name, stream, down):
    kind = {SHUT: "shut", OPEN: "open", EASY: "easy"}.get(down, "none")
    return f"{name}.{kind}.{'sse' if stream else 'json'}"


def route_of(kind, name, stream):
    return f"{kind.route}-{file_of(name, stream, kind.down)}"


def rules():
    def both(action):
        return {"custom_upgoing": {"canary": action},
                "custom_downgoing": {"canary": action}}
    canary = {"name": "canary", "regex": PATTERN, "direction": "both"}
    return {"custom_patterns": [canary],
            "rules": [{"routes": ["redact-*"], **both("redact")},
                      {"routes": ["easy-*"], "fail": {"canary": "open"}, **both("redact")},
                      {"routes": ["block-*"], **both("block")}]}


def open_world(placement):
    files = {file_of(name, stream, down): said(name, stream, WORDS.format(down))
             for name in NAMES for stream in (False, True)
             for down in (SHUT, OPEN, EASY, "nothing")}
    world = World(placement, files, record=1024)
    model = {file: f"mock-file.{file}-gap4" for file in files}
    routes = {f"{word}-{file}": {"strategy": "priority", "endpoints": [
        {"provider": file.split(".")[0], "service_id": model[file]}]}
        for word in ("redact", "easy", "block", "warn") for file in files}
    world.configure({name: MODEL for name in model.values()}, routes, guardrails=rules(),
                    auth={"budget_wait_secs": 2},
                    upstream={"retries": 0, "breaker": {"failures": 0,
                                                        "error_percent": 0}})
    world.start()
    return world


class Load:
    """Workers that ask all the time, with keys of which some have budgets."""

    def __init__(self, world, dice, keys):
        self.world, self.keys = world, keys
        self.calls = {}  # by request id: (kind, protocol, stream, answer, ms)
        self.leaks = []  # what the mock provider has seen
        self.has_passed = False  # it has seen what may be seen
        self._end, self._lock = threading.Event(), threading.Lock()
        self._threads = [threading.Thread(target=self._work, daemon=True,
                                          args=(random.Random(dice.random()),))
                         for _ in range(WORKERS)]
        self._threads.append(threading.Thread(target=self._watch, daemon=True))
        for thread in self._threads:
            thread.start()

    def _work(self, dice):
        while not self._end.is_set():
            kind, name = dice.choice(KINDS), dice.choice(NAMES)
            stream, key = dice.random() < 0.7, dice.choice(self.keys)
            call = f"call-{dice.randrange(1 << 60):x}"
            began = time.monotonic()
            answer = self.world.talk(name, route_of(kind, name, stream), stream, 100,
                                     key and key["key"], f"Keep this: {kind.up}!",
                                     {"x-bitrouter-request-id": call}, patience=20)
            took_ms = (time.monotonic() - began) * 1000
            with self._lock:
                self.calls[call] = (kind, name, stream, answer, took_ms)
            if answer.status in UNAVAILABLE:
                time.sleep(0.02)

    def _watch(self):
        """The mock provider keeps no more than the last requests."""
        while not self._end.wait(0.3):
            self.look_at_mock()

    def look_at_mock(self):
        text = self.world.ask_mock().decode(errors="replace")
        self.has_passed = self.has_passed or holds(OPEN, text)
        if holds(SHUT, text):
            self.leaks.append("a provider")

    def stop(self):
        self._end.set()
        for thread in self._threads:
            thread.join()
        self.look_at_mock()


def kill_guard(world):
    """It must be back, in another life."""
    def find():
        rows = world.admin("hosts") or ()
        return next((row for row in rows if row["name"] == "guard"
                     and row["state"] == "up"), None)
    old = until("the guard is there", find)
    os.kill(old["pid"], signal.SIGKILL)
    until("the guard is back", lambda: (find() or old)["pid"] != old["pid"])


def wait_served(world):
    kind = KINDS[0]

    def is_served():
        answer = world.talk("chat", route_of(kind, "chat", True), True, 100,
                            text="Hello", headers={"x-bitrouter-request-id": "after"})
        return kind.is_as_it_should("chat", True, answer)
    until("calls are served again", is_served)


def is_clean_loss(name, stream, answer):
    """What a call may become when the guard was killed under it."""
    return answer.status in (200, *UNAVAILABLE) and not is_whole(name, stream, answer) \
        and says_error(name, stream, answer)


def is_told_unchecked(kind, name, stream, answer):
    """There was no guard, its rule fails open, and the client knows."""
    return kind.route == "easy" and is_good(name, stream, answer, kind.text) \
        and answer.headers.get("x-bitrouter-guard") == "unchecked, answer-unchecked"


def judge_answers(what, load, may_lose):
    counts, wrong, leaks, slow = {}, [], list(load.leaks), 0
    for call, (kind, name, stream, answer, ms) in load.calls.items():
        text = text_of(name, stream, answer)
        if holds(SHUT, answer.body) or holds(SHUT, text):
            leaks.append((call, kind.route, name, stream, answer.body[-300:]))
        good = kind.is_as_it_should(name, stream, answer)
        if kind.route == "warn":
            slow = max(slow, ms)
        lost = not good and may_lose and kind.route != "warn" \
            and is_clean_loss(name, stream, answer)
        row = counts.setdefault(f"{kind.route}, {kind.ends}",
                                {"good": 0, "unchecked": 0, "refused": 0, "cut": 0})
        if good:
            row["good"] += 1
        elif may_lose and is_told_unchecked(kind, name, stream, answer):
            row["unchecked"] += 1
        elif lost:
            row["cut" if answer.status == 200 else "refused"] += 1
        else:
            wrong.append((call, kind.route, kind.ends, name, stream, answer.status,
                          answer.cut, answer.body[-300:]))
    print(f"{what}: {len(load.calls)} calls, warn took at most {slow:.0f} ms; {counts}")
    check(f"{what}: nothing gets through", leaks[:3], [])
    check(f"{what}: but what only warns does", load.has_passed)
    check(f"{what}: every call ends as it should", wrong[:3], [])
    check(f"{what}: no call that only warns waits", slow < WARN_MS)
    for name in {f"{kind.route}, {kind.ends}" for kind in KINDS}:
        check(f"{what}: {name}: some were served",
              counts.get(name, {}).get("good", 0) > 0)


def judge_books(world, what, load):
    """One row for each call, but for those that were refused before they were opened, and
    maybe for those of which it is not known whether they were."""
    refused = {call: answer.body for call, (_, _, _, answer, _) in load.calls.items()
               if answer.status in UNAVAILABLE}
    unopened = {call for call, body in refused.items() if "guard is not there" in body}
    perhaps = {call for call, body in refused.items()
               if "the host that worked on the call" in body}
    world.wait_rows(len(load.calls) - len(unopened) - len(perhaps))
    rows = {}
    for row in world.rows():
        rows.setdefault(row["request_id"], []).append(row)
    twice = [call for call, found in rows.items() if len(found) > 1 and call != "after"]
    missing = [(call, load.calls[call][3].status, load.calls[call][3].body[-200:])
               for call in load.calls
               if call not in rows and call not in unopened | perhaps]
    strange = [call for call in rows if call not in load.calls and call != "after"
               or call in unopened]
    check(f"{what}: one row for each call: none twice", twice[:3], [])
    check(f"{what}: none missing", missing[:3], [])
    check(f"{what}: none of a call that was not opened", strange[:3], [])
    good = [(call, rows[call][0]["outcome"]) for call, (kind, name, stream, answer, _)
            in load.calls.items() if is_whole(name, stream, answer) and call in rows
            and rows[call][0]["outcome"] != "ok"]
    check(f"{what}: a whole answer is a success", good[:3], [])


def judge_blocks(world, what, load):
    """What is blocked is told as such, and no other provider is asked."""
    wanted = {("refused", False): {("failed", "guardrail_blocked", 0, 400)},
              ("refused", True): {("failed", "guardrail_blocked", 0, 400)},
              ("blocked", False): {("failed", "upstream_guardrail_blocked", 1, 502)},
              ("blocked", True): {("failed", "upstream_guardrail_blocked", 1, 200)}}
    for (ends, stream), one in wanted.items():
        rows = [row for call, (kind, _, streams, *_) in load.calls.items()
                if (kind.ends, streams) == (ends, stream)
                for row in world.rows("request_id = ?", call)]
        check(f"{what}: rows of what is {ends}, stream {stream}",
              {(row["outcome"], row["error_type"], row["attempts"], row["status"])
               for row in rows} - one, set())


def judge_budgets(world, what, keys):
    def held():
        return [(row["key"], row["held"], row["held_nusd"])
                for row in world.admin("budgets") or () if row["held"]]
    try:
        until("nothing is held", lambda: not held(), 20)
    except TimeoutError:
        pass
    check(f"{what}: budgets are known", bool(world.admin("budgets")))
    check(f"{what}: nothing stays held of a budget", held(), [])
    for key in keys:
        if key:
            answer = world.talk("chat", "redact-chat.none.json", False, 100, key["key"])
            check(f"{what}: who has a budget can spend again", answer.status, 200)


def judge_told(world, what):
    for name in ("serve.out",):
        check(f"{what}: {name} tells no secret", not holds(SHUT, world.text(name)))
    told = world.run("admin", "guard").stdout
    check(f"{what}: admin tells no secret", not holds(SHUT, told))


def play(placement, seconds, dice, kills):
    what = f"{placement}, kills" if kills else placement
    with open_world(placement) as world:
        keys = [None, world.sign("--budget", "4000000000"),
                world.sign("--account", "eng", "--budget", "4000000000",
                           "--budget-scope", "account")]
        load = Load(world, dice, keys)
        end = time.monotonic() + seconds
        count = 0
        while time.monotonic() < end:
            time.sleep(dice.uniform(0.3, 1.2))
            if kills and count < KILLS_MAX:
                kill_guard(world)
                count += 1
        if kills:
            print(f"{what}: the guard was killed {count} times")
            wait_served(world)
        load.stop()
        judge_answers(what, load, kills)
        judge_books(world, what, load)
        if not kills:
            judge_blocks(world, what, load)
        judge_budgets(world, what, keys)
        judge_told(world, what)
        check(f"{what}: it ends in order", world.stop(), 0)


def main():
    need(BITROUTER, MOCK)
    seed = int(os.environ.get("BR_SEED") or random.randrange(1000000))
    print(f"BR_SEED={seed}")
    dice = random.Random(seed)
    only = os.environ.get("BR_ONLY", "")
    if only in ("", "kills"):
        for _ in range(math.ceil(SECONDS / LIFE)):
            play("processes", min(SECONDS, LIFE), dice, True)
    if only in ("", "placements"):
        for placement in os.environ.get("BR_PLACE", "one processes hosts").split():
            play(placement, min(SECONDS, 10) / 2, dice, False)
    if only in ("", "reload"):
        for placement in ("one", "processes") if DEEP else ("processes",):
            play_reload(placement, tally)
    tally.end()


if __name__ == "__main__":
    sys.exit(main())
